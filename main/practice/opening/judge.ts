import { acceptRelease, signDocument } from '../../../crypto/index.ts'
import type { AcceptedRelease, Release, SignedDocument } from '../../../crypto/index.ts'
import type { PlatformKeys } from '../platform-keys.ts'
import { verifiedHeaders } from './headers.ts'
import type { HeaderPlace } from './headers.ts'

/** A release to be judged; plain data, so that another thread can do it. */
export interface ReleaseQuestion {
  readonly header: HeaderPlace
  readonly openingId: string
  /** The one this platform gave. */
  readonly challenge: SignedDocument
  readonly release: Release
  /** By the platform's clock: when it came, and when it is signed for. */
  readonly receivedAt: Date
  readonly now: Date
}

/** What a release was worth, with the releaseReceipt that says so. */
export interface Judgement extends Pick<AcceptedRelease, 'digest' | 'parts'> {
  readonly receipt: SignedDocument
}

/** Judges releases with the opening key. */
export interface Judge {
  /** Reads the header of a bid whose release is about to come. */
  expect(header: HeaderPlace): Promise<void>
  /** Throws `document.*`, `cert.*`, `opening.challenge`. */
  judge(question: ReleaseQuestion): Promise<Judgement>
}

/** A judge on this thread. */
export function judgeHere(keys: PlatformKeys): Judge {
  const headers = verifiedHeaders()
  return {
    async expect(header) {
      await headers.of(header)
    },
    async judge({ header, openingId, challenge, release, receivedAt, now }) {
      const { verified, tender } = await headers.of(header)
      const opener = keys.openingKey
      const accepted = await acceptRelease({ verified, tender, challenge, release, opener, at: receivedAt })
      // Judged again after the close; until then no key of any bid stays in this process.
      for (const key of accepted.held?.keys.values() ?? []) key.fill(0)
      const { digest, parts } = accepted
      return { digest, parts, receipt: await signReceipt(keys, { openingId, digest, parts, receivedAt, now }) }
    },
  }
}

/** Signs a releaseReceipt. */
export function signReceipt(
  { opening, suite }: PlatformKeys,
  {
    openingId,
    digest,
    parts,
    receivedAt,
    now,
  }: Pick<ReleaseQuestion, 'openingId' | 'receivedAt' | 'now'> & Pick<AcceptedRelease, 'digest' | 'parts'>,
): Promise<SignedDocument> {
  const fields = { releaseDigest: digest, openingId, parts, serverTime: receivedAt.toISOString() }
  return signDocument('releaseReceipt', fields, opening, suite, { now: () => now })
}
