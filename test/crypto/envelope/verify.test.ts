import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { wrapForRecovery } from '../../../crypto/cms/recovery-envelope.ts'
import { encodeDocument } from '../../../crypto/documents/encoding.ts'
import type { Tender } from '../../../crypto/documents/tender.ts'
import type { SealHeader, SealRecipient } from '../../../crypto/envelope/header.ts'
import { headerArchive, readSealedBid } from '../../../crypto/envelope/read.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { systemRandomness } from '../../../crypto/io/system.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { fromHex, toHex } from '../../../crypto/json/hex.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import {
  type Entries,
  entriesOf,
  forgeBid,
  readEntries,
  resealBytes,
  resealHeader,
  withEntries,
} from '../../fixtures/forged-bid.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf, detailOf } from '../../fixtures/refusals.ts'
import { makeSealedBid, makeTender, recoveryCode, type SealedFixture, sealingTime } from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
let fixture: SealedFixture
let split: SealedFixture
let entries: Entries
let splitEntries: Entries
beforeAll(async () => {
  fixture = await makeSealedBid({ backup: true })
  split = await makeSealedBid({ keyPolicy: 'split' })
  entries = await entriesOf(fixture.path)
  splitEntries = await entriesOf(split.path)
})
afterAll(() => [fixture, split].forEach(each => each.remove()))

async function verify(what: Entries, tender: Tender = fixture.tender, at = sealingTime) {
  return verifySealedBid(await readEntries(what), { anchors: tender.anchors, tender, at })
}
/** The code for the bid with its header changed and signed again by its own signer. */
async function reseal(change: (header: SealHeader) => object, of = entries, tender = fixture.tender) {
  const changed = (header: SealHeader) => change(header) as SealHeader
  return codeOf(async () => verify(await resealHeader(of, changed), tender))
}
const mapPart = (change: (part: SealHeader['parts'][number]) => object) => (header: SealHeader) => ({
  ...header,
  parts: header.parts.map(change),
})
const mapRecipient = (change: (recipient: SealRecipient, index: number) => object) => (header: SealHeader) => ({
  ...header,
  recipients: header.recipients.map(change),
})
const unknown = 'ee'.repeat(32)

describe('verifySealedBid', () => {
  it('answers who signed, what was judged, and the parts', async () => {
    const verified = await verify(entries)
    expect(verified.creditCode).toBe(ca.bidder.creditCode)
    expect(verified.path.length).toBe(3)
    expect(verified.judgedAt).toEqual(sealingTime)
    expect(verified.revocation.map(({ status }) => status)).toEqual(['unknown', 'unknown'])
    expect(verified.parts.map(part => [part.name, part.ok])).toEqual([
      ['opening', true],
      ['body', true],
    ])
    await verify(splitEntries, split.tender)
  })

  it('lets a header archive through without its parts only when told to', async () => {
    const bid = await readSealedBid(bytesSource(headerArchive(await readEntries(entries))))
    const options = { anchors: fixture.tender.anchors, tender: fixture.tender, at: sealingTime }
    expect((await verifySealedBid(bid, { ...options, skipParts: true })).parts).toEqual([])
    expect(await codeOf(() => verifySealedBid(bid, options))).toBe('seal.entries')
  })

  it('stops when asked to and reports its progress', async () => {
    const bid = await readEntries(entries)
    const options = { anchors: fixture.tender.anchors, at: sealingTime }
    const seen: number[] = []
    await verifySealedBid(bid, { ...options, onProgress: ({ done, total }) => seen.push(done / total) })
    expect(seen.at(0)).toBe(0)
    expect(seen.at(-1)).toBe(1)
    expect(await codeOf(() => verifySealedBid(bid, { ...options, signal: AbortSignal.abort() }))).toBe('cancelled')
  })
})

describe('check 2, the header', () => {
  const bytes = (text: string) => async () => readEntries(await resealBytes(entries, Buffer.from(text)))
  it('refuses another type, format or suite, and JSON outside the rules', async () => {
    const text = Buffer.from((await readEntries(entries)).headerBytes).toString()
    for (const other of [
      text.replace('bidseal/1 seal', 'bidseal/1 signIn'),
      text.replace('bidseal/1 seal', 'bidseal/2 seal'),
      text.replace('"format":1', '"format":2'),
      text.replace('"format":1', '"format":"1"'),
      text.replace('intl-1', 'intl-2'),
      text.replace('intl-1', 'gm-2'),
      text.replace('"format":1', '"format":1,"format":1'),
      text.replace('"lotId":"01"', '"lotId":"0\\u0000"'),
      text.replace('"lotId":"01",', ''),
      text.replace(/"sealId":"[^"]+"/, '"sealId":"X"'),
      text.replace('"role":"main"', '"role":"owner"'),
      text.replace('"keyPolicy":"bidder"', '"keyPolicy":"none"'),
      `${text}\n`,
      ` ${text}`,
      '{}',
      '',
    ]) {
      expect(await codeOf(bytes(other))).toBe('seal.header')
    }
  })

  it('refuses a sign-in document in the place of a header', async () => {
    const signIn = encodeDocument('signIn', {
      openingId: 'o',
      sealDigest: unknown,
      creditCode: ca.bidder.creditCode,
      nonce: unknown,
      at: '2026-03-02T01:00:00Z',
    })
    expect(await codeOf(async () => readEntries(await resealBytes(entries, signIn)))).toBe('seal.header')
  })

  it('requires every field that is not optional and takes those that are', async () => {
    const { header } = await readEntries(entries)
    for (const name of Object.keys(header)) {
      const { [name as keyof SealHeader]: _gone, ...rest } = header
      const run = async () => {
        const text = JSON.stringify({ type: 'bidseal/1 seal', ...rest })
        return verifySealedBid(await bytes(text)(), { anchors: fixture.tender.anchors, at: sealingTime })
      }
      if (['createdAt', 'clock', 'remedy', 'replaces', 'traces'].includes(name)) await run()
      else expect(await codeOf(run)).toBe('seal.header')
    }
  })

  it('ignores fields it does not know', async () => {
    const text = Buffer.from((await readEntries(entries)).headerBytes).toString()
    const bid = await bytes(text.replace('"format":1', '"format":1,"later":{"a":[1]}'))()
    expect(bid.header.format).toBe(1)
  })

  it('refuses seventeen recipients and a recovery code with a certificate', async () => {
    const many = mapRecipient(each => each)
    expect(
      await codeOf(async () =>
        readEntries(
          await resealBytes(
            entries,
            rawHeader(await readEntries(entries), header => ({
              ...many(header),
              recipients: Array.from({ length: 17 }, () => header.recipients[0]),
            })),
          ),
        ),
      ),
    ).toBe('seal.header')
    const recovery = (header: SealHeader) => ({
      ...header,
      recipients: header.recipients.map(each => ({ ...each, role: 'recovery', id: 'recovery' })),
    })
    expect(
      await codeOf(async () =>
        readEntries(await resealBytes(entries, rawHeader(await readEntries(entries), recovery))),
      ),
    ).toBe('seal.header')
  })
})

function rawHeader(bid: { readonly header: SealHeader }, change: (header: SealHeader) => object): Uint8Array {
  return Buffer.from(JSON.stringify({ type: 'bidseal/1 seal', ...change(bid.header) }))
}

describe('check 3, the signature', () => {
  it('refuses a changed header byte, another signature, another signer', async () => {
    const { headerBytes, header } = await readEntries(entries)
    const text = Buffer.from(Buffer.from(headerBytes).toString().replace('"clock":"computer"', '"clock":"Computer"'))
    expect(await codeOf(() => verify(withEntries(entries, { 'META-INF/seal.json': text })))).toBe('seal.signature')
    expect(await codeOf(() => verify(withEntries(entries, { 'META-INF/seal.p7s': Buffer.from('no') })))).toBe(
      'seal.signature',
    )
    const rival = await resealBytes(entries, headerBytes, ca.rival.sign.signer())
    expect(await codeOf(() => verify(rival))).toBe('seal.signature')
    const stolen = await resealHeader(
      entries,
      each => ({ ...each, signer: { certificateDigest: toHex(intl1.digest(ca.rival.sign.certificate)) } }),
      ca.rival.sign.signer(),
    )
    expect(await codeOf(() => verify(stolen))).toBe('seal.signature')
    expect(header.bidder.creditCode).toBe(ca.bidder.creditCode)
  })

  it('refuses a copied bid under a second signer’s own name: its recipients show or its parts know the first', async () => {
    const copied = await resealHeader(
      entries,
      each => ({
        ...each,
        bidder: { name: ca.rival.name, creditCode: ca.rival.creditCode },
        signer: { certificateDigest: toHex(intl1.digest(ca.rival.sign.certificate)) },
      }),
      ca.rival.sign.signer(),
    )
    // Nothing here tells without a key; the commitments do (see the tests of opening).
    const verified = await verify(copied)
    expect(verified.creditCode).toBe(ca.rival.creditCode)
  })

  it('refuses a recipient whose subject shows another credit code', async () => {
    const subject = toHex(
      encodeName([
        ['CN', 'x'],
        ['organizationIdentifier', ca.rival.creditCode],
      ]),
    )
    expect(await reseal(mapRecipient(each => ({ ...each, subject })))).toBe('seal.signature')
    expect(await reseal(mapRecipient(each => ({ ...each, subject: '0500' })))).toBe('seal.signature')
  })

  it('names the certificate’s own fault as the cause', async () => {
    const failure = await verify(entries, fixture.tender, new Date('2040-01-01T00:00:00Z')).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'seal.signature', cause: { code: 'cert.expired' } })
    const { tender } = await makeTender({
      fields: { acceptedCas: [Buffer.from(ca.bidder.decrypt.certificate).toString('base64')] },
    })
    const untrusted = await verify(entries, tender).catch((error: unknown) => error)
    expect(untrusted).toBeInstanceOf(CryptoFailure)
    expect(untrusted).toMatchObject({ code: 'seal.signature', cause: { code: 'cert.untrusted' } })
  })

  it('refuses a time stamp that is none', async () => {
    const stamped: Entries = [...entries, ['META-INF/seal.tsr', Buffer.from('3000', 'hex')]]
    expect(await codeOf(() => verify(stamped))).toBe('seal.signature')
  })
})

describe('check 4, the tender', () => {
  it('refuses every field of the tender that differs from the package', async () => {
    for (const field of ['platform', 'tenderId', 'lotId', 'projectCode'] as const) {
      expect(await reseal(header => ({ ...header, tender: { ...header.tender, [field]: 'other' } }))).toBe(
        'seal.tender',
      )
    }
    for (const field of ['deadline', 'openingTime'] as const) {
      const time = '2026-03-02T08:00:01Z'
      expect(await reseal(header => ({ ...header, tender: { ...header.tender, [field]: time } }))).toBe('seal.tender')
    }
    expect(await reseal(header => ({ ...header, tender: { ...header.tender, packageDigest: unknown } }))).toBe(
      'seal.tender',
    )
  })

  it('refuses another policy, remedy, kind of parts, suite or agency than the package’s', async () => {
    expect(await reseal(header => ({ ...header, keyPolicy: 'split' }))).toBe('seal.tender')
    expect(await reseal(header => ({ ...header, remedy: { kind: 'second-lock' } }))).toBe('seal.tender')
    expect(await reseal(header => ({ ...header, remedy: { kind: 'none' }, recipients: [] }))).toBe('seal.entries')
    expect(await reseal(header => ({ ...header, parts: header.parts.slice(1) }))).toBe('seal.tender')
    expect(
      await reseal(
        mapRecipient(each => (each.role === 'agency' ? { ...each, certificateDigest: unknown } : each)),
        splitEntries,
        split.tender,
      ),
    ).toBe('seal.tender')
    expect(
      await reseal(header => ({
        ...header,
        recipients: [...header.recipients, { id: 'recovery', role: 'recovery', envelopes: [] }],
      })),
    ).toBe('seal.tender')
    const { tender } = await makeTender({ fields: { suites: ['gm-1'] } })
    const moved = (header: SealHeader) => ({
      ...header,
      tender: { ...header.tender, packageDigest: tender.packageDigest },
    })
    expect(await reseal(moved, entries, tender)).toBe('seal.tender')
  })

  it('is left out when no package is at hand', async () => {
    const other = await resealHeader(entries, header => ({ ...header, tender: { ...header.tender, lotId: 'other' } }))
    await verifySealedBid(await readEntries(other), { anchors: fixture.tender.anchors, at: sealingTime })
  })
})

describe('check 5, the entries', () => {
  it('refuses sizes that do not follow from one another or from the entries', async () => {
    expect(await reseal(mapPart(part => ({ ...part, size: part.size - 1 })))).toBe('seal.entries')
    expect(await reseal(mapPart(part => ({ ...part, size: 0, sealedSize: 16 })))).toBe('seal.entries')
    expect(await reseal(mapPart(part => ({ ...part, sealedSize: part.sealedSize + 16 })))).toBe('seal.entries')
    expect(
      await reseal(mapPart(part => ({ ...part, size: part.size + 65_536, sealedSize: part.sealedSize + 65_536 }))),
    ).toBe('seal.entries')
    const part = withEntries(entries, { 'parts/opening.enc': Buffer.alloc(65_536) })
    expect(await codeOf(() => verify(part))).toBe('seal.entries')
  })

  it('refuses a missing part, a part twice, parts in another order', async () => {
    expect(await codeOf(() => verify(withEntries(entries, { 'parts/opening.enc': null })))).toBe('seal.entries')
    expect(await codeOf(() => verify(withEntries(entries, { 'parts/body.enc': null })))).toBe('seal.entries')
    expect(await reseal(header => ({ ...header, parts: [...header.parts].reverse() }))).toBe('seal.entries')
    expect(await reseal(header => ({ ...header, parts: [header.parts[1], header.parts[1]] }))).toBe('seal.entries')
  })

  it('refuses recipients and envelopes that do not correspond one to one', async () => {
    const [key] = entries.filter(([name]) => name.startsWith('keys/'))
    expect(await codeOf(() => verify(withEntries(entries, { [key?.[0] ?? '']: null })))).toBe('seal.entries')
    expect(await reseal(header => ({ ...header, recipients: header.recipients.slice(1) }))).toBe('seal.entries')
    expect(await reseal(header => ({ ...header, recipients: [header.recipients[0], header.recipients[0]] }))).toBe(
      'seal.entries',
    )
    expect(await reseal(mapRecipient(each => ({ ...each, envelopes: [...each.envelopes].reverse() })))).toBe(
      'seal.entries',
    )
    expect(await reseal(mapRecipient(each => ({ ...each, envelopes: each.envelopes.slice(1) })))).toBe('seal.entries')
    expect(await reseal(mapRecipient((each, index) => (index === 0 ? { ...each, id: 'ab'.repeat(8) } : each)))).toBe(
      'seal.entries',
    )
  })

  it('refuses an agency under bidder whatever the package says, and split without one side', async () => {
    const agency = mapRecipient((each, index) =>
      index === 1
        ? {
            ...each,
            role: 'agency',
            certificateDigest: toHex(intl1.digest(ca.agency.certificate)),
            id: toHex(intl1.digest(ca.agency.certificate)).slice(0, 16),
          }
        : each,
    )
    expect(await reseal(agency)).toBe('seal.entries')
    for (const role of ['main', 'agency']) {
      const oneSided = (header: SealHeader) => ({
        ...header,
        recipients: header.recipients.filter(each => each.role === role),
      })
      expect(await reseal(oneSided, splitEntries, split.tender)).toBe('seal.entries')
    }
  })

  it('requires share commitments exactly in split', async () => {
    const commitment = { a: unknown, b: unknown }
    expect(await reseal(mapPart(part => ({ ...part, shareCommitment: commitment })))).toBe('seal.entries')
    const without = mapPart(({ shareCommitment: _gone, ...part }) => part)
    expect(await reseal(without, splitEntries, split.tender)).toBe('seal.entries')
  })
})

describe('check 5, where everything else is in order', () => {
  it('refuses parts of no bytes and of any length but a multiple of 64 KiB', async () => {
    for (const size of [0, 1, 65_535, 65_537]) {
      const plaintexts = [
        ['opening', Buffer.alloc(65_536)],
        ['body', Buffer.alloc(size)],
      ] as const
      const forged = await forgeBid({ tender: fixture.tender, plaintexts })
      expect(await codeOf(() => verify(forged.entries))).toBe('seal.entries')
    }
  })

  it('refuses a split that has lost one side, envelopes and all', async () => {
    for (const kept of ['main', 'agency']) {
      const { header } = await readEntries(splitEntries)
      const gone = header.recipients.filter(each => each.role !== kept).map(each => each.id)
      const without = splitEntries.filter(([name]) => gone.every(id => !name.includes(id)))
      const oneSided = (of: SealHeader) => ({ ...of, recipients: of.recipients.filter(each => each.role === kept) })
      expect(await reseal(oneSided, without, split.tender)).toBe('seal.entries')
    }
  })

  it('says that two recipients have one id', async () => {
    const twice = await resealHeader(entries, header => ({
      ...header,
      recipients: [...header.recipients, ...header.recipients],
    }))
    expect(await detailOf(() => verify(twice))).toMatch(/one id/)
  })
})

describe('check 6, the envelopes', () => {
  const names = () => entries.filter(([name]) => name.startsWith('keys/')).map(([name]) => name)

  it('refuses an envelope that is not the header’s', async () => {
    const [one = '', other = ''] = names()
    const bytes = entries.find(([name]) => name === other)?.[1] ?? new Uint8Array()
    expect(await codeOf(() => verify(withEntries(entries, { [one]: bytes })))).toBe('seal.envelope')
    const main = parseCertificate(ca.bidder.decrypt.certificate)
    const again = intl1.wrapKey(new Uint8Array(32), { recipient: main, padding: 'oaep' })
    const name = `keys/body.${toHex(intl1.digest(main.der)).slice(0, 16)}.p7m`
    expect(await codeOf(() => verify(withEntries(entries, { [name]: again })))).toBe('seal.envelope')
  })

  it('refuses an envelope outside the profile though the header names it', async () => {
    const [name = ''] = names()
    const replaced = async (envelope: Uint8Array) => {
      const changed = withEntries(entries, { [name]: envelope })
      const [, part, id] = /^keys\/(\w+)\.(\w+)\.p7m$/.exec(name) ?? []
      return codeOf(async () =>
        verify(
          await resealHeader(
            changed,
            header =>
              mapRecipient(each => {
                if (each.id !== id) return each
                return {
                  ...each,
                  envelopes: each.envelopes.map(one =>
                    one.part === part ? { part, digest: toHex(intl1.digest(envelope)) } : one,
                  ),
                }
              })(header) as SealHeader,
          ),
        ),
      )
    }
    const wrong = intl1.wrapKey(new Uint8Array(32), {
      recipient: parseCertificate(ca.agency.certificate),
      padding: 'oaep',
    })
    expect(await replaced(wrong)).toBe('seal.envelope')
    expect(await replaced(fromHex('3000'))).toBe('seal.envelope')
    expect(
      await replaced(await wrapForRecovery(new Uint8Array(32), recoveryCode, { randomness: systemRandomness })),
    ).toBe('seal.envelope')
  })

  it('refuses PKCS#1 v1.5 to an agency', async () => {
    const certificate = parseCertificate(ca.agency.certificate)
    const id = toHex(intl1.digest(certificate.der)).slice(0, 16)
    const envelope = intl1.wrapKey(new Uint8Array(32), { recipient: certificate, padding: 'pkcs1' })
    const changed = withEntries(splitEntries, { [`keys/body.${id}.p7m`]: envelope })
    const digest = toHex(intl1.digest(envelope))
    const named = mapRecipient(each => {
      if (each.id !== id) return each
      return { ...each, envelopes: each.envelopes.map(one => (one.part === 'body' ? { ...one, digest } : one)) }
    })
    expect(await reseal(named, changed, split.tender)).toBe('seal.envelope')
  })
})

describe('check 7, the roots', () => {
  it('refuses a part with any byte changed, and two parts of one size exchanged', async () => {
    for (const name of ['parts/opening.enc', 'parts/body.enc']) {
      const bytes = Uint8Array.from(entries.find(([each]) => each === name)?.[1] ?? [])
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x10
      expect(await codeOf(() => verify(withEntries(entries, { [name]: bytes })))).toBe('seal.root')
    }
    const [opening, body] = ['parts/opening.enc', 'parts/body.enc'].map(
      name => entries.find(([each]) => each === name)?.[1],
    )
    expect(opening?.length).toBe(body?.length)
    const exchanged = withEntries(entries, { 'parts/opening.enc': body ?? null, 'parts/body.enc': opening ?? null })
    expect(await codeOf(() => verify(exchanged))).toBe('seal.root')
  })
})

describe('the order of checks', () => {
  it('reports the first of several faults', async () => {
    // From the last to the first: each further fault takes over.
    const root = withEntries(entries, {
      'parts/body.enc': Buffer.alloc(entries.find(([name]) => name === 'parts/body.enc')?.[1].length ?? 0),
    })
    expect(await codeOf(() => verify(root))).toBe('seal.root')
    const [key = ''] = entries.map(([name]) => name).filter(name => name.startsWith('keys/'))
    const envelope = withEntries(root, { [key]: Buffer.from('3000', 'hex') })
    expect(await codeOf(() => verify(envelope))).toBe('seal.envelope')
    const sizes = await resealHeader(
      envelope,
      header => mapPart(part => ({ ...part, size: 1 }))(header) as unknown as SealHeader,
    )
    expect(await codeOf(() => verify(sizes))).toBe('seal.entries')
    const tender = await resealHeader(sizes, header => ({ ...header, tender: { ...header.tender, lotId: 'x' } }))
    expect(await codeOf(() => verify(tender))).toBe('seal.tender')
    const signature = await resealHeader(tender, header => header, ca.rival.sign.signer())
    expect(await codeOf(() => verify(signature))).toBe('seal.signature')
    const header = withEntries(signature, { 'META-INF/seal.json': Buffer.from('{}') })
    expect(await codeOf(() => verify(header))).toBe('seal.header')
    expect(await codeOf(() => verify([...header, ['x', Buffer.alloc(0)]]))).toBe('seal.container')
  })
})
