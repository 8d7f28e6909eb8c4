import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSealedBid } from '../../../crypto/envelope/open.ts'
import { unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { sealingTime, sealOptions } from '../../fixtures/sealed-bid.ts'

const gibibyte = 2 ** 30

test('a sparse document above 4 GiB is sealed, proved and opened in bounded memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-sparse-'))
  try {
    const { options } = await sealOptions(folder, { documents: [{ name: '稀疏.bin', bytes: 'x' }], selfTest: true })
    const size = 4.25 * gibibyte
    const path = options.documents[0]?.path ?? ''
    truncateSync(path, size)
    let peak = 0
    const onProgress = () => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    const outcome = await sealBid({ ...options, onProgress })
    expect(outcome.size).toBe(statSync(options.output).size)
    expect(outcome.recipients.map(each => each.proved)).toEqual([true])

    const source = await nodeFiles.open(options.output)
    const { tender } = options
    const verified = await verifySealedBid(await readSealedBid(source), {
      anchors: tender.anchors,
      tender,
      at: sealingTime,
    })
    const { keys } = await unwrapPartKeys(verified, practiceCa().bidder.decrypt.opener())
    let received = 0
    const count = (bytes: Uint8Array) => Promise.resolve(void (received += bytes.length))
    const sink = { document: () => Promise.resolve({ write: count, close: () => Promise.resolve() }) }
    await openSealedBid(verified, keys, sink, { onProgress })
    await source.close()
    expect(received).toBe(size)
    expect(peak).toBeLessThan(400 * 2 ** 20)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
