import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import type { PdfSignature } from '../../../../crypto/sign/pdf/signature-facts.ts'
import type { PdfTrust } from '../../../../crypto/sign/pdf/verify-field.ts'
import { timestampTokenOf } from '../../../../crypto/sign/pdf/timestamp-token.ts'
import { verifyPdf } from '../../../../crypto/sign/pdf/verify-pdf.ts'
import { type PdfBench, samplePdf, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf, type MadeObjects } from '../../../fixtures/pdf-made.ts'
import { opensslTimestamp } from '../../../fixtures/pdf-stamp.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/refusals.ts'

const subject = madePdf(blankPages(2))

async function verifyOnly(pdf: Uint8Array, trust: PdfTrust = {}): Promise<PdfSignature> {
  const { signatures } = await verifyPdf(bytesSource(pdf), trust)
  const [signature] = signatures
  if (signature === undefined || signatures.length > 1) throw new Error(`${signatures.length} signatures`)
  return signature
}

async function signed(bench: PdfBench, pdf: Uint8Array = subject): Promise<Uint8Array> {
  await bench.sign(pdf, 'signed.pdf')
  return bench.read('signed.pdf')
}

interface Hole {
  readonly start: number
  readonly end: number
}

function hole(pdf: Uint8Array): Hole {
  const found = /\/ByteRange \[0 (\d+) (\d+) (\d+)/.exec(Buffer.from(pdf).toString('latin1'))
  return { start: Number(found?.[1]), end: Number(found?.[2]) }
}

/** The document with one text in it replaced by another of the same length. */
function edited(pdf: Uint8Array, from: string, to: string): Uint8Array {
  if (from.length !== to.length) throw new Error('another length')
  const text = Buffer.from(pdf).toString('latin1')
  if (!text.includes(from)) throw new Error(`${from} is not there`)
  return Buffer.from(
    text.replace(from, () => to),
    'latin1',
  )
}

/** The document with another signature value in its room, made by `make` over what is covered. */
function revalued(pdf: Uint8Array, make: (covered: Uint8Array) => Uint8Array): Uint8Array {
  const { start, end } = hole(pdf)
  const value = make(Buffer.concat([pdf.subarray(0, start), pdf.subarray(end)]))
  const room = (end - start - 2) / 2
  if (value.length > room) throw new Error('no room')
  const copy = Buffer.from(pdf)
  copy.write(
    Buffer.from(value)
      .toString('hex')
      .padEnd(room * 2, '0'),
    start + 1,
    'latin1',
  )
  return copy
}

/** `openssl cms -sign` with the bidder's key. */
function opensslSigner(bench: PdfBench, ...args: readonly string[]): (covered: Uint8Array) => Uint8Array {
  const ca = practiceCa()
  return covered => {
    bench.put('covered', covered)
    bench.put('signer.pem', toPem(ca.bidder.sign.certificate, 'CERTIFICATE'))
    bench.put('signer.key', ca.bidder.sign.privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const fixed = ['-sign', '-binary', '-in', 'covered', '-signer', 'signer.pem', '-inkey', 'signer.key']
    const made = bench.run('openssl', 'cms', ...fixed, '-outform', 'DER', '-out', 'made.der', ...args)
    if (made.code !== 0) throw new Error(made.text)
    return bench.read('made.der')
  }
}

const asAdobe = (pdf: Uint8Array) => edited(pdf, 'ETSI.CAdES.detached', 'adbe.pkcs7.detached')

describe('the verification of signatures that others made', () => {
  it.each([
    ['SHA-256', ['-md', 'sha256'], { digest: 'sha256', algorithm: 'rsa-pkcs1' }],
    ['SHA-384', ['-md', 'sha384'], { digest: 'sha384', algorithm: 'rsa-pkcs1' }],
    ['SHA-512', ['-md', 'sha512'], { digest: 'sha512', algorithm: 'rsa-pkcs1' }],
    [
      'PSS',
      ['-md', 'sha256', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:20'],
      { digest: 'sha256', algorithm: 'rsa-pss' },
    ],
    [
      'PSS with SHA-512',
      ['-md', 'sha512', '-keyopt', 'rsa_padding_mode:pss'],
      { digest: 'sha512', algorithm: 'rsa-pss' },
    ],
    ['a key identifier', ['-md', 'sha256', '-keyid'], { digest: 'sha256' }],
  ])('reads adbe.pkcs7.detached with %s', async (_what, args, expected) => {
    await withPdfBench(async bench => {
      const pdf = revalued(asAdobe(await signed(bench)), opensslSigner(bench, ...args))
      bench.put('other.pdf', pdf)
      const signature = await verifyOnly(pdf)
      expect(signature).toMatchObject({ subFilter: 'adbe.pkcs7.detached', coverage: { kind: 'whole-file' } })
      expect(signature.verdict).toMatchObject({ kind: 'valid', ...expected })
      // This poppler does not look certificates up by their key.
      if (!args.includes('-keyid')) expect(bench.pdfsig('other.pdf')).toEqual(['Signature is Valid.'])
    })
  })

  it('reads ETSI.CAdES.detached of openssl, and refuses it without the signed name of the certificate', async () => {
    await withPdfBench(async bench => {
      const pdf = await signed(bench)
      expect((await verifyOnly(revalued(pdf, opensslSigner(bench, '-cades')))).verdict.kind).toBe('valid')
      expect((await verifyOnly(revalued(pdf, opensslSigner(bench)))).verdict).toEqual({
        kind: 'broken',
        detail: 'the signing certificate is not signed',
      })
    })
  })

  it.each([
    ['BER', ['-stream'], /BER/],
    ['SHA-1', ['-md', 'sha1'], /digest other than/],
    ['no signed attributes', ['-noattr'], /without signed attributes/],
    ['no certificate', ['-nocerts'], /certificate is not listed/],
    ['the content inside', ['-nodetach'], /other content/],
  ])('names what it does not read: %s', async (_what, args, detail) => {
    await withPdfBench(async bench => {
      // A time stamp's room makes room for longer values.
      await bench.sign(subject, 'roomy.pdf', { timestamp: opensslTimestamp(bench) })
      const pdf = revalued(asAdobe(bench.read('roomy.pdf')), opensslSigner(bench, ...args))
      const { verdict } = await verifyOnly(pdf)
      expect(verdict.kind).toBe('not-read')
      expect(verdict.kind === 'not-read' && verdict.detail).toMatch(detail)
    })
  })

  it('names forms of signatures it does not know', async () => {
    await withPdfBench(async bench => {
      for (const form of ['adbe.x509.rsa_sha1 ', 'adbe.pkcs7.sha1    ']) {
        const pdf = edited(await signed(bench), 'ETSI.CAdES.detached', form)
        expect((await verifyOnly(pdf)).verdict).toEqual({ kind: 'not-read', detail: `the form ${form.trim()}` })
      }
    })
  })

  it('reads a time stamp over the document', async () => {
    await withPdfBench(async bench => {
      const ask = opensslTimestamp(bench)
      await bench.sign(subject, 'signed.pdf', { timestamp: ask })
      const pdf = edited(bench.read('signed.pdf'), 'ETSI.CAdES.detached', 'ETSI.RFC3161       ')
      const imprints: Uint8Array[] = []
      revalued(pdf, covered => {
        imprints.push(createHash('sha256').update(covered).digest())
        return new Uint8Array(0)
      })
      const answer = await ask(imprints[0] ?? new Uint8Array(0))
      const stamped = revalued(pdf, () => timestampTokenOf(answer))
      const anchors = [parseCertificate(practiceCa().root)]
      const signature = await verifyOnly(stamped, { anchors })
      expect(signature).toMatchObject({
        purpose: 'document-timestamp',
        verdict: { kind: 'valid', timestamp: { kind: 'valid' }, trust: { kind: 'trusted' } },
      })
      expect((await verifyOnly(edited(stamped, '0.9 g', '0.8 g'))).verdict.kind).toBe('changed')
    })
  })
})

describe('a changed document', () => {
  it('is found whichever byte outside the signature value was changed', async () => {
    await withPdfBench(async bench => {
      const pdf = await signed(bench)
      const { start, end } = hole(pdf)
      for (let at = 20; at < pdf.length; at += Math.ceil(pdf.length / 60)) {
        if (at >= start && at < end) continue
        const copy = Uint8Array.from(pdf)
        copy[at] = (copy[at] ?? 0) ^ 0x01
        const outcome = await verifyPdf(bytesSource(copy)).catch(() => null)
        const kinds = outcome?.signatures.map(({ verdict }) => verdict.kind) ?? []
        expect(kinds, `byte ${at}`).not.toContain('valid')
      }
    })
  })

  it('is told apart from a signature that does not hold', async () => {
    await withPdfBench(async bench => {
      const pdf = await signed(bench)
      expect((await verifyOnly(edited(pdf, '0.9 g', '0.8 g'))).verdict.kind).toBe('changed')
      const foreign = revalued(pdf, covered => {
        const value = opensslSigner(bench, '-cades')(covered)
        const last = value.length - 1
        value[last] = (value[last] ?? 0) ^ 1
        return value
      })
      expect((await verifyOnly(foreign)).verdict).toEqual({ kind: 'broken', detail: 'the signature does not hold' })
    })
  })

  it.each([
    [
      'that leaves out more than the signature value',
      (start: number, end: number, size: number) => [0, start - 9, end, size - end],
    ],
    [
      'that leaves out more after it',
      (start: number, end: number, size: number) => [0, start, end + 3, size - end - 3],
    ],
    ['that covers the signature value', (start: number, _end: number, size: number) => [0, start, start, size - start]],
    [
      'that does not begin at the first byte',
      (start: number, end: number, size: number) => [1, start, end, size - end],
    ],
    ['that goes beyond the end', (start: number, end: number, size: number) => [0, start, end, size - end + 1]],
    ['that ends before the end', (start: number, end: number, size: number) => [0, start, end, size - end - 9]],
  ])('is not believed with a byte range %s', async (_what, range) => {
    await withPdfBench(async bench => {
      const pdf = Buffer.from(await signed(bench))
      const { start, end } = hole(pdf)
      const numbers = range(start, end, pdf.length).join(' ')
      const [old = ''] = /\/ByteRange \[[^\]]*\] */.exec(pdf.toString('latin1')) ?? []
      const { verdict, coverage } = await verifyOnly(
        edited(pdf, old, `/ByteRange [${numbers}`.padEnd(old.length - 1) + ']'),
      )
      expect(verdict.kind).toBe('broken')
      expect(coverage.kind).toBe('broken')
    })
  })
})

describe('a signature value', () => {
  it('is not believed when its byte range leaves out another string than it', async () => {
    await withPdfBench(async bench => {
      const pdf = Buffer.from(await signed(bench))
      const name = pdf.indexOf('/Name <') + '/Name '.length
      const end = pdf.indexOf('>', name) + 1
      const [old = ''] = /\/ByteRange \[[^\]]*\] */.exec(pdf.toString('latin1')) ?? []
      const range = `/ByteRange [0 ${name} ${end} ${pdf.length - end}]`.padEnd(old.length)
      expect((await verifyOnly(edited(pdf, old, range))).coverage).toEqual({
        kind: 'broken',
        detail: 'the byte range leaves out more than the signature value',
      })
    })
  })

  it('is not believed when its room holds anything but zeros after it', async () => {
    await withPdfBench(async bench => {
      const pdf = Buffer.from(await signed(bench))
      pdf.write('01', hole(pdf).end - 3, 'latin1')
      expect((await verifyOnly(pdf)).verdict).toEqual({ kind: 'broken', detail: 'bytes after the end' })
    })
  })

  it('is valid without its time stamp when the time stamp is broken', async () => {
    await withPdfBench(async bench => {
      await bench.sign(subject, 'stamped.pdf', { timestamp: opensslTimestamp(bench) })
      const pdf = Buffer.from(bench.read('stamped.pdf'))
      const { start, end } = hole(pdf)
      const value = Buffer.from(pdf.subarray(start + 1, end - 1).toString('latin1'), 'hex')
      // The last byte that is not padding is the end of the authority's signature.
      const last = value.reduce((found, byte, index) => (byte === 0 ? found : index), 0)
      const digits = ((value[last] ?? 0) ^ 1).toString(16).padStart(2, '0')
      pdf.write(digits, start + 1 + last * 2, 'latin1')
      expect((await verifyOnly(pdf)).verdict).toMatchObject({
        kind: 'valid',
        timestamp: { kind: 'broken', detail: 'the time stamp’s signature does not hold' },
      })
    })
  })
})

describe('what came after a signature', () => {
  const page = '/Type /Page /Parent 2 0 R /Contents 3 0 R'

  async function changesBy(update: MadeObjects, base: Uint8Array = subject): Promise<unknown> {
    return withPdfBench(async bench => {
      const pdf = madePdf(update, { after: await signed(bench, base) })
      const { verdict, coverage } = await verifyOnly(pdf)
      expect(verdict.kind).toBe('valid')
      return coverage.kind === 'revision' ? coverage.changes : coverage.kind
    })
  }

  it.each([
    ['another page content', { 3: '<< /Length 4 >>\nstream\n1 g \nendstream' }, ['content']],
    ['another box of a page', { 10: `<< ${page} /MediaBox [0 0 9 9] >>` }, ['content']],
    ['a page less', { 2: '<< /Type /Pages /Kids [10 0 R] /Count 1 /MediaBox [0 0 595 842] >>' }, ['content']],
    [
      'a note on a page',
      { 11: `<< ${page} /Annots [90 0 R] >>`, 90: '<< /Type /Annot /Subtype /Text >>' },
      ['annotations'],
    ],
    ['an object nothing leads to', { 90: '(nothing)' }, []],
  ])('is told: %s', async (_what, update, kinds) => {
    expect(await changesBy(update)).toEqual(kinds)
  })

  it('is told when a script was hung into the catalog', async () => {
    await withPdfBench(async bench => {
      const pdf = await signed(bench)
      const catalogs = [
        ...Buffer.from(pdf)
          .toString('latin1')
          .matchAll(/\n1 0 obj\n<<(.*)>>\nendobj/g),
      ]
      const catalog = `<< ${catalogs.at(-1)?.[1] ?? ''} /OpenAction << /S /JavaScript /JS (x) >> >>`
      const { verdict, coverage } = await verifyOnly(madePdf({ 1: catalog }, { after: pdf }))
      expect(verdict.kind).toBe('valid')
      expect(coverage).toMatchObject({ kind: 'revision', changes: ['content'] })
    })
  })

  it('is told when something appears that the signed document led to and did not have', async () => {
    const base = madePdf({ ...blankPages(1, { page: () => '/Contents 300 0 R' }), 400: 'null' })
    expect(await changesBy({ 300: '<< /Length 1 >>\nstream\nf\nendstream' }, base)).toEqual(['content'])
  })

  it('is told when a form was filled in, and when the description was changed', async () => {
    const form = (value: string) => `<< /T (name) /FT /Tx ${value} >>`
    const base = madePdf(
      { ...blankPages(1, { catalog: '/AcroForm << /Fields [20 0 R] >>' }), 20: form(''), 30: '<< /Title (a) >>' },
      { trailer: '/Info 30 0 R' },
    )
    expect(await changesBy({ 20: form('/V (filled)') }, base)).toEqual(['form'])
    expect(await changesBy({ 30: '<< /Title (b) >>' }, base)).toEqual(['metadata'])
    expect(await changesBy({ 20: '<< /T (other) /FT /Tx >>' }, base)).toEqual(['content'])
  })

  it.each([
    [1, 'a note', true],
    [2, 'a note', true],
    [3, 'a note', false],
    [1, 'another signature', true],
    [2, 'another signature', false],
    [3, 'a page', true],
  ])('is told when a certification with %d does not allow it: %s', async (permission, what, breaks) => {
    await withPdfBench(async bench => {
      // Certified by hand: the reference stands where the reason would.
      const reference = `/Reference [<< /TransformMethod /DocMDP /TransformParams << /P ${permission} >> >>]`
      await bench.sign(subject, 'certified.pdf', { reason: 'x'.repeat(reference.length - '/Reason ()'.length) })
      const unsigned = edited(bench.read('certified.pdf'), `/Reason (${'x'.repeat(reference.length - 10)})`, reference)
      const certified = revalued(unsigned, opensslSigner(bench, '-cades'))
      const update: MadeObjects =
        what === 'a page'
          ? { 10: `<< ${page} /MediaBox [0 0 9 9] >>` }
          : { 11: `<< ${page} /Annots [90 0 R] >>`, 90: '<< /Type /Annot /Subtype /Text >>' }
      let later = madePdf(update, { after: certified })
      if (what === 'another signature') {
        // What no honest program does where nothing is allowed: the first signer's word is taken out of its sight.
        const plain = edited(certified, 'TransformMethod /DocMDP', 'TransformMethod /DocXDP')
        await bench.sign(plain, 'later.pdf', { signer: practiceCa().rival.sign.signer() })
        later = Buffer.concat([certified, bench.read('later.pdf').subarray(certified.length)])
      }
      const [first] = (await verifyPdf(bytesSource(later))).signatures
      expect(first).toMatchObject({ permission, verdict: { kind: 'valid' }, coverage: { breaksPermission: breaks } })
    })
  })

  it('is nothing but signatures when others signed', async () => {
    await withPdfBench(async bench => {
      await bench.sign(await signed(bench), '2.pdf', { signer: practiceCa().rival.sign.signer() })
      const { signatures, isWhollySigned } = await verifyPdf(bytesSource(bench.read('2.pdf')))
      expect(signatures.map(({ coverage }) => coverage)).toMatchObject([
        { kind: 'revision', changes: ['signatures'] },
        { kind: 'whole-file' },
      ])
      expect(isWhollySigned).toBe(true)
    })
  })

  it('is told when bytes were appended that are no document', async () => {
    await withPdfBench(async bench => {
      const pdf = Buffer.concat([await signed(bench), Buffer.from('% a remark\n')])
      const { signatures, isWhollySigned } = await verifyPdf(bytesSource(pdf))
      expect(signatures[0]?.coverage).toEqual({
        kind: 'revision',
        followedBy: 11,
        changes: [],
        breaksPermission: false,
      })
      expect(isWhollySigned).toBe(false)
    })
  })
})

describe('trust in a signer', () => {
  const anchors = [parseCertificate(practiceCa().root)]

  it('is judged only when authorities are given', async () => {
    await withPdfBench(async bench => {
      const pdf = await signed(bench)
      expect((await verifyOnly(pdf)).verdict).toMatchObject({ trust: { kind: 'not-judged' } })
      expect((await verifyOnly(pdf, { anchors })).verdict).toMatchObject({
        trust: { kind: 'trusted', at: new Date('2026-11-24T08:00:00Z') },
      })
      const stranger = [parseCertificate(practiceCa().bidder.decrypt.certificate)]
      expect((await verifyOnly(pdf, { anchors: stranger })).verdict).toMatchObject({
        trust: { kind: 'untrusted', code: 'cert.untrusted' },
      })
    })
  })

  it('is judged at the time asked for, unless a trusted time stamp tells it', async () => {
    await withPdfBench(async bench => {
      const at = new Date('2040-01-01T00:00:00Z')
      expect((await verifyOnly(await signed(bench), { anchors, at })).verdict).toMatchObject({
        trust: { kind: 'untrusted', code: 'cert.expired' },
      })
      await bench.sign(subject, 'stamped.pdf', { timestamp: opensslTimestamp(bench) })
      expect((await verifyOnly(bench.read('stamped.pdf'), { anchors, at })).verdict).toMatchObject({
        trust: { kind: 'trusted' },
      })
    })
  })

  it('is not asked of a document without signatures, and not of an encrypted one', async () => {
    expect(await verifyPdf(bytesSource(samplePdf(1)))).toEqual({ signatures: [], isWhollySigned: false })
    await withPdfBench(async bench => {
      bench.put('in.pdf', samplePdf(1))
      bench.run('qpdf', '--encrypt', '', 'owner', '256', '--', 'in.pdf', 'out.pdf')
      expect(await codeOf(() => verifyPdf(bytesSource(bench.read('out.pdf'))))).toBe('input.unreadable')
    })
  })
})
