import { describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import { inspectPdf } from '../../../../crypto/sign/pdf/inspect.ts'
import { SigningRefused } from '../../../../crypto/sign/pdf/refusal.ts'
import { sealImage, withPdfBench } from '../../../fixtures/pdf-bench.ts'
import { oddPdfs } from '../../../fixtures/pdf-odd.ts'

const place = { kind: 'page', page: 1, box: { x: 20, y: 20, width: 60, height: 60 } } as const

describe('odd documents', () => {
  it('are signed so that others find the signature valid, or refused by name', async () => {
    await withPdfBench(async bench => {
      const appearance = { image: sealImage() }
      const outcomes: Record<string, string> = {}
      const expected: Record<string, string> = {}
      for (const { name, pdf, outcome, facts } of oddPdfs(bench)) {
        expected[name] = outcome
        outcomes[name] = await bench
          .sign(pdf, 'signed.pdf', { place, appearance })
          .then(() => (bench.pdfsig('signed.pdf').includes('Signature is Valid.') ? 'signed' : 'not valid'))
          .catch((error: unknown) => {
            if (error instanceof SigningRefused) return error.refusal
            return error instanceof CryptoFailure && error.code === 'input.unreadable' ? 'unreadable' : String(error)
          })
        if (outcome !== 'unreadable') expect(await inspectPdf(bytesSource(pdf)), name).toMatchObject(facts)
      }
      expect(outcomes).toEqual(expected)
      expect(Object.keys(outcomes).length).toBeGreaterThan(50)
    })
  }, 120_000)
})
