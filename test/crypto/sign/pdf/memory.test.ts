import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { type PdfBench, sealImage, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { blankPages, madePdf, type MadeObjects, madeStream } from '../../../fixtures/pdf-made.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const megabyte = 2 ** 20

/** 200 by hand; the amount of memory is the same. */
const megabytes = Number(process.env['BIDSEAL_PDF_MEGABYTES'] ?? '20')

interface Signed {
  readonly size: number
  readonly peakBytes: number
}

async function bundle(bench: PdfBench): Promise<void> {
  const ca = practiceCa()
  bench.put('certificate', ca.bidder.sign.certificate)
  bench.put('key', ca.bidder.sign.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  bench.put('intermediate', ca.intermediate)
  bench.put('image', sealImage())
  await build({
    entryPoints: [fileURLToPath(new URL('../../../fixtures/pdf-sign-main.ts', import.meta.url))],
    outfile: bench.path('sign.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    logLevel: 'error',
  })
}

/** Signs in a process of its own. */
function signApart(bench: PdfBench, document: string): Signed {
  const args = [document, `signed-${document}`, 'certificate', 'key', 'intermediate', 'image'].map(bench.path)
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const { stdout, stderr, status } = spawnSync(process.execPath, [bench.path('sign.cjs'), ...args], { env })
  if (status !== 0) throw new Error(stderr.toString())
  return JSON.parse(stdout.toString()) as Signed
}

function withAttachment(length: number): Uint8Array {
  const objects: MadeObjects = { ...blankPages(1), 30: madeStream('/Type /EmbeddedFile', randomBytes(length)) }
  return madePdf(objects)
}

describe('the memory that signing takes', () => {
  it('does not grow with the document', async () => {
    await withPdfBench(async bench => {
      await bundle(bench)
      bench.put('small.pdf', withAttachment(1000))
      bench.put('large.pdf', withAttachment(megabytes * megabyte))
      const small = signApart(bench, 'small.pdf')
      const large = signApart(bench, 'large.pdf')
      expect(large.size - small.size).toBeGreaterThan((megabytes - 1) * megabyte)
      console.info(
        `signing ${megabytes} MB: ${Math.round(large.peakBytes / megabyte)} MB of memory, a small document ${Math.round(small.peakBytes / megabyte)} MB`,
      )
      expect(large.peakBytes - small.peakBytes).toBeLessThan(64 * megabyte)
      expect(large.peakBytes).toBeLessThan(400 * megabyte)
      expect(bench.pdfsig('signed-large.pdf')).toEqual(['Signature is Valid.'])
    })
  }, 120_000)

  it('is little for a document of 300 pages, each of which gets a seal', async () => {
    await withPdfBench(async bench => {
      await bundle(bench)
      bench.put('many.pdf', madePdf(blankPages(300)))
      const { size, peakBytes } = signApart(bench, 'many.pdf')
      expect(peakBytes).toBeLessThan(400 * megabyte)
      // One drawing for all of them: about half a kilobyte for each page beside it.
      expect(size).toBeLessThan(600 * 1024)
      expect(bench.pdfsig('signed-many.pdf')).toEqual(['Signature is Valid.'])
      expect(bench.isSound('signed-many.pdf')).toBe(true)
    })
  })
})
