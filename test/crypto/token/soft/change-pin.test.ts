import { randomBytes } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import { openSoftDriver } from '../../../../crypto/token/soft/driver.ts'
import { readSoftLock, type SoftLock } from '../../../../crypto/token/soft/pkcs12-read.ts'
import { encodeSoftLock } from '../../../../crypto/token/soft/pkcs12-write.ts'
import { expectFailure, expectRejection } from '../../../fixtures/failure.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { type OpensslBench, withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const { bidder, intermediate } = practiceCa()
const gm = gmCa()
const [oldPin, newPin] = ['111111', '新的-222222']
const folder = mkdtempSync(join(tmpdir(), 'bidseal-soft-pin-'))
const path = join(folder, 'lock.p12')
const uri = `p12:${path}`

// An RSA pair for signing, an SM2 pair for the envelopes: one lock may hold both.
const fresh = encodeSoftLock({
  pin: oldPin,
  label: '云岭建设 演练锁',
  keys: [
    { use: 'sign', privateKey: writePrivateKey(bidder.sign.privateKey), certificate: bidder.sign.certificate },
    {
      use: 'decrypt',
      privateKey: writePrivateKey(gm.bidder.decrypt.privateKey),
      certificate: gm.bidder.decrypt.certificate,
    },
  ],
  intermediates: [intermediate],
})

beforeEach(() => {
  writeFileSync(path, fresh)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function change(pins: { oldPin: string; newPin: string }, lock = path): Promise<void> {
  const driver = await openSoftDriver(lock)
  await driver.changePin(`p12:${lock}`, pins).finally(() => driver.close())
}

/** Everything in a lock, to be compared. */
function contents({ label, keys, certificates }: SoftLock) {
  return {
    label,
    keys: keys.map(key => ({ ...key, privateKey: Buffer.from(writePrivateKey(key.privateKey)).toString('hex') })),
    certificates: certificates.map(each => ({ ...each, certificate: Buffer.from(each.certificate).toString('hex') })),
  }
}

describe('the PIN of a soft lock', () => {
  it('is changed: the new one opens everything that was there, the old one nothing', async () => {
    const before = contents(readSoftLock(fresh, oldPin))
    await change({ oldPin, newPin })
    const file = readFileSync(path)
    expect(contents(readSoftLock(file, newPin))).toEqual(before)
    expectFailure('token.pin-incorrect', () => readSoftLock(file, oldPin))
    expect(readdirSync(folder)).toEqual(['lock.p12'])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    const driver = await openSoftDriver(path)
    await (await driver.login(uri, newPin)).close()
    await driver.close()
  })

  it('stays when the old one is wrong, and when the new one is none', async () => {
    await expectRejection('token.pin-incorrect', change({ oldPin: '999999', newPin }))
    for (const none of ['', 'a\0b', 'x'.repeat(257)]) {
      const detail = await expectRejection('token.pin-form', change({ oldPin, newPin: none }))
      expect(detail).not.toContain('a\0b')
    }
    expect(readFileSync(path)).toEqual(Buffer.from(fresh))
    expect(readdirSync(folder)).toEqual(['lock.p12'])
  })

  it('stays when the new file cannot be written', async () => {
    // A folder stands where the draft would.
    mkdirSync(`${path}.part`)
    await expectRejection('output.unwritable', change({ oldPin, newPin }))
    rmSync(`${path}.part`, { recursive: true, force: true })
    expect(readFileSync(path)).toEqual(Buffer.from(fresh))
  })

  it('is changed in the file that a link leads to', async () => {
    const link = join(folder, 'link.p12')
    symlinkSync(path, link)
    await change({ oldPin, newPin }, link)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    readSoftLock(readFileSync(path), newPin)
    rmSync(link)
  })

  it.each([[[]], [['-legacy']], [['-keypbe', 'NONE']]])(
    'of a lock that openssl has made (%s), with everything it holds',
    async options => {
      await withOpenssl(async bench => {
        const lock = exportLock(bench, options)
        const before = contents(readSoftLock(readFileSync(lock), oldPin))
        expect(before.keys).toHaveLength(1)
        expect(before.certificates).toHaveLength(2)
        const withoutPin = contents(readSoftLock(readFileSync(lock), null))
        await change({ oldPin, newPin }, lock)
        expect(contents(readSoftLock(readFileSync(lock), newPin))).toEqual(before)
        // What could not be read without a PIN still cannot.
        expect(contents(readSoftLock(readFileSync(lock), null))).toEqual(withoutPin)
        const read = bench.run('pkcs12', '-in', lock, '-nodes', '-passin', `pass:${newPin}`)
        expect(read.ok, read.stderr).toBe(true)
        expect(read.stdout.toString().match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
      })
    },
  )

  it('can be changed back, any number of times', async () => {
    for (let round = 0; round < 3; round += 1) {
      const next = randomBytes(6).toString('hex')
      await change({ oldPin, newPin: next })
      await change({ oldPin: next, newPin: oldPin })
    }
    expect(contents(readSoftLock(readFileSync(path), oldPin))).toEqual(contents(readSoftLock(fresh, oldPin)))
  })
})

function exportLock(bench: OpensslBench, options: readonly string[]): string {
  bench.put('key.pem', toPem(writePrivateKey(bidder.sign.privateKey), 'PRIVATE KEY'))
  bench.put('cert.pem', toPem(bidder.sign.certificate, 'CERTIFICATE'))
  bench.put('chain.pem', toPem(intermediate, 'CERTIFICATE'))
  const names = ['-inkey', 'key.pem', '-in', 'cert.pem', '-certfile', 'chain.pem', '-name', 'theirs']
  const made = bench.run('pkcs12', '-export', ...options, ...names, '-out', 'theirs.p12', '-passout', `pass:${oldPin}`)
  expect(made.ok, made.stderr).toBe(true)
  return bench.path('theirs.p12')
}
