import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { signFileGm, verifyFileGm } from '../../../../crypto/cms/gm/detached-file.ts'
import { signDetachedGm, verifyDetachedGm } from '../../../../crypto/cms/gm/detached.ts'
import { bytesSource } from '../../../../crypto/io/source.ts'
import type { Signer } from '../../../../crypto/sign/signer.ts'
import { flipped } from '../../../fixtures/der-edit.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const identity = gmCa().bidder.sign
const mebibyte = 2 ** 20
const limit = 256 * 1024

describe('a detached signature over a file', () => {
  test.each([0, 1, 63, 64, limit, limit + 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte + 7])(
    'of %d bytes is the one over the bytes at hand',
    async size => {
      const content = Uint8Array.from(randomBytes(size))
      const signature = await signFileGm(bytesSource(content), identity.signer())
      expect(Buffer.from(verifyDetachedGm(content, signature).signer.der)).toEqual(Buffer.from(identity.certificate))
      const other = await signDetachedGm(content, identity.signer())
      expect((await verifyFileGm(bytesSource(content), other)).intermediates).toHaveLength(1)
    },
  )

  test('is verified by openssl with the signer’s key and the usual identifier', () =>
    withOpenssl(async bench => {
      const content = Uint8Array.from(randomBytes(2 * mebibyte + 5))
      const signature = await signFileGm(bytesSource(content), identity.signer())
      const { signer, signatureOctets } = verifyDetachedGm(content, signature)
      bench.put('file', content)
      bench.put('octets', signatureOctets)
      bench.put('key.pem', toPem(signer.publicKeyInfo, 'PUBLIC KEY'))
      const usual = ['-sm3', '-verify', 'key.pem', '-sigopt', 'distid:1234567812345678', '-signature', 'octets', 'file']
      const judged = bench.run('dgst', ...usual)
      expect(judged.stdout.toString() + judged.stderr).toContain('Verified OK')
    }))

  test('is refused for any other bytes, and when it is none', async () => {
    const content = Uint8Array.from(randomBytes(mebibyte + 100))
    const signature = await signFileGm(bytesSource(content), identity.signer())
    for (const at of [0, mebibyte - 1, mebibyte, content.length - 1]) {
      await expect(verifyFileGm(bytesSource(flipped(content, at * 8)), signature)).rejects.toMatchObject({
        code: 'document.signature',
      })
    }
    const shorter = bytesSource(content.subarray(1))
    await expect(verifyFileGm(shorter, signature)).rejects.toMatchObject({ code: 'document.signature' })
    const broken = flipped(signature, signature.length * 8 - 1)
    await expect(verifyFileGm(bytesSource(content), broken)).rejects.toMatchObject({ code: 'document.signature' })
    await expect(verifyFileGm(bytesSource(content), content)).rejects.toMatchObject({ code: 'document.signature' })
  })

  test('gives the lock the content only while it is small', async () => {
    const given: (number | undefined)[] = []
    const watching: Signer = {
      ...identity.signer(),
      sign: (algorithm, digest, message) => {
        given.push(message?.length)
        return identity.signer().sign(algorithm, digest, message)
      },
    }
    for (const size of [0, 5, limit, limit + 1]) await signFileGm(bytesSource(new Uint8Array(size)), watching)
    expect(given).toEqual([0, 5, limit, undefined])
  })

  test('never leaves when the lock has signed something else', async () => {
    const lying: Signer = {
      ...identity.signer(),
      sign: (algorithm, digest) => identity.signer().sign(algorithm, flipped(digest, 0)),
    }
    const signing = signFileGm(bytesSource(Uint8Array.of(1)), lying)
    await expect(signing).rejects.toMatchObject({ code: 'document.signature' })
  })

  test('hands every piece on in order, and stops when told to', async () => {
    const content = Uint8Array.from(randomBytes(2 * mebibyte + 1))
    const pieces: Uint8Array[] = []
    const stop = new AbortController()
    await signFileGm(bytesSource(content), identity.signer(), {
      onPiece: (offset, piece) => {
        expect(offset).toBe(pieces.length * mebibyte)
        pieces.push(piece)
        return Promise.resolve()
      },
    })
    expect(Buffer.concat(pieces).equals(content)).toBe(true)
    const signing = signFileGm(bytesSource(content), identity.signer(), {
      signal: stop.signal,
      onPiece: () => {
        stop.abort()
        return Promise.resolve()
      },
    })
    await expect(signing).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is made by keys of SM2 alone', async () => {
    const { certificate } = practiceCa().bidder.sign
    expect(parseCertificate(certificate).key.kind).toBe('rsa')
    const signing = signFileGm(bytesSource(Uint8Array.of(1)), practiceCa().bidder.sign.signer())
    await expect(signing).rejects.toMatchObject({ code: 'cert.unsupported' })
  })
})
