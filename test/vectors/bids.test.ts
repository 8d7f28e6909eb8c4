import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSealedBid } from '../../crypto/envelope/open.ts'
import { holdsOf, recipientOf, unwrapPartKeys, unwrapWithRecoveryCode } from '../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../crypto/envelope/read.ts'
import { verifySealedBid } from '../../crypto/envelope/verify.ts'
import { bytesSource } from '../../crypto/io/source.ts'
import { fromHex, toHex } from '../../crypto/json/hex.ts'
import { suiteById } from '../../crypto/suites/index.ts'
import { withOpenssl } from '../fixtures/openssl.ts'
import { memorySink } from '../fixtures/sealed-bid.ts'
import { type BidVector, vectorBytes, vectorCertificate, vectorJson, vectorOpener, vectorPath } from './library.ts'
import { readVector, tenderOf } from './run-bid.ts'

const { bids } = vectorJson<{ readonly bids: readonly BidVector[] }>('bids.json')
const at = new Date('2026-03-02T02:00:00Z')
const suiteOf = ({ suite }: BidVector) => suiteById(suite) ?? expect.fail(`no suite ${suite}`)
const open = async (vector: BidVector) => {
  const tender = tenderOf(vector.tender)
  const bid = await readSealedBid(bytesSource(vectorBytes(`bids/${vector.name}.sbid`)))
  return verifySealedBid(bid, { anchors: tender.anchors, tender, at })
}

describe.each(bids)('the sealed bid $name', vector => {
  it('verifies and is the one that is described', async () => {
    const { bid } = await open(vector)
    expect(bid.sealDigest).toBe(vector.sealDigest)
    expect(bid.shortCode).toBe(vector.shortCode)
    expect(bid.suite).toBe(suiteOf(vector))
    expect(bid.header.parts.map(part => part.name)).toEqual(vector.parts.map(part => part.name))
  })

  it('opens with its locks to its documents', async () => {
    const file = vectorBytes(`bids/${vector.name}.sbid`)
    for (const keys of [vector.open, ...vector.alsoOpen.map(name => [name])]) {
      const reading = await readVector({ file, tender: tenderOf(vector.tender), at, open: keys })
      expect(reading.code).toBeNull()
      const documents = [...reading.documents].map(([name, bytes]) => ({
        name,
        size: bytes.length,
        digest: toHex(suiteOf(vector).digest(bytes)),
      }))
      expect(documents).toEqual(vector.documents)
    }
  })

  it('opens with the part keys that are written down', async () => {
    const verified = await open(vector)
    const keys = new Map(vector.parts.map(part => [part.name, fromHex(part.partKey)]))
    const { bid } = await openSealedBid(verified, keys, memorySink())
    expect(bid.openingDigest).toBe(vector.openingDigest)
    if (verified.bid.header.keyPolicy === 'split') return
    const [lock = ''] = vector.open
    const held = await unwrapPartKeys(verified, vectorOpener(lock))
    expect([...held.keys.values()].map(toHex)).toEqual(vector.parts.map(part => part.partKey))
  })
})

/** The readers of FORMAT.md, and whom they trust. */
const strangers = {
  'intl-1': { reader: 'stranger-reader.mjs', root: 'root' },
  'gm-1': { reader: 'stranger-reader-gm.mjs', root: 'gm-root' },
} as const

describe('a reader written from FORMAT.md alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-stranger-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(bids)('opens the sealed bid $name', ({ name, suite, open: keys, recoveryCode, openingDigest }) => {
    const { reader, root } = strangers[suite]
    const ways = [
      keys.map(key => vectorPath(`keys/${key}.pem`)),
      ...(recoveryCode === undefined ? [] : [[recoveryCode]]),
    ]
    for (const [turn, way] of ways.entries()) {
      const out = join(folder, `${name}-${turn}`)
      const given = [vectorPath(`bids/${name}.sbid`), vectorPath(`certificates/${root}.pem`), out, ...way]
      const answer = execFileSync(process.execPath, [vectorPath(reader), ...given])
      const { bid } = JSON.parse(answer.toString()) as { readonly bid: { readonly openingDigest: string } }
      expect(bid.openingDigest).toBe(openingDigest)
    }
  })
})

describe('the recovery code', () => {
  it.each(bids.filter(each => each.recoveryCode !== undefined))('opens the sealed bid $name', async vector => {
    const verified = await open(vector)
    const held = await unwrapWithRecoveryCode(verified, vector.recoveryCode ?? '')
    expect([...held.keys.values()].map(toHex)).toEqual(vector.parts.map(part => part.partKey))
  })
})

describe('the envelope by key agreement', () => {
  it('is checked, belongs to its lock, and opens with openssl to the part key', async () => {
    const vector = bids.find(each => each.name === 'ec-recipient')
    if (vector === undefined) return expect.fail('no such bid')
    const { bid } = await open(vector)
    const recipient = recipientOf(bid.header, bid.suite, vectorCertificate('bidder-decrypt-p256'))
    if (recipient === null) return expect.fail('the lock is no recipient')
    expect(recipient.role).toBe('backup')
    expect(holdsOf(bid.header, recipient)).toBe('partKey')
    await withOpenssl(bench => {
      bench.put('envelope', bid.envelope('body', recipient.id))
      const key = vectorPath('keys/bidder-decrypt-p256.pem')
      const { stdout, stderr, ok } = bench.run('cms', '-decrypt', '-inform', 'DER', '-in', 'envelope', '-inkey', key)
      expect(ok, stderr).toBe(true)
      expect(stdout.toString('hex')).toBe(vector.parts[0]?.partKey)
    })
  })
})
