import { describe, expect, it } from 'vitest'
import { importPublicKey, publicKeyKind } from '../../crypto/cert/public-key.ts'
import { type HashName, type SignatureScheme, verifySignature } from '../../crypto/cert/signature-algorithm.ts'
import { oids } from '../../crypto/der/oids.ts'
import { bitString, derNull, oid, sequence, unsignedInteger } from '../../crypto/der/writer.ts'
import { type NistSignature, nistSignatures } from '../setup/nist-signatures.ts'

// What certificates, lists and answers of RSA and EC authorities are verified with: two curves and three digests more than
// a bid may be signed with.
const hashNames: readonly HashName[] = ['sha256', 'sha384', 'sha512']

describe('signatures of NIST’s suite for FIPS 186-3', () => {
  it('RSA PKCS#1 v1.5 from 2,048 bits with SHA-256, -384 and -512', context => {
    const judged = judge(nistSignatures(context, 'RSA/FIPS_186-2/SigVer15_186-3.rsp'), vector => {
      const hash = rsaHash(vector)
      return hash === null ? null : verifies({ kind: 'rsa-pkcs1', hash }, rsaKey(vector), vector, bytes(vector, 'S'))
    })
    expect(judged).toBeGreaterThan(150)
  })

  it('RSA-PSS from 2,048 bits with SHA-256, -384 and -512', context => {
    const judged = judge(nistSignatures(context, 'RSA/FIPS_186-2/SigVerPSS_186-3.rsp'), vector => {
      const hash = rsaHash(vector)
      const saltLength = bytes(vector, 'SaltVal').length
      const scheme = { kind: 'rsa-pss', hash: hash ?? 'sha256', saltLength } as const
      return hash === null ? null : verifies(scheme, rsaKey(vector), vector, bytes(vector, 'S'))
    })
    expect(judged).toBeGreaterThan(150)
  })

  it('ECDSA on P-256 and P-384 with SHA-256, -384 and -512', context => {
    const judged = judge(nistSignatures(context, 'ECDSA/FIPS_186-3/SigVer.rsp'), vector => {
      const [curve = '', name = ''] = vector.group.split(',')
      const hash = hashNames.find(each => each === name.toLowerCase().replace('-', ''))
      const named = curve === 'P-256' ? oids.p256 : curve === 'P-384' ? oids.p384 : null
      if (hash === undefined || named === null) return null
      const signature = sequence(unsignedInteger(bytes(vector, 'R')), unsignedInteger(bytes(vector, 'S')))
      const size = curve === 'P-256' ? 32 : 48
      const point = [4, ...padded(bytes(vector, 'Qx'), size), ...padded(bytes(vector, 'Qy'), size)]
      const algorithm = sequence(oid(oids.ecPublicKey), oid(named))
      return verifies(
        { kind: 'ecdsa', hash },
        sequence(algorithm, bitString(Uint8Array.from(point))),
        vector,
        signature,
      )
    })
    expect(judged).toBe(90)
  })
})

/** Judges each vector, `null` being one that does not concern us; answers how many did. */
function judge(vectors: readonly NistSignature[], held: (vector: NistSignature) => boolean | null): number {
  let judged = 0
  for (const [index, vector] of vectors.entries()) {
    const outcome = held(vector)
    if (outcome === null) continue
    judged += 1
    expect(outcome, `vector ${index} of ${vector.group}`).toBe(vector.valid)
  }
  return judged
}

function verifies(
  scheme: SignatureScheme,
  publicKeyInfo: Uint8Array,
  vector: NistSignature,
  signature: Uint8Array,
): boolean {
  const key = importPublicKey(publicKeyInfo, publicKeyKind(publicKeyInfo))
  return verifySignature(scheme, key, bytes(vector, 'Msg'), signature)
}

/** The digest of an RSA vector whose key is long enough to be taken at all. */
function rsaHash({ group, fields }: NistSignature): HashName | null {
  const bits = Number(/mod = (\d+)/.exec(group)?.[1] ?? 0)
  return (bits >= 2048 ? hashNames : []).find(each => each === fields['SHAAlg']?.toLowerCase()) ?? null
}

function rsaKey(vector: NistSignature): Uint8Array {
  const numbers = sequence(unsignedInteger(bytes(vector, 'n')), unsignedInteger(bytes(vector, 'e')))
  return sequence(sequence(oid(oids.rsaEncryption), derNull), bitString(numbers))
}

function bytes({ fields }: NistSignature, name: string): Uint8Array {
  const hex = fields[name]?.trim() ?? ''
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
}

function padded(number: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size)
  out.set(number, size - number.length)
  return out
}
