import { createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toPem } from '../../../crypto/cert/pem.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { bitString, context, integer, octetString, oid, sequence } from '../../../crypto/der/writer.ts'
import {
  generatePrivateKey,
  isSm2Key,
  publicKeyInfoOf,
  readPrivateKey,
  wipePrivateKey,
  writePrivateKey,
} from '../../../crypto/sign/private-key.ts'
import { generateSm2Key, sm2PublicOf } from '../../../crypto/sm/sm2/index.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { testKey } from '../../fixtures/practice-ca.ts'
import { scalar } from '../../fixtures/sm2.ts'

const d = generateSm2Key()
const sm2Algorithm = sequence(oid(oids.ecPublicKey), oid(oids.sm2))

function pkcs8(inner: Uint8Array, algorithm = sm2Algorithm, version = 0): Uint8Array {
  return sequence(integer(version), algorithm, octetString(inner))
}

describe('a private key', () => {
  it('of every kind is made, written as PKCS#8 and read back', async () => {
    for (const kind of ['rsa-2048', 'p-256', 'sm2'] as const) {
      const made = await generatePrivateKey(kind)
      expect(isSm2Key(made)).toBe(kind === 'sm2')
      const read = readPrivateKey(writePrivateKey(made))
      expect(isSm2Key(read)).toBe(kind === 'sm2')
      expect(publicKeyInfoOf(read)).toEqual(publicKeyInfoOf(made))
    }
  })

  it('of RSA, P-256 and P-384 is node’s own, read from PKCS#8 and from an ECPrivateKey', () => {
    for (const key of [testKey('soft'), testKey('soft', 'P-256'), testKey('soft', 'P-384')]) {
      const read = readPrivateKey(key.export({ format: 'der', type: 'pkcs8' }))
      expect(read).toBeInstanceOf(KeyObject)
      expect(publicKeyInfoOf(read)).toEqual(
        Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' })),
      )
    }
    const elliptic = testKey('soft', 'P-256')
    expect(publicKeyInfoOf(readPrivateKey(elliptic.export({ format: 'der', type: 'sec1' })))).toEqual(
      publicKeyInfoOf(elliptic),
    )
  })

  it('of SM2 is one that openssl reads, public key and all', () =>
    withOpenssl(bench => {
      const key = { kind: 'sm2', d } as const
      bench.put('key.pem', toPem(writePrivateKey(key), 'PRIVATE KEY'))
      expect(bench.run('pkey', '-in', 'key.pem', '-check', '-noout').stdout.toString()).toContain('Key is valid')
      const publicKey = bench.run('pkey', '-in', 'key.pem', '-pubout', '-outform', 'DER')
      expect(Uint8Array.from(publicKey.stdout)).toEqual(publicKeyInfoOf(key))
    }))

  it('of SM2 is read with and without its curve and public key, and with a short number', () => {
    const point = sm2PublicOf(d)
    for (const extra of [[], [context(0, oid(oids.sm2))], [context(1, bitString(point))]]) {
      const read = readPrivateKey(pkcs8(sequence(integer(1), octetString(d), ...extra)))
      expect(read).toEqual({ kind: 'sm2', d })
    }
    expect(readPrivateKey(pkcs8(sequence(integer(1), octetString(Uint8Array.of(9)))))).toEqual({
      kind: 'sm2',
      d: scalar(9),
    })
    expect(readPrivateKey(sequence(integer(1), octetString(d), context(0, oid(oids.sm2))))).toEqual({ kind: 'sm2', d })
  })

  it('of SM2 is overwritten when it is wiped', () => {
    const key = { kind: 'sm2', d: Uint8Array.from(d) } as const
    wipePrivateKey(key)
    expect(key.d).toEqual(new Uint8Array(32))
    wipePrivateKey(testKey('soft'))
  })
})

describe('readPrivateKey refuses', () => {
  const inner = sequence(integer(1), octetString(d))

  it('SM2 keys that contradict themselves or are no numbers of the group', () => {
    const other = bitString(sm2PublicOf(generateSm2Key()))
    const wrong = [
      sequence(integer(1), octetString(d), context(1, other)),
      sequence(integer(1), octetString(d), context(0, oid(oids.p256))),
      sequence(integer(2), octetString(d)),
      sequence(integer(1), octetString(scalar(0))),
      sequence(integer(1), octetString(new Uint8Array(32).fill(0xff))),
      sequence(integer(1), octetString(Uint8Array.of(0, ...d))),
      sequence(integer(1), octetString(d), integer(1)),
      sequence(integer(1)),
      octetString(d),
    ]
    for (const each of wrong) expectFailure('cert.unsupported', () => readPrivateKey(pkcs8(each)))
  })

  it('what is no private key, another version and keys of other kinds', () => {
    const edwards = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
    const wrong = [
      edwards,
      pkcs8(inner, sm2Algorithm, 2),
      pkcs8(inner, sequence(oid(oids.ecPublicKey), oid('1.3.132.0.10'))),
      pkcs8(inner, sequence(oid(oids.ecPublicKey))),
      pkcs8(inner, sequence(oid(oids.ecPublicKey), sequence(integer(1)))),
      pkcs8(inner, sequence(oid(oids.rsaEncryption))),
      sequence(integer(1), octetString(d)),
      sequence(integer(1), octetString(d), context(0, oid('1.3.132.0.10'))),
      publicKeyInfoOf({ kind: 'sm2', d }),
      Uint8Array.of(...writePrivateKey({ kind: 'sm2', d }), 0),
      new Uint8Array(0),
    ]
    for (const each of wrong) expectFailure('cert.unsupported', () => readPrivateKey(each))
  })
})
