import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import { encodeSoftLock } from '../../../../crypto/token/soft/pkcs12-write.ts'
import { readSoftLock } from '../../../../crypto/token/soft/pkcs12-read.ts'
import { softSession } from '../../../../crypto/token/soft/session.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const { bidder, intermediate } = practiceCa()

function ours(pin: string): Uint8Array {
  return encodeSoftLock({
    pin,
    label: '云岭建设 演练锁',
    keys: [
      {
        use: 'sign',
        privateKey: bidder.sign.privateKey.export({ format: 'der', type: 'pkcs8' }),
        certificate: bidder.sign.certificate,
      },
      {
        use: 'decrypt',
        privateKey: bidder.decrypt.privateKey.export({ format: 'der', type: 'pkcs8' }),
        certificate: bidder.decrypt.certificate,
      },
    ],
    intermediates: [intermediate],
  })
}

describe('openssl and our soft locks', () => {
  it('openssl reads ours, the encryption key first, under an ASCII and a Chinese PIN', async () => {
    await withOpenssl(bench => {
      for (const pin of ['246810', '演练锁']) {
        bench.put('ours.p12', ours(pin))
        const keys = bench.run('pkcs12', '-in', 'ours.p12', '-nocerts', '-nodes', '-passin', `pass:${pin}`)
        expect(keys.ok, keys.stderr).toBe(true)
        const first = createPrivateKey(keys.stdout.toString())
        expect(first.equals(bidder.decrypt.privateKey)).toBe(true)
        const certificates = bench.run('pkcs12', '-in', 'ours.p12', '-nokeys', '-passin', `pass:${pin}`)
        expect(certificates.stdout.toString().match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
      }
      const facts = bench.run('pkcs12', '-in', 'ours.p12', '-info', '-noout', '-passin', 'pass:演练锁')
      expect(facts.stderr).toContain('AES-256-CBC')
      expect(facts.stderr).toContain('MAC: sha256, Iteration 50000')
    })
  })

  it.each([
    ['as it is made today', []],
    ['with a bare MAC of one round', ['-nomaciter']],
    ['with a SHA-512 MAC', ['-macalg', 'sha512']],
    [
      'with triple DES and SHA-1, as Windows exports it',
      ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'],
    ],
    ['with the certificates in clear', ['-certpbe', 'NONE']],
  ])('we read openssl’s, %s', async (_name, options) => {
    await withOpenssl(async bench => {
      bench.put('key.pem', bidder.sign.privateKey.export({ format: 'pem', type: 'pkcs8' }))
      bench.put('cert.pem', toPem(bidder.sign.certificate, 'CERTIFICATE'))
      bench.put('more.pem', toPem(intermediate, 'CERTIFICATE'))
      const names = ['-inkey', 'key.pem', '-in', 'cert.pem', '-certfile', 'more.pem', '-name', '投标锁']
      const made = bench.run('pkcs12', '-export', ...names, '-out', 'theirs.p12', '-passout', 'pass:246810', ...options)
      expect(made.ok, made.stderr).toBe(true)
      const file = readFileSync(bench.path('theirs.p12'))
      const lock = readSoftLock(file, '246810')
      const [key] = lock.keys
      const expected = bidder.sign.privateKey.export({ format: 'der', type: 'pkcs8' })
      expect(key && Buffer.from(writePrivateKey(key.privateKey))).toEqual(expected)
      expect(key?.label).toBe('投标锁')
      const session = softSession(lock)
      const [own, other] = await session.certificates()
      expect(Buffer.from(own?.certificate ?? [])).toEqual(Buffer.from(bidder.sign.certificate))
      expect(other?.uses).toEqual([])
      expect(await session.algorithms(own?.keyId ?? '')).toContain('rsa-pss-sha256')
      expectFailure('token.pin-incorrect', () => readSoftLock(file, '246811'))
      const withoutPin = readSoftLock(file, null)
      expect(withoutPin.keys).toEqual([])
      expect(withoutPin.certificates).toHaveLength(options.includes('NONE') ? 2 : 0)
    })
  })

  it('we refuse a file whose number of rounds would stop the process, before computing', () => {
    const file = Buffer.from(ours('1'))
    // 50,000 rounds as INTEGER become 8,388,607; the last of them is the MAC's.
    const rounds = Buffer.from('020300c350', 'hex')
    file.set([0x7f, 0xff, 0xff], file.lastIndexOf(rounds) + 2)
    expectFailure('token.unsupported', () => readSoftLock(file, '1'))
  })
})
