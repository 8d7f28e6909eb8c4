import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../crypto/errors.ts'
import { openSealedBid } from '../../../crypto/envelope/open.ts'
import {
  type HeldKeys,
  joinShares,
  unwrapPartKeys,
  unwrapWithRecoveryCode,
} from '../../../crypto/envelope/part-keys.ts'
import { archiveLength } from '../../../crypto/envelope/read.ts'
import type { Progress } from '../../../crypto/io/ports.ts'
import { toBase64 } from '../../../crypto/json/hex.ts'
import type { VerifiedBid } from '../../../crypto/envelope/verify.ts'
import { failingFiles } from '../../fixtures/failing-files.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf } from '../../fixtures/refusals.ts'
import {
  makeSealedBid,
  memorySink,
  recoveryCode,
  type SealedFixture,
  type SealedFixtureOptions,
  verifyFixture,
} from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const fixtures: SealedFixture[] = []
afterAll(() => fixtures.forEach(fixture => fixture.remove()))

async function seal(options: SealedFixtureOptions = {}): Promise<SealedFixture> {
  const fixture = await makeSealedBid(options)
  fixtures.push(fixture)
  return fixture
}

async function expectOpens(fixture: SealedFixture, verified: VerifiedBid, held: HeldKeys) {
  const sink = memorySink()
  const opened = await openSealedBid(verified, held.keys, sink)
  expect([...sink.received.keys()]).toEqual([...fixture.contents.keys()])
  for (const [name, bytes] of fixture.contents)
    expect(Buffer.from(sink.received.get(name) ?? 'x').equals(bytes)).toBe(true)
  return opened
}

describe('sealBid', () => {
  it('lists only what stands between the signer and the accepted authority, a root or not', async () => {
    const listed = async (acceptedCas: readonly Uint8Array[]) => {
      const fixture = await seal({ selfTest: true, fields: { acceptedCas: acceptedCas.map(toBase64) } })
      const verified = await verifyFixture(fixture)
      const held = await unwrapPartKeys(verified, ca.bidder.decrypt.opener())
      await expectOpens(fixture, verified, held)
      const { suite, headerBytes, signature } = verified.bid
      return suite.verifyDetached(headerBytes, signature).intermediates.map(({ der }) => Buffer.from(der))
    }
    expect(await listed([ca.root])).toEqual([Buffer.from(ca.intermediate)])
    expect(await listed([ca.intermediate])).toEqual([])
    expect(await listed([ca.root, ca.intermediate])).toEqual([])
  })

  it('seals a bid that the main and the backup lock open, and says that both are proved', async () => {
    const fixture = await seal({ selfTest: true, backup: true })
    const verified = await verifyFixture(fixture)
    for (const identity of [ca.bidder.decrypt, ca.bidder.backup]) {
      const held = await unwrapPartKeys(verified, identity.opener())
      expect(held.holds).toBe('partKey')
      const opened = await expectOpens(fixture, verified, held)
      expect(opened.opening.forms.map(form => form.id)).toEqual(['opening'])
      expect(opened.bid.forms.map(form => form.id)).toEqual(['summary'])
    }
    expect(fixture.outcome.recipients.map(each => [each.role, each.proved])).toEqual([
      ['main', true],
      ['backup', true],
    ])
    expect(await codeOf(() => unwrapPartKeys(verified, ca.rival.decrypt.opener()))).toBe('token.wrong-lock')
  })

  it('tells its size, parts and identity as they are on the disk', async () => {
    const fixture = await seal()
    const { bid } = await verifyFixture(fixture)
    const { outcome } = fixture
    expect(outcome.size).toBe(statSync(fixture.path).size)
    expect(archiveLength(bid)).toBe(outcome.size)
    expect(outcome.sealId).toBe(bid.header.sealId)
    expect(outcome.parts).toEqual(
      bid.header.parts.map(({ name, size, sealedSize, root }) => ({ name, size, sealedSize, root })),
    )
    expect(outcome.recipients[0]?.label).toBe('公章锁 财务-03')
  })

  it('seals whole where the tender asks for it', async () => {
    const fixture = await seal({ parts: 'whole', selfTest: true })
    const verified = await verifyFixture(fixture)
    expect(verified.bid.header.parts.map(part => part.name)).toEqual(['body'])
    await expectOpens(fixture, verified, await unwrapPartKeys(verified, ca.bidder.decrypt.opener()))
  })

  it('splits the key where the tender asks for it: neither side opens alone', async () => {
    const fixture = await seal({ keyPolicy: 'split', selfTest: true })
    const verified = await verifyFixture(fixture)
    const mine = await unwrapPartKeys(verified, ca.bidder.decrypt.opener())
    const agency = await unwrapPartKeys(verified, ca.agency.opener())
    expect([mine.holds, agency.holds]).toEqual(['shareA', 'shareB'])
    expect(await codeOf(() => openSealedBid(verified, mine.keys, memorySink()))).toBe('seal.key-mismatch')
    expect(await codeOf(() => openSealedBid(verified, agency.keys, memorySink()))).toBe('seal.key-mismatch')
    await expectOpens(fixture, verified, joinShares(verified, mine, agency))
    await expectOpens(fixture, verified, joinShares(verified, agency, mine))
    expect(await codeOf(async () => joinShares(verified, mine, mine))).toBe('seal.key-mismatch')
    const wrong = { ...agency, keys: new Map([...agency.keys].map(([name]) => [name, new Uint8Array(32)])) }
    expect(await codeOf(async () => joinShares(verified, mine, wrong))).toBe('seal.key-mismatch')
    expect(fixture.outcome.recipients.map(each => [each.role, each.proved])).toEqual([
      ['main', true],
      ['agency', false],
    ])
  })

  it('opens with the recovery code, as it is typed, and with no other', async () => {
    const fixture = await seal({ recovery: true, selfTest: true })
    const verified = await verifyFixture(fixture)
    const typed = (recoveryCode.match(/.{5}/g) ?? []).join('-').toLowerCase().replace('0', 'o').replace('1', 'l')
    await expectOpens(fixture, verified, await unwrapWithRecoveryCode(verified, typed))
    expect(await codeOf(() => unwrapWithRecoveryCode(verified, recoveryCode.replace('Z', 'Y')))).toBe(
      'seal.key-mismatch',
    )
    expect(await codeOf(() => unwrapWithRecoveryCode(verified, 'short'))).toBe('arguments.bad')
    expect(fixture.outcome.recipients.at(-1)).toEqual({
      id: 'recovery',
      role: 'recovery',
      label: '保险柜',
      proved: false,
    })
  })

  it('binds a plain twin where the tender allows one', async () => {
    const fixture = await seal({ plainTwin: true, selfTest: true })
    const verified = await verifyFixture(fixture)
    expect(verified.bid.header.remedy?.plainTwin?.map(part => part.name)).toEqual(['opening', 'body'])
    await expectOpens(fixture, verified, await unwrapPartKeys(verified, ca.bidder.decrypt.opener()))
  })

  it('opens with a renewed certificate on the same key', async () => {
    const fixture = await seal()
    const verified = await verifyFixture(fixture)
    const renewed = ca.issue('bidder-decrypt', { profile: 'decrypt', creditCode: ca.bidder.creditCode })
    await expectOpens(fixture, verified, await unwrapPartKeys(verified, renewed.opener()))
  })

  it('uses PKCS#1 v1.5 and proves nothing for a lock that is not there', async () => {
    const fixture = await seal({ withoutOpeners: true, selfTest: true })
    expect(fixture.outcome.recipients.map(each => each.proved)).toEqual([false])
    const verified = await verifyFixture(fixture)
    await expectOpens(fixture, verified, await unwrapPartKeys(verified, ca.bidder.decrypt.opener()))
    const text = (name: string) =>
      String(execFileSync('sh', ['-c', 'tar -xOf "$0" "$1" | openssl asn1parse -inform DER', fixture.path, name]))
    const name = `keys/body.${fixture.outcome.recipients[0]?.id ?? ''}.p7m`
    expect(text(name)).toContain('rsaEncryption')
    const proved = await seal()
    expect(
      String(execFileSync('sh', ['-c', 'tar -xOf "$0" "$1" | openssl asn1parse -inform DER', proved.path, name])),
    ).toContain('rsaesOaep')
  })

  it('falls back to PKCS#1 v1.5 for a lock that cannot do OAEP', async () => {
    const opener = ca.bidder.decrypt.opener()
    const old = {
      certificate: opener.certificate,
      open: (transport: Parameters<typeof opener.open>[0]) =>
        transport.kind === 'rsa-pkcs1'
          ? opener.open(transport)
          : Promise.reject(new CryptoFailure('token.unsupported', 'no OAEP')),
    }
    const fixture = await seal({
      selfTest: true,
      change: options => ({ ...options, recipients: options.recipients.map(each => ({ ...each, opener: old })) }),
    })
    expect(fixture.outcome.recipients.map(each => each.proved)).toEqual([true])
  })

  it('makes another bid of the same input every time: keys, salts and nonces are never used twice', async () => {
    const [one, other] = [await verifyFixture(await seal()), await verifyFixture(await seal())]
    const values = [one, other].flatMap(({ bid }) =>
      bid.header.parts.flatMap(part => [part.salt, part.root, part.keyCommitment]),
    )
    expect(new Set(values).size).toBe(values.length)
    expect(one.bid.header.sealId).not.toBe(other.bid.header.sealId)
    expect(one.bid.header.sealId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('wipes the part keys and shares when it is done, and when it fails', async () => {
    for (const fails of [false, true]) {
      const made: Uint8Array[] = []
      const change: SealedFixtureOptions['change'] = options => ({
        ...options,
        ...(fails ? { files: failingFiles('flush', 1, 'output.unwritable') } : {}),
        randomness: {
          bytes(length) {
            const bytes = options.randomness.bytes(length)
            made.push(bytes)
            return bytes
          },
        },
      })
      await seal({ keyPolicy: 'split', change }).catch(() => undefined)
      // Key and share A of each part; the salts, ids and nonces are no secrets.
      expect(made.filter(bytes => bytes.every(byte => byte === 0)).length).toBe(4)
    }
  })

  it('hides the length of the opening data: every price makes the same size', async () => {
    const sizes = new Set<number>()
    for (const value of ['1', '128,600,000.00', '9'.repeat(5000)]) {
      const fixture = await seal({
        change: options => ({ ...options, forms: [{ id: 'opening', fields: [{ name: '投标总价', value }] }] }),
      })
      sizes.add(fixture.outcome.parts[0]?.size ?? 0)
    }
    expect([...sizes]).toEqual([65_536])
  })

  it('seals no documents, an empty one, and one at every chunk boundary', async () => {
    const mebibyte = 2 ** 20
    const sizes = [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte]
    const documents = sizes.map(size => ({ name: `${size} 字节.bin`, bytes: Buffer.alloc(size, size % 251) }))
    for (const each of [[], documents]) {
      const fixture = await seal({ documents: each, selfTest: true })
      const verified = await verifyFixture(fixture)
      await expectOpens(fixture, verified, await unwrapPartKeys(verified, ca.bidder.decrypt.opener()))
    }
  })

  it('reports digest, seal and trial from nothing to all, never backwards', async () => {
    const seen: Progress[] = []
    await seal({ selfTest: true, change: options => ({ ...options, onProgress: progress => seen.push(progress) }) })
    for (const stage of ['digest', 'seal', 'trial'] as const) {
      const done = seen.filter(each => each.stage === stage).map(each => each.done)
      expect(done.at(0)).toBe(0)
      expect(done.at(-1)).toBe(seen.find(each => each.stage === stage)?.total)
      expect(done).toEqual([...done].sort((one, other) => one - other))
    }
    expect(new Set(seen.map(each => each.stage))).toEqual(new Set(['digest', 'seal', 'trial']))
  })

  it('never writes a plaintext byte: neither names nor contents nor prices stand in the file', async () => {
    const fixture = await seal({ documents: [{ name: '秘密文件.pdf', bytes: 'SECRET-CONTENT-OF-THE-BID'.repeat(10) }] })
    const file = readFileSync(fixture.path)
    for (const text of ['SECRET-CONTENT', '秘密文件', '128,600,000.00', '投标总价'])
      expect(file.includes(text)).toBe(false)
    expect(join(fixture.folder, '投标.sbid')).toBe(fixture.path)
  })
})
