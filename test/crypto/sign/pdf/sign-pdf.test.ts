import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import { SigningRefused } from '../../../../crypto/sign/pdf/refusal.ts'
import type { SignPdfOptions } from '../../../../crypto/sign/pdf/sign-pdf.ts'
import { verifyPdf } from '../../../../crypto/sign/pdf/verify-pdf.ts'
import type { Signer } from '../../../../crypto/sign/signer.ts'
import {
  type PdfBench,
  samplePdf,
  sealImage,
  sealWithText,
  typeface,
  withPdfBench,
} from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf } from '../../../fixtures/pdf-made.ts'
import { opensslTimestamp } from '../../../fixtures/pdf-stamp.ts'
import { practiceCa, practiceIdentity, publicKeyInfo, testKey } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/refusals.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'

const valid = 'Signature is Valid.'
const onePage: SignPdfOptions['place'] = { kind: 'page', page: 1, box: { x: 60, y: 60, width: 130, height: 160 } }
const seal = { place: onePage, appearance: sealWithText() }

async function verify(bench: PdfBench, name: string) {
  const anchors = [parseCertificate(practiceCa().root)]
  return (await verifyPdf(bytesSource(bench.read(name)), { anchors })).signatures
}

/** The bytes a signature covers and its value, cut out by the numbers in the file. */
function cutOut(pdf: Uint8Array): { readonly covered: Uint8Array; readonly cms: Uint8Array } {
  const text = Buffer.from(pdf).toString('latin1')
  const [, start = '', end = '', rest = ''] = /^.*\/ByteRange \[0 (\d+) (\d+) (\d+)\]/s.exec(text) ?? []
  const covered = Buffer.concat([pdf.subarray(0, Number(start)), pdf.subarray(Number(end), Number(end) + Number(rest))])
  const padded = Buffer.from(text.slice(Number(start) + 1, Number(end) - 1), 'hex')
  return { covered, cms: padded.subarray(0, 4 + padded.readUInt16BE(2)) }
}

describe('signing a PDF', () => {
  it('lets three signers sign one after another, and every signature stays valid', async () => {
    await withPdfBench(async bench => {
      const ca = practiceCa()
      const legal = ca.issue('legal', { profile: 'sign' })
      await bench.sign(samplePdf(4), '1.pdf', { ...seal, reason: '投标', location: '昆明' })
      await bench.sign(bench.read('1.pdf'), '2.pdf', {
        signer: ca.rival.sign.signer(),
        place: { kind: 'every-page', box: { x: 20, y: 20, width: 60, height: 60, from: 'lower-right' } },
        appearance: { image: sealImage() },
      })
      await bench.sign(bench.read('2.pdf'), '3.pdf', {
        signer: legal.signer(['rsa-pss-sha256']),
        place: { kind: 'across-pages', width: 120, height: 120 },
        appearance: { image: sealImage() },
      })
      expect(bench.pdfsig('3.pdf')).toEqual([valid, valid, valid])
      expect(bench.isSound('3.pdf')).toBe(true)
      expect(bench.run('pdfsig', '-nocert', '3.pdf').text).toMatch(/ETSI\.CAdES\.detached[^]*Total document signed/)
      const first = bench.read('1.pdf')
      expect(Buffer.compare(bench.read('3.pdf').subarray(0, first.length), first)).toBe(0)
      expect(Buffer.compare(first.subarray(0, samplePdf(4).length), samplePdf(4))).toBe(0)
      const signatures = await verify(bench, '3.pdf')
      expect(signatures.map(({ field, coverage, verdict }) => [field, coverage.kind, verdict.kind])).toEqual([
        ['Signature1', 'revision', 'valid'],
        ['Signature2', 'revision', 'valid'],
        ['Signature3', 'whole-file', 'valid'],
      ])
      expect(signatures[0]?.claims).toEqual({
        name: '云岭建设集团有限公司',
        reason: '投标',
        location: '昆明',
        time: new Date('2026-11-24T08:00:00Z'),
      })
    })
  })

  it('makes what openssl verifies as CAdES, without a signing time in the message', async () => {
    await withPdfBench(async bench => {
      await bench.sign(samplePdf(1), 'signed.pdf', seal)
      const { covered, cms } = cutOut(bench.read('signed.pdf'))
      bench.put('covered', covered)
      bench.put('cms.der', cms)
      bench.put('root.pem', toPem(practiceCa().root, 'CERTIFICATE'))
      const judged = bench.run(
        ...(['openssl', 'cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', 'cms.der'] as const),
        ...['-content', 'covered', '-CAfile', 'root.pem', '-purpose', 'any', '-out', '/dev/null'],
      )
      expect(judged.text).toMatch(/successful/)
      const printed = bench.run('openssl', 'cms', '-cmsout', '-print', '-inform', 'DER', '-in', 'cms.der').text
      expect(printed).toMatch(/signingCertificateV2|1\.2\.840\.113549\.1\.9\.16\.2\.47/)
      expect(printed).not.toMatch(/signingTime/)
      expect(printed).not.toMatch(/标封演练根/)
    })
  })

  it('adds the time stamp of an authority', async () => {
    await withPdfBench(async bench => {
      const signed = await bench.sign(samplePdf(1), 'signed.pdf', { ...seal, timestamp: opensslTimestamp(bench) })
      expect(bench.pdfsig('signed.pdf')).toEqual([valid])
      expect(signed.signature.verdict).toMatchObject({ kind: 'valid', timestamp: { kind: 'valid' } })
      const [signature] = await verify(bench, 'signed.pdf')
      expect(signature?.verdict).toMatchObject({
        timestamp: { trust: { kind: 'trusted' } },
        trust: { kind: 'trusted' },
      })
    })
  })

  it.each(['P-256', 'P-384'] as const)('signs with a %s key', async curve => {
    await withPdfBench(async bench => {
      const ca = practiceCa()
      const privateKey = testKey(`pdf-${curve}`, curve)
      const base = ca.issue('pdf-ec', { profile: 'sign', publicKey: publicKeyInfo(privateKey) })
      const identity = practiceIdentity(base.certificate, privateKey, [ca.intermediate])
      await bench.sign(samplePdf(1), 'signed.pdf', { signer: identity.signer() })
      expect(bench.pdfsig('signed.pdf')).toEqual([valid])
      expect((await verify(bench, 'signed.pdf'))[0]?.verdict).toMatchObject({ kind: 'valid', algorithm: 'ecdsa' })
    })
  })

  it.each([
    ['a stream for its cross-reference', ['--object-streams=generate']],
    ['a linearized file', ['--linearize']],
    ['both', ['--linearize', '--object-streams=generate']],
    ['turned pages', ['--rotate=+90']],
  ])('keeps the style of %s', async (_what, args) => {
    await withPdfBench(async bench => {
      bench.put('in.pdf', samplePdf(4))
      bench.run('qpdf', ...args, 'in.pdf', 'out.pdf')
      await bench.sign(bench.read('out.pdf'), '1.pdf', seal)
      await bench.sign(bench.read('1.pdf'), '2.pdf', { ...seal, signer: practiceCa().rival.sign.signer() })
      expect(bench.pdfsig('2.pdf')).toEqual([valid, valid])
      expect(bench.isSound('2.pdf')).toBe(true)
      const text = Buffer.from(bench.read('2.pdf').subarray(bench.read('1.pdf').length)).toString('latin1')
      expect(text.includes('/Type /XRef')).toBe(args.includes('--object-streams=generate'))
    })
  })

  it('signs hybrid files, updates of updates, and files whose cross-reference is broken', async () => {
    await withPdfBench(async bench => {
      const plain = madePdf(blankPages(3))
      const moved = (pdf: Uint8Array) =>
        Buffer.from(
          Buffer.from(pdf)
            .toString('latin1')
            .replace(/startxref\n\d+/, 'startxref\n7'),
          'latin1',
        )
      const odd = {
        hybrid: madePdf(blankPages(3), { style: 'hybrid', hidden: [11, 12] }),
        update: madePdf({ 11: '<< /Type /Page /Parent 2 0 R >>' }, { after: plain, style: 'stream' }),
        broken: moved(plain),
        brokenStreams: moved(madePdf(blankPages(3), { style: 'stream', hidden: [2, 10, 11, 12] })),
      }
      for (const [name, pdf] of Object.entries(odd)) {
        const place = { kind: 'every-page', box: { x: 1, y: 1, width: 50, height: 50 } } as const
        await bench.sign(pdf, `${name}.pdf`, { place, appearance: { image: sealImage() } })
        expect(bench.pdfsig(`${name}.pdf`), name).toEqual([valid])
        expect(Buffer.from(bench.read(`${name}.pdf`).subarray(pdf.length)).includes('XRefStm'), name).toBe(false)
        expect(bench.isSound(`${name}.pdf`), name).toBe(true)
        expect(bench.run('pdfinfo', `${name}.pdf`).text, name).toMatch(/^Pages:\s+3$/m)
      }
    })
  })

  it.each([
    ['in the catalog itself', { catalog: '/AcroForm << /Fields [20 0 R] /DA (x) >>' }, {}],
    ['apart', { catalog: '/AcroForm 21 0 R' }, { 21: '<< /Fields [20 0 R] /DA (x) /SigFlags 1 >>' }],
    [
      'apart with a list apart',
      { catalog: '/AcroForm 21 0 R' },
      { 21: '<< /Fields 22 0 R /DA (x) >>', 22: '[20 0 R]' },
    ],
  ])('adds its field to a form that stands %s', async (_where, extra, more) => {
    await withPdfBench(async bench => {
      const field = '<< /T (Signature1) /FT /Tx /V (taken) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] >>'
      const objects = {
        ...blankPages(1, { ...extra, page: () => '/Annots 23 0 R' }),
        20: field,
        23: '[20 0 R]',
        ...more,
      }
      await bench.sign(madePdf(objects), 'signed.pdf', seal)
      expect(bench.pdfsig('signed.pdf')).toEqual([valid])
      expect(bench.isSound('signed.pdf')).toBe(true)
      const json = bench.run('qpdf', '--json', 'signed.pdf').stdout.toString()
      expect(json).toMatch(/Signature2/)
      expect(json).toMatch(/"\/Annots": \[\s*"20 0 R",\s*"\d+ 0 R"\s*\]/)
      expect(json).toMatch(/"\/SigFlags": 3/)
      expect(json).toMatch(/"\/DA": "u:x"/)
    })
  })

  it('keeps what a page and the catalog say, whatever it is', async () => {
    await withPdfBench(async bench => {
      const odd =
        '/Custom#20Key [(a\\)b) <00ff> 1.50 -0.25 null true /N#23 << /Deep [12 0 R] >>] /LastModified (D:2026)'
      const objects = blankPages(1, {
        catalog: `/Extra ${odd.slice(odd.indexOf('['), odd.indexOf(']') + 6)} /Lang (zh)`,
        page: () => odd,
      })
      await bench.sign(madePdf(objects), 'signed.pdf', seal)
      const before = bench.put('before.pdf', madePdf(objects))
      const json = (file: string) =>
        JSON.parse(bench.run('qpdf', '--json', '--json-key=qpdf', file).stdout.toString()) as {
          qpdf: readonly [unknown, Record<string, { value: Record<string, unknown> }>]
        }
      for (const object of ['obj:1 0 R', 'obj:10 0 R']) {
        const was = json(before).qpdf[1][object]?.value
        const is = json(bench.path('signed.pdf')).qpdf[1][object]?.value
        expect(is).toMatchObject(was ?? {})
      }
    })
  })
})

describe('signing a PDF is refused', () => {
  const certified = (permission: number) =>
    madePdf({
      ...blankPages(2, { catalog: '/AcroForm << /Fields [20 0 R] >> /Perms << /DocMDP 21 0 R >>' }),
      20: '<< /T (s) /FT /Sig /V 21 0 R >>',
      21: `<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P ${permission} >> >>] >>`,
    })
  const everywhere = {
    place: { kind: 'every-page', box: { x: 1, y: 1, width: 9, height: 9 } },
    appearance: { image: sealImage() },
  } as const

  it.each([
    ['when it is certified against changes', certified(1), seal, 'certified'],
    ['with stamps when only signatures are allowed', certified(2), everywhere, 'certified'],
    ['when it is an XFA form', madePdf(blankPages(1, { catalog: '/AcroForm << /XFA [] >>' })), seal, 'xfa'],
    ['with bytes before its header', Buffer.concat([Buffer.from('x'), madePdf(blankPages(1))]), seal, 'header-offset'],
    ['when a page stands twice', madePdf({ ...blankPages(1), 2: '<< /Kids [10 0 R 10 0 R] >>' }), seal, 'page-tree'],
    ['without pages', madePdf(blankPages(0)), {}, 'page-tree'],
  ] as const)('%s', async (_when, pdf, changes, refusal) => {
    await withPdfBench(async bench => {
      const failure = await bench.sign(pdf, 'signed.pdf', changes).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(SigningRefused)
      expect((failure as SigningRefused).refusal).toBe(refusal)
      expect(readdirSync(bench.path(''))).toEqual([])
    })
  })

  it('when it is encrypted', async () => {
    await withPdfBench(async bench => {
      bench.put('in.pdf', samplePdf(1))
      bench.run('qpdf', '--encrypt', '', 'owner', '256', '--', 'in.pdf', 'out.pdf')
      const failure = await bench.sign(bench.read('out.pdf'), 'signed.pdf', seal).catch((error: unknown) => error)
      expect((failure as SigningRefused).refusal).toBe('encrypted')
    })
  })

  it('is not refused where signatures are allowed', async () => {
    await withPdfBench(async bench => {
      expect((await bench.sign(certified(2), '2.pdf', seal)).markedPages).toBe(1)
      expect((await bench.sign(certified(3), '3.pdf', everywhere)).markedPages).toBe(2)
    })
  })

  it('by a certificate that may not sign, and by a lock that can only do SM2', async () => {
    await withPdfBench(async bench => {
      const decrypting = practiceCa().bidder.decrypt.signer()
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { signer: decrypting }))).toBe('cert.untrusted')
      const sm2 = gmCa().bidder.sign.signer()
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { signer: sm2 }))).toBe('token.unsupported')
    })
  })

  it.each([
    ['a seal that is no picture', { image: Buffer.from('not a picture, but long enough for one') }, 'input.unreadable'],
    ['a seal cut short', { image: sealImage().subarray(0, 900) }, 'input.unreadable'],
    ['a font that is none', { text: { lines: ['印'], font: Buffer.alloc(999) } }, 'input.unreadable'],
    ['a character the font lacks', { text: { lines: ['\u{10ffff}'], font: typeface() } }, 'arguments.bad'],
  ])('with %s', async (_what, appearance, code) => {
    await withPdfBench(async bench => {
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { ...seal, appearance }))).toBe(code)
      expect(readdirSync(bench.path(''))).toEqual([])
    })
  })

  it('with nothing left behind when the lock fails, lies, or the time stamp is of something else', async () => {
    await withPdfBench(async bench => {
      const honest = practiceCa().bidder.sign.signer()
      const removed: Signer = { ...honest, sign: () => Promise.reject(new CryptoFailure('token.removed', 'pulled')) }
      const lying: Signer = { ...honest, sign: async () => new Uint8Array(256).fill(1) }
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { signer: removed }))).toBe('token.removed')
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { signer: lying }))).toBe('document.signature')
      expect(readdirSync(bench.path(''))).toEqual([])
      const ask = opensslTimestamp(bench)
      const other = { timestamp: () => ask(new Uint8Array(32)) }
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', other))).toBe('document.signature')
      const long = { timestamp: async () => new Uint8Array(100_000) }
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', long))).toBe('document.signature')
      expect(readdirSync(bench.path('')).filter(name => name.startsWith('a.pdf'))).toEqual([])
    })
  })

  it('when what was written is not what was signed', async () => {
    await withPdfBench(async bench => {
      const files: typeof nodeFiles = {
        ...nodeFiles,
        create: async (path, size) => {
          const draft = await nodeFiles.create(path, size)
          // A medium that loses a bit.
          const write: typeof draft.write = (offset, bytes) =>
            draft.write(offset, offset === 0 ? Uint8Array.from(bytes).fill(0x20, 100, 101) : bytes)
          return {
            ...draft,
            draftPath: draft.draftPath,
            write,
            flush: () => draft.flush(),
            discard: () => draft.discard(),
          }
        },
      }
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { files }))).toBe('document.signature')
      expect(readdirSync(bench.path(''))).toEqual([])
    })
  })

  it('once it is cancelled', async () => {
    await withPdfBench(async bench => {
      const controller = new AbortController()
      const honest = practiceCa().bidder.sign.signer()
      const signer: Signer = {
        ...honest,
        sign: (...asked) => {
          controller.abort()
          return honest.sign(...asked)
        },
      }
      expect(await codeOf(() => bench.sign(samplePdf(1), 'a.pdf', { signer, signal: controller.signal }))).toBe(
        'cancelled',
      )
      expect(readdirSync(bench.path(''))).toEqual([])
    })
  })
})
