import { join } from 'node:path'
import {
  completeCreditCode,
  generatePrivateKey,
  publicKeyInfoOf,
  softKeyOpener,
  softSigner,
} from '../../../../crypto/index.ts'
import type { KeyOpener, PrivateKey, Signer, Suite } from '../../../../crypto/index.ts'
import { setupPracticePlatform } from '../../../practice/index.ts'
import { makeAuthority } from '../../rehearsal/authority.ts'
import type { RehearsalAuthority } from '../../rehearsal/authority.ts'
import { practiceKeyKind } from '../../rehearsal/key-kind.ts'
import { project } from '../../rehearsal/project.ts'
import type { BenchPorts } from '../subject.ts'

/** Somebody who bids, with software keys and certificates of his own. */
export interface LoadBidder {
  readonly name: string
  readonly creditCode: string
  readonly signer: Signer
  readonly certificate: Uint8Array
  readonly opener: KeyOpener
}

/** A practice CA and a platform under it, for many bidders. */
export interface LoadAuthority {
  readonly root: Uint8Array
  /** Makes a bidder; each number is another one. */
  bidder(number: number): LoadBidder
}

/**
 * Key pairs of a kind that are shared out: making a thousand RSA keys would take minutes, and the platform's work is the
 * same, since every bidder has certificates of his own.
 */
const pairs = 16

/** Makes the CA in a folder, and the platform's keys in another. */
export async function loadAuthority(
  ports: BenchPorts,
  suite: Suite,
  places: Pick<LoadPlaces, 'ca' | 'platform'>,
): Promise<LoadAuthority> {
  const authority = await makeAuthority(places.ca, suite, ports)
  await setupPracticePlatform({
    dir: places.platform,
    platformId: project.platformId,
    suite,
    authority: {
      issue: ({ commonName, publicKey }) =>
        Promise.resolve(authority.issue({ commonName, publicKey, profile: 'platform' })),
      intermediates: [authority.issuing],
    },
  })
  const keys = await Promise.all(Array.from({ length: 2 * pairs }, () => generatePrivateKey(practiceKeyKind(suite))))
  return { root: authority.root, bidder: number => bidder(authority, keys, number) }
}

function bidder(authority: RehearsalAuthority, keys: readonly PrivateKey[], number: number): LoadBidder {
  const name = `演练投标人第${number}号有限公司`
  const creditCode = creditCodeOf(number)
  const certified = (profile: 'sign' | 'decrypt', privateKey: PrivateKey | undefined) => {
    if (privateKey === undefined) throw new Error('no key')
    const publicKey = publicKeyInfoOf(privateKey)
    return { privateKey, certificate: authority.issue({ commonName: name, creditCode, profile, publicKey }) }
  }
  const sign = certified('sign', keys[number % pairs])
  const decrypt = certified('decrypt', keys[pairs + (number % pairs)])
  return {
    name,
    creditCode,
    signer: softSigner({ ...sign, intermediates: [authority.issuing] }),
    certificate: decrypt.certificate,
    opener: softKeyOpener(decrypt),
  }
}

/** A credit code for each number. */
export function creditCodeOf(number: number): string {
  return completeCreditCode(`91530000${String(number).padStart(9, '0')}`)
}

/** The folders of a load. */
export type LoadPlaces = Readonly<Record<'ca' | 'platform' | 'bids' | 'opened', string>>

/** Under one that is there. */
export function loadPlaces(root: string): LoadPlaces {
  return {
    ca: join(root, 'ca'),
    platform: join(root, 'platform'),
    bids: join(root, 'bids'),
    opened: join(root, 'opened'),
  }
}
