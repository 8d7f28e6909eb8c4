import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { sha256Hex } from '../../../crypto/documents/digest.ts'
import type { SignedDocument } from '../../../crypto/documents/signed-document.ts'
import { envelopeCertificates } from '../../../crypto/documents/tender.ts'
import { acceptRelease } from '../../../crypto/envelope/accept-release.ts'
import type { KeyOpener } from '../../../crypto/envelope/key-opener.ts'
import { openSealedBid } from '../../../crypto/envelope/open.ts'
import { joinShares, unwrapPartKeys, unwrapWithRecoveryCode } from '../../../crypto/envelope/part-keys.ts'
import { headerArchive, readSealedBid } from '../../../crypto/envelope/read.ts'
import { makeRelease, type Release } from '../../../crypto/envelope/release.ts'
import type { VerifiedBid } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { gmTenderFields, inGm1, makeGmBid } from '../../fixtures/gm-bid.ts'
import { makeChallenge, makeReceipt, openedAt } from '../../fixtures/opening.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import {
  clockAt,
  makeSealedBid,
  memorySink,
  recoveryCode,
  type SealedFixture,
  verifyFixture,
} from '../../fixtures/sealed-bid.ts'

const [gm, rsa] = [gmCa(), practiceCa()]
const digestOf = (bytes: Uint8Array) => toHex(gm1.digest(bytes))

describe('a split bid of suite gm-1', () => {
  let fixture: SealedFixture
  let verified: VerifiedBid
  let stored: VerifiedBid
  let receipt: SignedDocument
  let challenge: SignedDocument
  let release: Release

  const opening = gm.opening
  const question = (change: object = {}) => ({
    verified: stored,
    tender: fixture.tender,
    challenge,
    receipt,
    opener: gm.bidder.decrypt.opener(),
    signer: gm.bidder.sign.signer(),
    clock: clockAt(openedAt),
    ...change,
  })
  const answer = (change: object = {}) => ({
    verified: stored,
    tender: fixture.tender,
    challenge,
    release,
    opener: opening.opener(),
    at: openedAt,
    ...change,
  })

  beforeAll(async () => {
    fixture = await makeGmBid({ keyPolicy: 'split', recovery: true, backup: true, selfTest: true })
    verified = await verifyFixture(fixture)
    const bid = await readSealedBid(bytesSource(headerArchive(verified.bid)))
    stored = await verifyFixture(fixture, { bid, skipParts: true })
    receipt = await makeReceipt(bid)
    challenge = await makeChallenge(bid, receipt, { recipient: sha256Hex(opening.certificate) })
    release = await makeRelease(question())
  })
  afterAll(() => fixture.remove())

  it('names its suite and digests everything in the header with SM3, the package excepted', () => {
    const { header, headerBytes, sealDigest, suite } = verified.bid
    expect([header.suite, suite]).toEqual(['gm-1', gm1])
    expect(sealDigest).toBe(digestOf(headerBytes))
    expect(header.signer.certificateDigest).toBe(digestOf(gm.bidder.sign.certificate))
    expect(header.tender.packageDigest).toBe(sha256Hex(fixture.tender.bytes))
    const main = header.recipients.find(each => each.role === 'main')
    if (main === undefined || main.role === 'recovery') return expect.fail('no main lock')
    expect(main.certificateDigest).toBe(digestOf(gm.bidder.decrypt.certificate))
    expect(main.id).toBe(main.certificateDigest.slice(0, 16))
    expect(main.publicKeyDigest).toBe(digestOf(parseCertificate(gm.bidder.decrypt.certificate).publicKeyInfo))
    for (const { part, digest } of main.envelopes) expect(digest).toBe(digestOf(verified.bid.envelope(part, main.id)))
  })

  it('is sealed to the SM2 agency alone, though the tender lists an RSA one too', () => {
    const agencies = verified.bid.header.recipients.filter(each => each.role === 'agency').map(each => each.id)
    expect(agencies).toEqual([digestOf(gm.agency.certificate).slice(0, 16)])
    expect(fixture.tender.certificates('agency')).toHaveLength(2)
    const usable = (suite: typeof gm1) => envelopeCertificates(fixture.tender, 'agency', suite).map(each => each.der)
    expect([usable(gm1), usable(intl1)].map(list => list.map(each => sha256Hex(each)))).toEqual([
      [sha256Hex(gm.agency.certificate)],
      [sha256Hex(rsa.agency.certificate)],
    ])
  })

  it('proves the locks that are there in its self-test', () => {
    const proved = fixture.outcome.recipients.map(({ role, proved: held }) => [role, held])
    expect(proved).toEqual([
      ['main', true],
      ['backup', true],
      ['agency', false],
      ['recovery', false],
    ])
  })

  it('opens with both shares, whichever lock gives A, and with no share alone', async () => {
    const agency = await unwrapPartKeys(verified, gm.agency.opener())
    for (const lock of [gm.bidder.decrypt, gm.bidder.backup]) {
      const mine = await unwrapPartKeys(verified, lock.opener())
      expect(await documentsOf(verified, joinShares(verified, mine, agency).keys)).toEqual(digestsOf(fixture.contents))
      expect(await codeOf(() => openSealedBid(verified, mine.keys, memorySink()))).toBe('seal.key-mismatch')
    }
    const code = await unwrapWithRecoveryCode(verified, recoveryCode)
    expect(await documentsOf(verified, joinShares(verified, code, agency).keys)).toEqual(digestsOf(fixture.contents))
  })

  it('has no envelope for a lock of another bidder, and tells so', async () => {
    expect(await codeOf(() => unwrapPartKeys(verified, gm.rival.decrypt.opener()))).toBe('token.wrong-lock')
    expect(await codeOf(() => unwrapPartKeys(verified, rsa.bidder.decrypt.opener()))).toBe('token.wrong-lock')
  })

  it('is released to the SM2 opening certificate, which gets share A of every part', async () => {
    const accepted = await acceptRelease(answer())
    expect(accepted.parts.map(each => each.result)).toEqual(['matched', 'matched'])
    expect(accepted.digest).toBe(sha256Hex(release.bytes))
    if (accepted.held === null) return expect.fail('no keys')
    const agency = await unwrapPartKeys(verified, gm.agency.opener())
    expect(await documentsOf(verified, joinShares(verified, accepted.held, agency).keys)).toEqual(
      digestsOf(fixture.contents),
    )
  })

  it('is released with the recovery code and by the backup lock', async () => {
    for (const opener of [{ recoveryCode }, gm.bidder.backup.opener()]) {
      const accepted = await acceptRelease(answer({ release: await makeRelease(question({ opener })) }))
      expect(accepted.held?.holds).toBe('shareA')
    }
  })

  it('answers no challenge for the RSA opening certificate: no envelope of this suite could go there', async () => {
    const other = await makeChallenge(stored.bid, receipt, { recipient: sha256Hex(rsa.opening.certificate) })
    expect(await codeOf(() => makeRelease(question({ challenge: other })))).toBe('opening.challenge')
  })

  it('refuses, part by part, releases whose envelopes are of the other suite or for another certificate', async () => {
    const key = new Uint8Array(32).fill(7)
    const strange = [
      gm1.wrapKey(key, { recipient: parseCertificate(opening.certificate), padding: 'oaep' }),
      gm1.wrapKey(key, { recipient: parseCertificate(gm.agency.certificate), padding: 'oaep' }),
      intl1.wrapKey(key, { recipient: parseCertificate(rsa.opening.certificate), padding: 'oaep' }),
    ]
    for (const envelope of strange) {
      const envelopes = new Map(
        [...release.envelopes].map(([name, sound]) => [name, name === 'body' ? envelope : sound]),
      )
      const accepted = await acceptRelease(answer({ release: { ...release, envelopes } }))
      expect(accepted.parts.map(each => each.result)).toEqual(['matched', 'refused'])
      expect(accepted.held).toBeNull()
    }
  })
})

describe('a bid of suite gm-1 sealed whole', () => {
  it('opens again, with documents of several chunks and none', async () => {
    for (const documents of [[{ name: '图纸.pdf', bytes: Buffer.alloc(2 ** 21 + 12345, 7) }], []]) {
      const fixture = await makeGmBid({ parts: 'whole', documents, plainTwin: true })
      try {
        const verified = await verifyFixture(fixture)
        const { keys } = await unwrapPartKeys(verified, gm.bidder.decrypt.opener())
        expect(await documentsOf(verified, keys)).toEqual(digestsOf(fixture.contents))
      } finally {
        fixture.remove()
      }
    }
  })

  it('is refused at the first byte that differs, wherever it is', async () => {
    const fixture = await makeGmBid({ parts: 'whole' })
    try {
      const file = Uint8Array.from(readFileSync(fixture.path))
      for (const place of [0, 600, 1600, 70_000, file.length - 9000, file.length - 3000, file.length - 1]) {
        const changed = file.map((byte, index) => (index === place ? byte ^ 4 : byte))
        const read = async () => verifyFixture(fixture, { bid: await readSealedBid(bytesSource(changed)) })
        expect(await codeOf(read), String(place)).toMatch(/^seal\./)
      }
    } finally {
      fixture.remove()
    }
  })

  it('asks each lock once for each part, and never for a probe', async () => {
    let asked = 0
    const counting = (opener: KeyOpener): KeyOpener => ({
      ...opener,
      open(transport) {
        asked += 1
        return opener.open(transport)
      },
    })
    const fixture = await makeGmBid({
      selfTest: true,
      change: options => ({
        ...options,
        recipients: options.recipients.map(each => {
          return each.opener === undefined ? each : { ...each, opener: counting(each.opener) }
        }),
      }),
    })
    fixture.remove()
    expect(asked).toBe(2)
  })
})

describe('sealing in suite gm-1 refuses', () => {
  it('RSA locks and signers, and SM2 ones in suite intl-1', async () => {
    const sealed = (change: Parameters<typeof makeGmBid>[0]) => codeOf(() => makeGmBid(change))
    const { decrypt, sign } = rsa.bidder
    expect(
      await sealed({
        change: options => ({ ...options, recipients: [{ role: 'main', certificate: decrypt.certificate }] }),
      }),
    ).toBe('cert.unsupported')
    expect(await sealed({ change: options => ({ ...options, signer: sign.signer() }) })).toBe('cert.unsupported')
    expect(await sealed({ change: options => ({ ...options, suite: intl1 }) })).toBe('cert.unsupported')
  })

  it('a tender that does not take it, or has no SM2 agency for a split', async () => {
    expect(await codeOf(() => makeSealedBid({ change: inGm1 }))).toBe('seal.tender')
    const fields = { certificates: gmTenderFields().certificates.slice(0, 4) }
    expect(await codeOf(() => makeGmBid({ keyPolicy: 'split', fields }))).toBe('seal.tender')
  })

  it('a lock that opens to something else, when it proves itself', async () => {
    const wrong: KeyOpener = {
      certificate: gm.bidder.decrypt.certificate,
      open: () => Promise.resolve(new Uint8Array(32)),
    }
    const failing: KeyOpener = {
      ...wrong,
      open: () => Promise.reject(new CryptoFailure('token.unsupported', 'no SM2 here')),
    }
    for (const opener of [wrong, failing]) {
      const change: Parameters<typeof makeGmBid>[0] = {
        selfTest: true,
        change: options => ({ ...options, recipients: options.recipients.map(each => ({ ...each, opener })) }),
      }
      expect(await codeOf(() => makeGmBid(change))).toMatch(/^(seal\.self-test|token\.unsupported)$/)
    }
  })
})

/** Digests by name: comparing megabytes one by one takes half a minute. */
const digestsOf = (documents: ReadonlyMap<string, Uint8Array>) =>
  new Map([...documents].map(([name, bytes]) => [name, sha256Hex(bytes)]))

async function documentsOf(verified: VerifiedBid, keys: Parameters<typeof openSealedBid>[1]) {
  const sink = memorySink()
  await openSealedBid(verified, keys, sink)
  return digestsOf(sink.received)
}
