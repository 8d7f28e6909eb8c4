import { CryptoFailure, verifyFileGm } from '../../../crypto/index.ts'
import type { ByteSource, DetachedSignature } from '../../../crypto/index.ts'

/** A detached signature over a file; null where it is none of these bytes. Throws as the source does, and `cancelled`. */
export async function verifyBeside(
  source: ByteSource,
  signature: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<DetachedSignature | null> {
  try {
    return await verifyFileGm(source, signature, { signal })
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'document.signature') return null
    throw error
  }
}

/** Whether two certificates, DER, are one. */
export function sameCertificate(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
