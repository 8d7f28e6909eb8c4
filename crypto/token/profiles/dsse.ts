import { createPublicKey, verify } from 'node:crypto'
import { CryptoFailure } from '../../errors.ts'
import { fromBase64 } from '../../json/hex.ts'
import { array, base64, check, object, optional, type Shape, string } from '../../json/shape.ts'
import { parseStrictJson } from '../../json/strict-json.ts'
import { asOneLine } from './readable-json.ts'

/** A key whose signatures count, pinned in the program. */
export interface PublisherKey {
  /** SHA-256 of the key's SubjectPublicKeyInfo, lower-case hex. */
  readonly id: string
  /** SubjectPublicKeyInfo of an Ed25519 key, DER as base64. */
  readonly publicKey: string
}

/** A DSSE v1 envelope (secure-systems-lab/dsse): somebody's bytes, what they are, and signatures over both. */
export interface DsseEnvelope {
  readonly payloadType: string
  readonly payload: Uint8Array
  readonly signatures: readonly { readonly keyId: string | null; readonly signature: Uint8Array }[]
}

/** Longest payload, in bytes. */
export const payloadLimit = 4 * 1024 * 1024

/** Longest envelope, in bytes: base64 and room for the rest. */
export const envelopeLimit = 6 * 1024 * 1024

/** Reads an envelope; nothing in it is believed yet. Throws `data.malformed`. */
export function readEnvelope(bytes: Uint8Array): DsseEnvelope {
  if (bytes.length > envelopeLimit) throw new CryptoFailure('data.malformed', `longer than ${envelopeLimit} bytes`)
  const value = parseStrictJson(asOneLine(bytes), { maxBytes: envelopeLimit, code: 'data.malformed' })
  const { payloadType, payload, signatures } = check(envelopeShape, value, 'data.malformed')
  return {
    payloadType,
    payload: fromBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({ keyId: keyid ?? null, signature: fromBase64(sig) })),
  }
}

/** Writes an envelope as readable JSON that {@link readEnvelope} reads. */
export function writeEnvelope({ payloadType, payload, signatures }: DsseEnvelope): Uint8Array {
  const inBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const value = {
    payload: inBase64(payload),
    payloadType,
    signatures: signatures.map(({ keyId, signature }) => ({
      ...(keyId === null ? {} : { keyid: keyId }),
      sig: inBase64(signature),
    })),
  }
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
}

/**
 * The payload of an envelope that one of these keys has signed as this type. The key id only chooses the key. Throws
 * `data.signature`.
 */
export function verifyEnvelope(
  { payloadType, payload, signatures }: DsseEnvelope,
  expectedType: string,
  keys: readonly PublisherKey[],
): Uint8Array {
  if (payloadType !== expectedType) throw new CryptoFailure('data.signature', 'it was signed as something else')
  const signed = preAuthEncoding(payloadType, payload)
  const known = signatures.flatMap(({ keyId, signature }) =>
    keys.filter(({ id }) => keyId === null || id === keyId).map(key => ({ key, signature })),
  )
  if (known.length === 0) throw new CryptoFailure('data.signature', 'no publisher this program knows has signed it')
  if (!known.some(({ key, signature }) => isSignedBy(key, signed, signature))) {
    throw new CryptoFailure('data.signature', "the publisher's signature does not hold: it was changed after signing")
  }
  return payload
}

/** What is signed (DSSE v1, "PAE"): type and payload, each with its length before it. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = new TextEncoder().encode(payloadType)
  const head = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `)])
  return Uint8Array.from(Buffer.concat([head, payload]))
}

const ed25519SignatureLength = 64

function isSignedBy({ publicKey }: PublisherKey, signed: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ed25519SignatureLength) return false
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return key.asymmetricKeyType === 'ed25519' && verify(null, signed, key, signature)
}

const envelopeShape: Shape<{
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[]
}> = object(
  {
    payload: base64(payloadLimit),
    payloadType: string({ max: 256, min: 1, pattern: /^[\x21-\x7e]+$/ }),
    signatures: array(
      object(
        { keyid: optional(string({ max: 128, min: 1, pattern: /^[\x21-\x7e]+$/ })), sig: base64(1024) },
        { unknown: 'refuse' },
      ),
      { min: 1, max: 16 },
    ),
  },
  { unknown: 'refuse' },
)
