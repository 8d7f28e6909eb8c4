import { throwIfCancelled } from '../../errors.ts'
import type { ByteSource } from '../../io/source.ts'
import type { Signer } from '../../sign/signer.ts'
import { sm2Z } from '../../sm/sm2/index.ts'
import { createSm3 } from '../../sm/sm3.ts'
import type { DetachedSignature } from '../../suite.ts'
import { type DigestedContent, signDigestedGm, verifyDigestedGm } from './detached.ts'

/** What may be done with a file while it is read. */
export interface FileDigestOptions {
  readonly signal?: AbortSignal | undefined
  /** Is given every piece in order, and may keep it: a copy is made of the very bytes that are signed. */
  readonly onPiece?: ((offset: number, piece: Uint8Array) => Promise<void>) | undefined
}

/** Longest content that a lock is given whole, in bytes; longer ones it gets as e alone. */
const maxMessage = 256 * 1024

const block = 1024 * 1024

/**
 * A detached GB/T 35275 signature over all bytes of a file, which is read once and never as a whole. Throws as
 * `signDetachedGm` does; `token.unsupported` where a lock must digest itself what is longer than 256 KiB; what the source
 * throws, and `cancelled`.
 */
export function signFileGm(source: ByteSource, signer: Signer, options: FileDigestOptions = {}): Promise<Uint8Array> {
  return signDigestedGm(signer, point => digestFile(source, point, options))
}

/** Shape and mathematics of a detached signature over a file. Throws `document.signature`, and as the source does. */
export function verifyFileGm(
  source: ByteSource,
  signature: Uint8Array,
  options: FileDigestOptions = {},
): Promise<DetachedSignature> {
  return verifyDigestedGm(signature, point => digestFile(source, point, options))
}

async function digestFile(
  source: ByteSource,
  point: Uint8Array,
  { signal, onPiece }: FileDigestOptions,
): Promise<DigestedContent> {
  const digest = createSm3()
  digest.update(sm2Z(point))
  let last = new Uint8Array(0)
  for (let offset = 0; offset < source.size; offset += block) {
    throwIfCancelled(signal)
    last = new Uint8Array(Math.min(block, source.size - offset))
    await source.read(offset, last)
    digest.update(last)
    await onPiece?.(offset, last)
  }
  return { digest: digest.digest(), ...(source.size <= maxMessage ? { message: last } : {}) }
}
