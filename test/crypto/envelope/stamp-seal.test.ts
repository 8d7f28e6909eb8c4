import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { openBid } from '../../../crypto/envelope/open-bid.ts'
import { unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { sealBid } from '../../../crypto/envelope/seal.ts'
import type { SealOptions } from '../../../crypto/envelope/seal-options.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { gmTenderFields, inGm1 } from '../../fixtures/gm-bid.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { testPipeline } from '../../fixtures/pipeline.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import { memorySink, sealOptions } from '../../fixtures/sealed-bid.ts'
import { opensslStamp, type StampOptions } from '../../fixtures/time-stamp.ts'

const pipeline = testPipeline()
afterAll(() => pipeline.close())
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-stamped-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A name without the ids of recipients. */
const kind = (name: string): string => name.replace(/\.[0-9a-f]{16}\./, '.')

/** Stamps with `openssl ts`. */
const stamping = (options: StampOptions = {}) => {
  return (octets: Uint8Array): Promise<Uint8Array> => withOpenssl(bench => opensslStamp(bench, octets, options))
}

async function options(change: Partial<SealOptions> = {}, gm = false): Promise<SealOptions> {
  const { options: made } = await sealOptions(folder, gm ? { fields: gmTenderFields() } : {})
  return { ...(gm ? inGm1(made) : made), selfTest: true, stamp: stamping(), ...change }
}

test.each<[string, Partial<SealOptions>, boolean]>([
  ['in intl-1', {}, false],
  ['with threads', { pipeline }, false],
  ['without a self-test', { selfTest: false }, false],
  ['in gm-1 with SM3', { stamp: stamping({ digest: 'sm3', suite: 'gm-1' }) }, true],
  ['in gm-1 with SHA-256', { stamp: stamping({ suite: 'gm-1' }) }, true],
])('a stamped bid %s bears the stamp last, is judged at its time, and opens', async (_what, change, gm) => {
  const made = await options(change, gm)
  const outcome = await sealBid(made)
  const bid = await readSealedBid(bytesSource(readFileSync(made.output)))
  expect([...bid.container.small.keys()].at(-1)).toBe('META-INF/seal.tsr')
  const trust = { anchors: made.tender.anchors, tender: made.tender, at: new Date(0) }
  const verified = await verifySealedBid(bid, trust)
  expect(verified.timestamp?.time.toISOString()).toBe(outcome.timestamp)
  const opener = made.recipients[0]?.opener
  if (opener === undefined) throw new Error('no lock')
  const sink = memorySink()
  await openBid(bid, trust, async held => (await unwrapPartKeys(held, opener)).keys, sink)
  expect(sink.received.size).toBe(made.documents.length)
})

test('the stamp adds one entry and nothing else', async () => {
  const made = await options()
  await sealBid(made)
  const stamped = await readSealedBid(bytesSource(readFileSync(made.output)))
  const { stamp: _stamp, ...plain } = made
  await sealBid(plain)
  const unstamped = await readSealedBid(bytesSource(readFileSync(made.output)))
  expect(unstamped.timestamp).toBeNull()
  expect([...stamped.container.small.keys()].slice(0, -1).map(kind)).toEqual(
    [...unstamped.container.small.keys()].map(kind),
  )
})

test.each<[string, SealOptions['stamp']]>([
  ['a stamp over another signature', () => stamping()(Uint8Array.of(1, 2, 3))],
  ['no stamp at all', () => Promise.resolve(Uint8Array.of(0x30, 0))],
  [
    'a stamp that does not hold its authority’s chain',
    octets =>
      withOpenssl(bench => {
        const own = bench.put('alone.pem', '')
        return opensslStamp(bench, octets, { changes: { certs: own } })
      }),
  ],
])('%s is refused and leaves nothing, self-test or not', async (_what, stamp) => {
  for (const selfTest of [true, false]) {
    const made = await options({ stamp, selfTest })
    expect(await codeOf(() => sealBid(made))).toBe('seal.timestamp')
    expect(readdirSync(folder)).toEqual(['documents'])
  }
})

test('what the caller’s stamp throws ends the sealing, and nothing is left', async () => {
  const failing = () => Promise.reject(new Error('no answer'))
  await expect(sealBid(await options({ stamp: failing }))).rejects.toThrow('no answer')
  expect(readdirSync(folder)).toEqual(['documents'])
})
