import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { sha256Hex } from '../../../crypto/documents/digest.ts'
import { decodeDocument } from '../../../crypto/documents/encoding.ts'
import type { DocumentFields } from '../../../crypto/documents/kinds.ts'
import { signDocument, type SignedDocument } from '../../../crypto/documents/signed-document.ts'
import { acceptRelease, type AcceptReleaseOptions } from '../../../crypto/envelope/accept-release.ts'
import { checkChallenge } from '../../../crypto/envelope/challenge.ts'
import type { PartName } from '../../../crypto/envelope/header.ts'
import type { KeyTransport } from '../../../crypto/envelope/key-opener.ts'
import { listDigest } from '../../../crypto/envelope/list-digest.ts'
import { openSealedBid } from '../../../crypto/envelope/open.ts'
import { joinShares, unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { headerArchive, readSealedBid } from '../../../crypto/envelope/read.ts'
import { makeRelease, type Release } from '../../../crypto/envelope/release.ts'
import type { VerifiedBid } from '../../../crypto/envelope/verify.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { makeChallenge, makeReceipt, openedAt } from '../../fixtures/opening.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import {
  clockAt,
  makeSealedBid,
  makeTender,
  memorySink,
  recoveryCode,
  type SealedFixture,
  verifyFixture,
} from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const unknown = 'ee'.repeat(32)
let fixture: SealedFixture
let verified: VerifiedBid
let receipt: SignedDocument
let challenge: SignedDocument
let release: Release
beforeAll(async () => {
  fixture = await makeSealedBid({ recovery: true })
  // The header archive is all the opening needs.
  const whole = await verifyFixture(fixture)
  const bid = await readSealedBid(bytesSource(headerArchive(whole.bid)))
  verified = await verifyFixture(fixture, { bid, skipParts: true })
  receipt = await makeReceipt(bid)
  challenge = await makeChallenge(bid, receipt)
  release = await makeRelease(question())
})
afterAll(() => fixture.remove())

function question(change: object = {}) {
  const opener = ca.bidder.decrypt.opener()
  const base = {
    verified,
    tender: fixture.tender,
    challenge,
    receipt,
    opener,
    signer: ca.bidder.sign.signer(),
    clock: clockAt(openedAt),
  }
  return { ...base, ...change }
}
function answer(change: Partial<AcceptReleaseOptions> = {}): AcceptReleaseOptions {
  return { verified, tender: fixture.tender, challenge, release, opener: ca.opening.opener(), at: openedAt, ...change }
}
const challenged = async (change: Partial<DocumentFields<'challenge'>>, signer = ca.opening.signer()) =>
  codeOf(async () =>
    checkChallenge({ ...question(), challenge: await makeChallenge(verified.bid, receipt, change, signer) }),
  )

describe('checkChallenge', () => {
  it('lets the platform’s own challenge for this bid through', () => {
    const checked = checkChallenge(question())
    expect(checked.fields.sealDigest).toBe(verified.bid.sealDigest)
    expect(checked.digest).toBe(sha256Hex(challenge.bytes))
  })

  it('refuses one made before the opening time, for another bid, tender, receipt or recipient', async () => {
    expect(await challenged({ openedAt: '2026-03-02T08:29:59Z' })).toBe('opening.early')
    expect(await challenged({ openedAt: '2026-03-02T08:30:00Z' }).catch(() => 'accepted')).toBe('accepted')
    expect(await challenged({ sealDigest: unknown })).toBe('opening.challenge')
    expect(await challenged({ receiptDigest: unknown })).toBe('opening.challenge')
    expect(await challenged({ recipient: unknown })).toBe('opening.challenge')
    expect(await challenged({ recipient: sha256Hex(ca.agency.certificate) })).toBe('opening.challenge')
    expect(await challenged({ recipient: sha256Hex(ca.rival.decrypt.certificate) })).toBe('opening.challenge')
    expect(await challenged({ closesAt: openedAt.toISOString() })).toBe('opening.challenge')
    const { platform, tenderId } = verified.bid.header.tender
    expect(await challenged({ tender: { platform, tenderId, lotId: '02' } })).toBe('opening.challenge')
  })

  it('refuses one that another certificate signed, the receipt’s included', async () => {
    for (const identity of [ca.receipt, ca.agency, ca.rival.sign])
      expect(await challenged({}, identity.signer())).toBe('opening.challenge')
  })

  it('refuses a receipt of another kind, bid, part or signer', async () => {
    const parts = verified.bid.header.parts.map(({ name, sealedSize }) => ({ name, sealedSize, root: unknown }))
    const changes: Partial<DocumentFields<'receipt'>>[] = [
      { kind: 'withdrawn' },
      { sealDigest: unknown },
      { parts },
      { parts: [] },
    ]
    const receipts = [
      ...(await Promise.all(changes.map(change => makeReceipt(verified.bid, change)))),
      await makeReceipt(verified.bid, {}, ca.opening.signer()),
    ]
    for (const other of receipts) {
      const named = await makeChallenge(verified.bid, other)
      expect(await codeOf(async () => checkChallenge({ ...question(), receipt: other, challenge: named }))).toBe(
        'opening.challenge',
      )
    }
    expect(checkChallenge({ ...question(), ...(await withReceipt({ kind: 'replaced' })) }).receipt.kind).toBe(
      'replaced',
    )
  })

  it('refuses the package of another tender', async () => {
    const { tender } = await makeTender({ fields: { title: 'other' } })
    expect(await codeOf(async () => checkChallenge({ ...question(), tender }))).toBe('opening.challenge')
  })

  async function withReceipt(change: Partial<DocumentFields<'receipt'>>) {
    const other = await makeReceipt(verified.bid, change)
    return { receipt: other, challenge: await makeChallenge(verified.bid, other) }
  }
})

describe('makeRelease', () => {
  it('wraps every part’s key for the opening certificate and for nobody else', async () => {
    const accepted = await acceptRelease(answer())
    expect(accepted.parts).toEqual([
      { name: 'opening', result: 'matched' },
      { name: 'body', result: 'matched' },
    ])
    const whole = await verifyFixture(fixture)
    const opened = await openSealedBid(whole, accepted.held?.keys ?? new Map(), memorySink())
    expect(opened.bid.documents.length).toBe(fixture.contents.size)
    expect(accepted.digest).toBe(sha256Hex(release.bytes))
    for (const envelope of release.envelopes.values()) {
      const mine = await intl1.openEnvelope(envelope, ca.bidder.decrypt.opener())
      expect([...(accepted.held?.keys.values() ?? [])].some(key => Buffer.from(key).equals(mine))).toBe(false)
    }
  })

  it('asks nothing of the lock before the challenge has held', async () => {
    let asked = 0
    const count = <T>(value: T) => ((asked += 1), value)
    const opener = {
      ...ca.bidder.decrypt.opener(),
      open: (transport: KeyTransport) => count(ca.bidder.decrypt.opener().open(transport)),
    }
    const signer = { ...ca.bidder.sign.signer(), sign: () => count(Promise.resolve(new Uint8Array(256))) }
    const early = await makeChallenge(verified.bid, receipt, { openedAt: '2026-03-02T01:00:00Z' })
    expect(await codeOf(() => makeRelease(question({ opener, signer, challenge: early })))).toBe('opening.early')
    expect(await codeOf(() => makeRelease(question({ opener, signer: ca.rival.sign.signer() })))).toBe(
      'token.wrong-lock',
    )
    expect(asked).toBe(0)
  })

  it('says that the lock is the wrong one, and releases nothing when its key does not match', async () => {
    expect(await codeOf(() => makeRelease(question({ opener: ca.rival.decrypt.opener() })))).toBe('token.wrong-lock')
    const false_ = { ...ca.rival.decrypt.opener(), certificate: ca.bidder.decrypt.certificate }
    expect(await codeOf(() => makeRelease(question({ opener: false_ })))).toBe('seal.key-mismatch')
  })

  it('releases with the printed recovery code where the lock is lost, and with a renewed certificate', async () => {
    const renewed = ca.issue('bidder-renewed', { profile: 'sign', creditCode: ca.bidder.creditCode })
    const made = await makeRelease(question({ opener: { recoveryCode }, signer: renewed.signer() }))
    expect((await acceptRelease(answer({ release: made }))).held?.holds).toBe('partKey')
  })

  it('releases share A in a split; share B opens the rest', async () => {
    const split = await makeSealedBid({ keyPolicy: 'split' })
    const bid = await verifyFixture(split)
    const own = await makeReceipt(bid.bid)
    const asked = await makeChallenge(bid.bid, own)
    const made = await makeRelease(question({ verified: bid, tender: split.tender, receipt: own, challenge: asked }))
    const accepted = await acceptRelease(
      answer({ verified: bid, tender: split.tender, challenge: asked, release: made }),
    )
    expect(accepted.held?.holds).toBe('shareA')
    if (accepted.held === null) throw new Error('refused')
    const agency = await unwrapPartKeys(bid, ca.agency.opener())
    await openSealedBid(bid, joinShares(bid, accepted.held, agency).keys, memorySink())
    split.remove()
  })
})

describe('acceptRelease', () => {
  const resign = async (
    change: Partial<DocumentFields<'release'>>,
    signer = ca.bidder.sign.signer(),
    envelopes = release.envelopes,
  ) => {
    const fields = { ...decodeDocument('release', release.bytes), ...change }
    return { ...(await signDocument('release', fields, signer, intl1, clockAt(openedAt))), envelopes }
  }
  const refusedFor = async (...args: Parameters<typeof resign>) =>
    codeOf(async () => acceptRelease(answer({ release: await resign(...args) })))

  it('refuses a release of another bidder, challenge, bid, opening, recipient, kind of key, or of one part only', async () => {
    expect(await refusedFor({}, ca.rival.sign.signer())).toBe('document.signature')
    for (const change of [
      { challengeDigest: unknown },
      { sealDigest: unknown },
      { openingId: 'other' },
      { recipient: unknown },
      { recipient: sha256Hex(ca.agency.certificate) },
      { holds: 'shareA' },
      { holds: 'shareB' },
    ] as const) {
      expect(await refusedFor(change)).toBe('opening.challenge')
    }
    const { parts } = decodeDocument('release', release.bytes)
    expect(await refusedFor({ parts: parts.slice(1) })).toBe('opening.challenge')
    expect(await refusedFor({ parts: [...parts].reverse() })).toBe('opening.challenge')
  })

  it('refuses another document in its place', async () => {
    const signIn = await makeReceipt(verified.bid, {}, ca.bidder.sign.signer())
    expect(await codeOf(() => acceptRelease(answer({ release: { ...signIn, envelopes: new Map() } })))).toBe(
      'document.wrong-type',
    )
  })

  it('answers one and the same for everything wrong between an envelope’s bytes and the commitment', async () => {
    const recipient = parseCertificate(ca.opening.certificate)
    const key = new Uint8Array(32).fill(1)
    const good = release.envelopes.get('body') ?? key
    const flipped = good.map((byte, index) => (index === good.length - 1 ? byte ^ 1 : byte))
    const wrong: readonly Uint8Array[] = [
      intl1.wrapKey(key, { recipient, padding: 'oaep' }),
      intl1.wrapKey(key, { recipient, padding: 'pkcs1' }),
      intl1.wrapKey(key, { recipient: parseCertificate(ca.agency.certificate), padding: 'oaep' }),
      flipped,
      good.subarray(0, -1),
      new Uint8Array(),
      new Uint8Array(20_000),
      release.envelopes.get('opening') ?? key,
    ]
    for (const envelope of wrong) {
      const envelopes = new Map<PartName, Uint8Array>([...release.envelopes, ['body', envelope]])
      const parts = decodeDocument('release', release.bytes).parts.map(part =>
        part.name === 'body' ? { ...part, envelopeDigest: sha256Hex(envelope) } : part,
      )
      for (const made of [await resign({ parts }, ca.bidder.sign.signer(), envelopes), { ...release, envelopes }]) {
        const accepted = await acceptRelease(answer({ release: made }))
        expect(accepted.parts).toEqual([
          { name: 'opening', result: 'matched' },
          { name: 'body', result: 'refused' },
        ])
        expect(accepted.held).toBeNull()
      }
    }
    const held = (await acceptRelease(answer())).held
    const rewrapped = intl1.wrapKey(held?.keys.get('body') ?? key, { recipient, padding: 'oaep' })
    const swapped = new Map<PartName, Uint8Array>([...release.envelopes, ['body', rewrapped]])
    const other = await acceptRelease(answer({ release: { ...release, envelopes: swapped } }))
    expect(other.parts.map(part => part.result)).toEqual(['matched', 'refused'])
    const missing = await acceptRelease(answer({ release: { ...release, envelopes: new Map() } }))
    expect(missing.parts.map(part => part.result)).toEqual(['refused', 'refused'])
  })
})

describe('listDigest', () => {
  it('does not depend on the order and refuses a digest twice or none', async () => {
    expect(listDigest([unknown, '11'.repeat(32)])).toBe(listDigest(['11'.repeat(32), unknown]))
    expect(listDigest([])).toBe(sha256Hex(Uint8Array.of(4)))
    expect(await codeOf(() => listDigest([unknown, unknown]))).toBe('arguments.bad')
    expect(await codeOf(() => listDigest(['ab']))).toBe('arguments.bad')
  })
})
