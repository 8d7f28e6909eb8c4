import { timingSafeEqual } from 'node:crypto'
import { CryptoFailure } from '../errors.ts'
import type { ChunkCipher } from '../suite.ts'
import type { Kernel } from './kernel/kernel.ts'
import { bestSmVariant, type SmVariant } from './kernel/variant.ts'
import { requireSm4Block } from './sm4-block.ts'
import { createGcmKernel, kernelGcm } from './sm4-gcm-kernel.ts'
import { scalarGcm } from './sm4-gcm-scalar.ts'
import { type GcmDirection, gcmNonceLength, gcmTagLength, type GcmWork } from './sm4-gcm-work.ts'

/** Bytes of a chunk; longer messages go through the buffer piece by piece. */
const chunkLength = 2 ** 20
const nothing = new Uint8Array(0)
/** Kernels for single messages, one a thread: an instance costs more than most of them. */
const messageKernels = new Map<'simd' | 'relaxed', Kernel>()

/**
 * SM4-GCM of one key, in place on a buffer for a chunk of 2^20 bytes (RFC 8998, 96-bit nonce, 128-bit tag). It holds a
 * little over 1.1 MiB. `variant` is for tests. Throws `arguments.bad` for a key or nonce of another length.
 */
export function createSm4GcmCipher(key: Uint8Array, variant?: SmVariant): ChunkCipher {
  const work = createChunkWork(requireSm4Block(key), variant)
  const { buffer } = work
  return {
    buffer,
    seal(nonce, length) {
      requireRoom(buffer, length, gcmTagLength)
      work.begin(requireNonce(nonce), nothing)
      work.run('seal', length)
      buffer.set(work.finish(), length)
    },
    open(nonce, sealedLength) {
      const length = sealedLength - gcmTagLength
      if (length < 0) throw new CryptoFailure('seal.chunk', 'a chunk shorter than its tag')
      requireRoom(buffer, sealedLength)
      work.begin(requireNonce(nonce), nothing)
      work.run('open', length)
      if (timingSafeEqual(work.finish(), buffer.subarray(length, sealedLength))) return
      // Nothing of a chunk leaves before its tag is verified.
      buffer.fill(0, 0, length)
      throw new CryptoFailure('seal.chunk', 'a chunk’s tag does not hold')
    },
    leaf(prefix, length) {
      requireRoom(buffer, length)
      return work.leaf(prefix, length)
    },
    wipe: () => work.wipe(),
  }
}

/** SM4-GCM of a whole message: ciphertext ‖ tag, in `into` if given. For single messages of any length. */
export function sealGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  { additional = nothing, into, variant }: GcmOptions & { readonly into?: Uint8Array } = {},
): Uint8Array {
  const sealed = (into ?? new Uint8Array(plaintext.length + gcmTagLength)).subarray(0, plaintext.length + gcmTagLength)
  if (sealed.length < plaintext.length + gcmTagLength) throw noRoom()
  const tag = runMessage('seal', { key, nonce, additional, from: plaintext, to: sealed, variant })
  sealed.set(tag, plaintext.length)
  return sealed
}

/** The inverse of {@link sealGcm}. Throws `seal.chunk` when the tag does not hold, and releases nothing. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  { additional = nothing, variant }: GcmOptions = {},
): Uint8Array {
  const length = sealed.length - gcmTagLength
  if (length < 0) throw new CryptoFailure('seal.chunk', 'a chunk shorter than its tag')
  const plaintext = new Uint8Array(length)
  const from = sealed.subarray(0, length)
  const tag = runMessage('open', { key, nonce, additional, from, to: plaintext, variant })
  if (timingSafeEqual(tag, sealed.subarray(length))) return plaintext
  plaintext.fill(0)
  throw new CryptoFailure('seal.chunk', 'a message’s tag does not hold')
}

/** What is not always given. `additional` is authenticated and not sealed. */
export interface GcmOptions {
  readonly additional?: Uint8Array
  readonly variant?: SmVariant | undefined
}

interface Message {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly additional: Uint8Array
  readonly from: Uint8Array
  readonly to: Uint8Array
  readonly variant: SmVariant | undefined
}

function runMessage(direction: GcmDirection, { key, nonce, additional, from, to, variant }: Message): Uint8Array {
  requireNonce(nonce)
  const work = createMessageWork(requireSm4Block(key), variant)
  try {
    work.begin(nonce, additional)
    for (let at = 0; at < from.length; at += chunkLength) {
      const piece = from.subarray(at, at + chunkLength)
      work.buffer.set(piece)
      work.run(direction, piece.length)
      to.set(work.buffer.subarray(0, piece.length), at)
    }
    return work.finish()
  } finally {
    work.wipe()
  }
}

function createChunkWork(key: Uint8Array, variant: SmVariant = bestSmVariant()): GcmWork {
  if (variant === 'scalar') return scalarGcm(key, chunkLength)
  return kernelGcm(createGcmKernel(variant, chunkLength), variant, key, chunkLength)
}

function createMessageWork(key: Uint8Array, variant: SmVariant = bestSmVariant()): GcmWork {
  if (variant === 'scalar') return scalarGcm(key, chunkLength)
  const kernel = messageKernels.get(variant) ?? createGcmKernel(variant, chunkLength)
  messageKernels.set(variant, kernel)
  return kernelGcm(kernel, variant, key, chunkLength)
}

function requireNonce(nonce: Uint8Array): Uint8Array {
  if (nonce.length !== gcmNonceLength) throw new CryptoFailure('arguments.bad', 'a GCM nonce has 12 bytes here')
  return nonce
}

function requireRoom(buffer: Uint8Array, length: number, more = 0): void {
  if (length < 0 || length + more > buffer.length) throw noRoom()
}

function noRoom(): CryptoFailure {
  return new CryptoFailure('arguments.bad', 'no room for the message and its tag')
}
