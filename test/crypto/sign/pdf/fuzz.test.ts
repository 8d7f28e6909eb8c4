import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import { inspectPdf } from '../../../../crypto/sign/pdf/inspect.ts'
import { signPdf } from '../../../../crypto/sign/pdf/sign-pdf.ts'
import { verifyPdf } from '../../../../crypto/sign/pdf/verify-pdf.ts'
import { type PdfBench, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf } from '../../../fixtures/pdf-made.ts'
import { opensslTimestamp } from '../../../fixtures/pdf-stamp.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { seededRandom } from '../../../fixtures/seeded-random.ts'

const seconds = Number(process.env['BIDSEAL_PDF_FUZZ_SECONDS'] ?? '4')
const seed = Number(process.env['BIDSEAL_PDF_FUZZ_SEED'] ?? '20261124')

/** Longest that one mutated document may take, in milliseconds. */
const patience = 10_000

const words = [
  ...['<<', '>>', '[', ']', '(', ')', '<', '>', 'R', 'obj', 'endobj', 'stream', 'endstream', 'xref', 'trailer'],
  ...['startxref', '0', '-1', '99999999999', '8388607', '1 0 R', '2 0 R', '/Kids', '/Prev', '/Length', '/Root'],
  ...['/W [0 0 0]', '/W [8 8 8]', '/Index [0 9999999]', '/N 1000000', '/Encrypt 1 0 R', '/XRefStm 9', '/V', '/FT /Sig'],
]

/** A document with a few faults: bits, bytes, words, pieces gone, twice or elsewhere. */
function mutated(pdf: Uint8Array, random: () => number): Uint8Array {
  let bytes = Buffer.from(pdf)
  const below = (limit: number): number => Math.floor(random() * limit)
  for (let faults = 1 + below(6); faults > 0; faults -= 1) {
    const at = below(bytes.length)
    const piece = bytes.subarray(at, at + below(200))
    const word = Buffer.from(words[below(words.length)] ?? '', 'latin1')
    switch (below(6)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
        break
      case 1:
        bytes[at] = below(256)
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at + word.length)])
        break
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + piece.length)])
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)])
        break
      default: {
        const digits = /\d+/g
        digits.lastIndex = at
        const found = digits.exec(bytes.toString('latin1'))
        if (found === null) break
        const number = String(below(2) === 0 ? Number(found[0]) + below(5) - 2 : below(10 ** below(11)))
        const after = bytes.subarray(found.index + found[0].length)
        bytes = Buffer.concat([bytes.subarray(0, found.index), Buffer.from(number), after])
      }
    }
    if (bytes.length === 0) return bytes
  }
  return bytes
}

async function corpus(bench: PdfBench): Promise<readonly Uint8Array[]> {
  const field = {
    20: '<< /T (a) /FT /Sig >>',
    21: '<< /T (b) /Kids [22 0 R] >>',
    22: '<< /T (c) /FT /Tx /Parent 21 0 R >>',
  }
  const objects = { ...blankPages(3, { catalog: '/AcroForm << /Fields [20 0 R 21 0 R] >>' }), ...field }
  const plain = madePdf(objects)
  const stream = madePdf(objects, { style: 'stream', hidden: [2, 10, 11, 20, 21, 22] })
  const hybrid = madePdf(objects, { style: 'hybrid', hidden: [11, 12] })
  const updated = madePdf({ 11: '<< /Type /Page /Parent 2 0 R /Rotate 90 >>' }, { after: plain, style: 'stream' })
  await bench.sign(plain, 'signed.pdf', { timestamp: opensslTimestamp(bench) })
  await bench.sign(stream, 'signed-stream.pdf')
  await bench.sign(bench.read('signed.pdf'), 'twice.pdf', { signer: practiceCa().rival.sign.signer() })
  bench.put('stream.pdf', stream)
  bench.run('qpdf', '--linearize', 'stream.pdf', 'linear.pdf')
  const made = ['signed.pdf', 'signed-stream.pdf', 'twice.pdf', 'linear.pdf'].map(name => bench.read(name))
  return [plain, stream, hybrid, updated, ...made]
}

describe('mutated documents', () => {
  it(
    'are read, or refused by name; nothing else happens, and none takes long',
    async () => {
      await withPdfBench(async bench => {
        const documents = await corpus(bench)
        const random = seededRandom(seed)
        const anchors = [parseCertificate(practiceCa().root)]
        const counts = { read: 0, refused: 0, signed: 0 }
        const until = performance.now() + seconds * 1000
        for (let round = 0; performance.now() < until; round += 1) {
          const pdf = mutated(documents[round % documents.length] ?? new Uint8Array(0), random)
          const started = performance.now()
          const steps = [
            () => inspectPdf(bytesSource(pdf)),
            () => verifyPdf(bytesSource(pdf), { anchors }),
            ...(round % 20 === 0 ? [() => sign(bench, pdf)] : []),
          ]
          for (const step of steps) {
            try {
              await step()
              counts.read += 1
            } catch (error) {
              if (!(error instanceof CryptoFailure)) throw new Error(`seed ${seed}, round ${round}`, { cause: error })
              counts.refused += 1
            }
          }
          expect(performance.now() - started, `seed ${seed}, round ${round}`).toBeLessThan(patience)
        }
        // Most faults leave something to read: the reader is not simply refusing.
        expect(counts.read).toBeGreaterThan(counts.refused)
        expect(counts.read).toBeGreaterThan(50)
      })
    },
    (seconds + 60) * 1000,
  )
})

async function sign(bench: PdfBench, pdf: Uint8Array): Promise<void> {
  await signPdf({
    source: bytesSource(pdf),
    output: bench.path('mutated.pdf'),
    files: nodeFiles,
    signer: practiceCa().bidder.sign.signer(),
    place: { kind: 'invisible' },
    signingTime: new Date('2026-11-24T08:00:00Z'),
  })
}
