import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Certificate } from '../cert/certificate.ts'
import { CryptoFailure } from '../errors.ts'
import type { SignatureAlgorithm } from '../sign/signer.ts'
import { readableCertificate } from './key-use.ts'
import type { KeyUse, TokenCertificate, TokenSession } from './port.ts'
import { oaepEnvelope, type TrialEnvelope, trialEnvelopes } from './trial-envelope.ts'
import { digestFor, isHashedAgain, signatureHolds, withZeros } from './trial-signature.ts'

/** What a library does otherwise than every other program expects. */
export type Deviation =
  /** It did not sign, or not decrypt, what it was asked to. */
  | 'refused'
  /** The signature is that of another key on the token. */
  | 'foreign-key'
  /** It signs the digest of the digest it is given. */
  | 'hashed-again'
  /** It leaves out zeros at the beginning of a signature, a coordinate or a plaintext. */
  | 'stripped-zeros'
  /** The signature verifies with no certificate of the token. */
  | 'wrong-signature'
  /** What it decrypted is not what was encrypted. */
  | 'wrong-plaintext'

/** What became of one key at its first use. */
export interface KeyCheck {
  readonly keyId: string
  readonly use: KeyUse
  /** The algorithm that was tried, for a signing key. */
  readonly algorithm?: SignatureAlgorithm
  /** Null when the key did what it should. */
  readonly deviation: Deviation | null
  /** What the driver said when it refused. */
  readonly detail?: string
}

/**
 * Tries every key of a logged-in token that a bid may need, whatever the driver promises: 32 random bytes are signed and the
 * signature verified in software, a ciphertext made in software is opened. The port alone is used, so that every kind of
 * lock is held to the same. One signature and one or two decryptions a key. Throws what ends the session (`token.removed`,
 * `token.driver-crashed`, `cancelled` …).
 */
export async function checkKeys(
  session: TokenSession,
  certificates: readonly TokenCertificate[],
): Promise<readonly KeyCheck[]> {
  const checks: KeyCheck[] = []
  for (const certificate of certificates) {
    for (const use of certificate.uses) {
      const check = await checkKey(session, certificates, certificate, use)
      if (check !== null) checks.push(check)
    }
  }
  return checks
}

/**
 * Tries one key for one use. Null for a certificate whose key is of a kind this program does not use. Throws as
 * {@link checkKeys} does.
 */
export async function checkKey(
  session: TokenSession,
  certificates: readonly TokenCertificate[],
  { keyId, certificate }: TokenCertificate,
  use: KeyUse,
): Promise<KeyCheck | null> {
  const parsed = readableCertificate(certificate)
  if (parsed === null || parsed.key.kind === 'other') return null
  try {
    return use === 'sign'
      ? await checkSigning(session, certificates, keyId, parsed)
      : { keyId, use, deviation: await openingDeviation(session, keyId, parsed) }
  } catch (error) {
    if (!(error instanceof CryptoFailure) || endsSession(error)) throw error
    return { keyId, use, deviation: 'refused', detail: error.detail }
  }
}

/** Refuses a key that deviates. Throws `token.deviation` with the deviation in words. */
export function requireNoDeviation({ use, deviation, detail }: KeyCheck): void {
  if (deviation === null) return
  const key = use === 'sign' ? 'signing key' : 'decryption key'
  const said = detail === undefined ? '' : ` (${detail})`
  throw new CryptoFailure('token.deviation', `the ${key}: ${deviationDetails[deviation]}${said}`)
}

const deviationDetails: Readonly<Record<Deviation, string>> = {
  refused: 'the driver refused to use it',
  'foreign-key': 'what it signed verifies with another certificate of the lock',
  'hashed-again': 'the driver hashes again what it is given to sign',
  'stripped-zeros': 'the driver leaves out zeros at the beginning of what it answers or is given',
  'wrong-signature': 'what it signed does not verify with its certificate',
  'wrong-plaintext': 'what it decrypted is not what had been encrypted',
}

/** Failures that say nothing of the key: whoever called must log in again, or stop. */
function endsSession({ code }: CryptoFailure): boolean {
  if (code === 'cancelled' || code === 'internal') return true
  return code.startsWith('token.') && !['token.unsupported', 'token.deviation', 'token.wrong-lock'].includes(code)
}

async function checkSigning(
  session: TokenSession,
  certificates: readonly TokenCertificate[],
  keyId: string,
  certificate: Certificate,
): Promise<KeyCheck> {
  const [algorithm] = await session.algorithms(keyId)
  if (algorithm === undefined) {
    return { keyId, use: 'sign', deviation: 'refused', detail: 'it offers no algorithm that is known here' }
  }
  const message = Uint8Array.from(randomBytes(32))
  const digest = digestFor(certificate, message)
  const signature = await session.sign(keyId, algorithm, digest, message)
  const whole = withZeros(certificate, signature)
  const holdsWith = (each: Certificate, bytes: Uint8Array): boolean => signatureHolds(each, algorithm, message, bytes)
  const deviation = holdsWith(certificate, signature)
    ? null
    : whole !== null && holdsWith(certificate, whole)
      ? 'stripped-zeros'
      : isHashedAgain(certificate, algorithm, digest, signature)
        ? 'hashed-again'
        : certificates
              .flatMap(one => readableCertificate(one.certificate) ?? [])
              .some(each => holdsWith(each, signature))
          ? 'foreign-key'
          : 'wrong-signature'
  return { keyId, use: 'sign', algorithm, deviation }
}

async function openingDeviation(
  session: TokenSession,
  keyId: string,
  certificate: Certificate,
): Promise<Deviation | null> {
  const envelopes = trialEnvelopes(certificate)
  if (envelopes === null) return null
  const { hard, easy } = envelopes
  const first = await attempt(session, keyId, hard)
  if (first === true) return null
  // Sealing asks a lock whether it knows OAEP: one that knows nothing else is as good.
  if (certificate.key.kind === 'rsa' && (await attempt(session, keyId, oaepEnvelope(certificate, hard))) === true) {
    return null
  }
  const second = await attempt(session, keyId, easy)
  if (second === true) return 'stripped-zeros'
  if (first === false || second === false) return 'wrong-plaintext'
  throw first
}

/** Whether the envelope was opened; the failure where the driver refused. */
async function attempt(
  session: TokenSession,
  keyId: string,
  { transport, plaintext }: TrialEnvelope,
): Promise<boolean | CryptoFailure> {
  try {
    const opened = await session.open(keyId, transport)
    return opened.length === plaintext.length && timingSafeEqual(opened, plaintext)
  } catch (error) {
    if (!(error instanceof CryptoFailure) || endsSession(error)) throw error
    return error
  }
}
