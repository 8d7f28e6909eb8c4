import { constants, createPrivateKey, type KeyObject, pbkdf2, privateDecrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { importPublicKey, publicKeyKind } from '../../crypto/cert/public-key.ts'
import { type SignatureScheme, verifySignature } from '../../crypto/cert/signature-algorithm.ts'
import { CryptoFailure } from '../../crypto/errors.ts'
import { hasLowS, withLowS } from '../../crypto/sign/ecdsa.ts'
import { decodeOaepSha256 } from '../../crypto/sign/rsa-padding.ts'
import { openTransport } from '../../crypto/sign/soft-key.ts'
import { intl1 } from '../../crypto/suites/intl-1.ts'
import { wycheproof } from '../setup/vectors.ts'

// Published vectors (C2SP/wycheproof) through the functions this library really uses.
type Fields = Readonly<Record<string, string | number | readonly string[]>>
type Group = Fields & { readonly tests: readonly Fields[] }

/** Registers one test over all vectors of a file. */
function vectors(title: string, file: string, judge: (group: Group, vector: Fields) => void | Promise<void>): void {
  it(title, async context => {
    const { testGroups } = wycheproof(context, file) as { testGroups: readonly Group[] }
    let judged = 0
    for (const group of testGroups) {
      for (const vector of group.tests) {
        await judge(group, vector)
        judged += 1
      }
    }
    expect(judged).toBeGreaterThan(30)
  })
}

const text = (fields: Fields, name: string) => String(fields[name])
const bytes = (fields: Fields, name: string) => Uint8Array.from(Buffer.from(text(fields, name), 'hex'))
const label = (vector: Fields) => `vector ${text(vector, 'tcId')}: ${text(vector, 'comment')}`
const isValid = (vector: Fields) => vector['result'] === 'valid'

function publicKey(group: Group): KeyObject {
  const der = bytes(group, 'publicKeyDer')
  return importPublicKey(der, publicKeyKind(der))
}

function privateKey(group: Group): KeyObject {
  return createPrivateKey({ key: Buffer.from(bytes(group, 'privateKeyPkcs8')), format: 'der', type: 'pkcs8' })
}

function judgeSignature(scheme: SignatureScheme): (group: Group, vector: Fields) => void {
  return (group, vector) => {
    const held = verifySignature(scheme, publicKey(group), bytes(vector, 'msg'), bytes(vector, 'sig'))
    expect(held, label(vector)).toBe(isValid(vector))
  }
}

describe('wycheproof vectors', () => {
  vectors(
    'RSA PKCS#1 v1.5 signatures',
    'rsa_signature_2048_sha256_test.json',
    judgeSignature({ kind: 'rsa-pkcs1', hash: 'sha256' }),
  )

  vectors(
    'RSA-PSS signatures',
    'rsa_pss_2048_sha256_mgf1_32_test.json',
    judgeSignature({ kind: 'rsa-pss', hash: 'sha256', saltLength: 32 }),
  )

  vectors(
    'ECDSA P-256 signatures, of which the profile takes low s alone',
    'ecdsa_secp256r1_sha256_test.json',
    (group, vector) => {
      const key = publicKey(group)
      const holds = (signature: Uint8Array) =>
        verifySignature({ kind: 'ecdsa', hash: 'sha256' }, key, bytes(vector, 'msg'), signature)
      const accepted = (signature: Uint8Array) => {
        try {
          return hasLowS(signature, 'P-256') && holds(signature)
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoFailure)
          return false
        }
      }
      const signature = bytes(vector, 'sig')
      if (!isValid(vector)) {
        expect(accepted(signature), label(vector)).toBe(false)
        return
      }
      expect(holds(signature), label(vector)).toBe(true)
      expect(accepted(withLowS(signature, 'P-256')), label(vector)).toBe(true)
    },
  )

  vectors('RSA-OAEP with SHA-256 and the empty label', 'rsa_oaep_2048_sha256_mgf1sha256_test.json', (group, vector) => {
    const message = bytes(vector, 'msg')
    const encryptedKey = bytes(vector, 'ct')
    // Ours are 32 bytes long; a message of another length, like another label, is another key.
    const opened = openTransport(privateKey(group), { kind: 'rsa-oaep-sha256', encryptedKey })
    expect(opened).toHaveLength(32)
    const ours = isValid(vector) && message.length === 32 && text(vector, 'label') === ''
    expect(Buffer.from(opened).equals(Buffer.from(message)), label(vector)).toBe(ours)
    if (!isValid(vector) || message.length === 0) return
    const raw = { key: privateKey(group), padding: constants.RSA_NO_PADDING }
    const decoded = decodeOaepSha256(privateDecrypt(raw, encryptedKey), message.length)
    expect(Buffer.from(decoded).equals(Buffer.from(message)), label(vector)).toBe(text(vector, 'label') === '')
  })

  vectors('RSA PKCS#1 v1.5 decryption', 'rsa_pkcs1_2048_test.json', (group, vector) => {
    const message = bytes(vector, 'msg')
    if (message.length === 0) return
    const encryptedKey = bytes(vector, 'ct')
    const opened = openTransport(privateKey(group), { kind: 'rsa-pkcs1', encryptedKey, keyLength: message.length })
    expect(Buffer.from(opened).equals(Buffer.from(message)), label(vector)).toBe(isValid(vector))
  })

  vectors('AES-256-GCM, 96-bit nonce, 128-bit tag', 'aes_gcm_test.json', (group, vector) => {
    if (group['keySize'] !== 256 || group['ivSize'] !== 96 || group['tagSize'] !== 128) return
    const [key, nonce, message] = [bytes(vector, 'key'), bytes(vector, 'iv'), bytes(vector, 'msg')]
    const sealed = Uint8Array.from([...bytes(vector, 'ct'), ...bytes(vector, 'tag')])
    if (isValid(vector) && text(vector, 'aad') === '') {
      expect(intl1.sealChunk(key, nonce, message), label(vector)).toEqual(sealed)
      expect(intl1.openChunk(key, nonce, sealed), label(vector)).toEqual(message)
      return
    }
    // The format has no additional data: what was sealed with some is another message.
    expect(() => intl1.openChunk(key, nonce, sealed), label(vector)).toThrow('seal.chunk')
  })

  vectors('HKDF-SHA-256', 'hkdf_sha256_test.json', (_, vector) => {
    const derive = () =>
      intl1.hkdf(bytes(vector, 'ikm'), bytes(vector, 'salt'), bytes(vector, 'info'), Number(vector['size']))
    if (isValid(vector)) expect(derive(), label(vector)).toEqual(bytes(vector, 'okm'))
    else expect(derive, label(vector)).toThrow()
  })

  vectors('PBKDF2-HMAC-SHA-256', 'pbkdf2_hmacsha256_test.json', async (_, vector) => {
    const [rounds, length] = [Number(vector['iterationCount']), Number(vector['dkLen'])]
    const derived = await promisify(pbkdf2)(bytes(vector, 'password'), bytes(vector, 'salt'), rounds, length, 'sha256')
    expect(derived.toString('hex'), label(vector)).toBe(text(vector, 'dk'))
  })

  vectors('keys of P-256 that are no points are refused', 'ecdh_secp256r1_test.json', (_, vector) => {
    const der = bytes(vector, 'public')
    const usable = () => {
      try {
        const kind = publicKeyKind(der)
        return importPublicKey(der, kind).asymmetricKeyType === 'ec' && kind.kind === 'ec' && kind.curve === 'P-256'
      } catch (error) {
        expect(error, label(vector)).toBeInstanceOf(CryptoFailure)
        return false
      }
    }
    if (isValid(vector)) expect(usable(), label(vector)).toBe(true)
    if (vector['result'] === 'invalid') expect(usable(), label(vector)).toBe(false)
  })
})
