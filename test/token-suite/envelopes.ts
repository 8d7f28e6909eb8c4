import { constants, createHash, randomBytes, verify } from 'node:crypto'
import { parseCertificate, publicKeyOf, sm2PointOf } from '../../crypto/cert/certificate.ts'
import { wrapKeyCms } from '../../crypto/cms/envelope.ts'
import { wrapKeyGm } from '../../crypto/cms/gm/envelope.ts'
import type { KeyOpener, KeyTransport } from '../../crypto/envelope/key-opener.ts'
import type { SignatureAlgorithm } from '../../crypto/sign/signer.ts'
import { sm2Digest, sm2VerifyDigest } from '../../crypto/sm/sm2/index.ts'
import { gm1 } from '../../crypto/suites/gm-1.ts'
import { intl1 } from '../../crypto/suites/intl-1.ts'

/** An envelope of 32 fresh bytes to a certificate. */
export interface TestEnvelope {
  readonly key: Uint8Array
  /** Opens it as the product does. */
  open(opener: KeyOpener): Promise<Uint8Array>
  /** What the envelope asks of the token. */
  readonly transport: KeyTransport
}

/** Makes an envelope that will be opened by this kind of transport. */
export async function envelopeFor(certificate: Uint8Array, kind: KeyTransport['kind']): Promise<TestEnvelope> {
  const recipient = parseCertificate(certificate)
  const key = randomBytes(32)
  const suite = kind === 'sm2-sm4-cbc' ? gm1 : intl1
  const padding = kind === 'rsa-pkcs1' ? 'pkcs1' : 'oaep'
  const envelope = suite === gm1 ? wrapKeyGm(key, { recipient }) : wrapKeyCms(key, { recipient, padding })
  const open = (opener: KeyOpener): Promise<Uint8Array> => suite.openEnvelope(envelope, opener)
  let transport: KeyTransport | null = null
  const listener: KeyOpener = {
    certificate,
    open(asked) {
      transport = asked
      return Promise.resolve(new Uint8Array(32))
    },
  }
  await open(listener)
  return { key, open, transport: required(transport) }
}

/** What a token is given, each of its fields with a bit turned, in the middle and at the end. */
export function tampered(
  transport: KeyTransport,
): readonly { readonly field: string; readonly transport: KeyTransport }[] {
  return Object.entries(transport).flatMap(([field, value]: [string, unknown]) => {
    // A point off the curve never gets this far.
    if (!(value instanceof Uint8Array) || field === 'ephemeralPoint') return []
    return [value.length >> 1, value.length - 1].map(at => ({
      field,
      transport: { ...transport, [field]: value.map((byte, index) => (index === at ? byte ^ 0x10 : byte)) },
    }))
  })
}

/** What is signed of a message: SHA-256 of it, or SM3(Z ‖ M). */
export function digestFor(certificate: Uint8Array, algorithm: SignatureAlgorithm, message: Uint8Array): Uint8Array {
  return algorithm === 'sm2-sm3'
    ? sm2Digest(sm2PointOf(parseCertificate(certificate)), message)
    : createHash('sha256').update(message).digest()
}

/** Whether a signature of the message holds, judged in software and without a look at how it was made. */
export function holds(
  certificate: Uint8Array,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const parsed = parseCertificate(certificate)
  if (algorithm === 'sm2-sm3') {
    const point = sm2PointOf(parsed)
    return sm2VerifyDigest(point, sm2Digest(point, message), signature)
  }
  const key = publicKeyOf(parsed)
  const padding =
    algorithm === 'rsa-pss-sha256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : algorithm === 'rsa-pkcs1-sha256'
        ? { padding: constants.RSA_PKCS1_PADDING }
        : {}
  return verify('sha256', message, { key, ...padding }, signature)
}

function required(transport: KeyTransport | null): KeyTransport {
  if (transport === null) throw new Error('the envelope asks nothing of the token')
  return transport
}
