import { CryptoFailure, digestFor, readableCertificate, signatureHolds } from '../../../../../crypto/index.ts'
import type { Certificate, SignatureAlgorithm, TokenCertificate, TokenSession } from '../../../../../crypto/index.ts'
import type { Bench, Bilingual } from '../../case.ts'

/** A text in both languages, in a line. */
export function both(zh: string, en: string): Bilingual {
  return { zh, en }
}

/** What came of asking a key to do something: its answer, or what the driver said when it refused. */
export type Answered = { readonly answer: Uint8Array } | { readonly refusal: string; readonly code: string }

/** Runs one use of a key. A refusal is an answer; what ends the session is thrown. */
export async function answerOf(work: () => Promise<Uint8Array>): Promise<Answered> {
  try {
    return { answer: await work() }
  } catch (error) {
    if (!(error instanceof CryptoFailure) || !refusals.includes(error.code)) throw error
    return { refusal: error.detail.slice(0, 200), code: error.code }
  }
}

const refusals: readonly string[] = ['token.unsupported', 'token.deviation', 'token.wrong-lock']

/** A certificate of the token that can be read, with its key. */
export interface ReadKey {
  readonly keyId: string
  readonly certificate: Certificate
}

/** The keys whose certificates can be read. */
export function readKeys(certificates: readonly TokenCertificate[]): readonly ReadKey[] {
  return certificates.flatMap(({ keyId, certificate }) => {
    const parsed = readableCertificate(certificate)
    return parsed === null ? [] : [{ keyId, certificate: parsed }]
  })
}

/** The first signing key that offers an algorithm (any, where none is named), with that algorithm. */
export async function signingKey(
  bench: Bench,
  session: TokenSession,
  algorithm?: SignatureAlgorithm,
): Promise<(ReadKey & { readonly algorithm: SignatureAlgorithm }) | null> {
  for (const key of readKeys(bench.keys.sign)) {
    const offered = await session.algorithms(key.keyId)
    const [first] = algorithm === undefined ? offered : offered.filter(each => each === algorithm)
    if (first !== undefined) return { ...key, algorithm: first }
  }
  return null
}

/** A signature of a random message, judged in software. */
export interface TrialSignature {
  readonly message: Uint8Array
  readonly digest: Uint8Array
  readonly signed: Answered
  readonly holds: boolean
}

/** Signs a random message of so many bytes and notes how long that took. */
export async function trySigning(
  bench: Bench,
  session: TokenSession,
  { keyId, certificate, algorithm }: ReadKey & { readonly algorithm: SignatureAlgorithm },
  length = 32,
): Promise<TrialSignature> {
  const message = bench.random.bytes(length)
  const digest = digestFor(certificate, message)
  const started = bench.now()
  const signed = await answerOf(() => session.sign(keyId, algorithm, digest, message))
  bench.timing('sign', bench.now() - started)
  const holds = 'answer' in signed && signatureHolds(certificate, algorithm, message, signed.answer)
  return { message, digest, signed, holds }
}

/** Whether two byte strings are the same. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other)
}
