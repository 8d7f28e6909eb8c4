import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { CryptoFailure } from '../errors.ts'
import type { BulkSuite, ChunkCipher, DigestGroup, RunningDigest } from '../suite.ts'
import { letGo } from './let-go.ts'

const cipherName = 'aes-256-gcm'
const tagLength = 16
const chunkLength = 2 ** 20
/** Every update allocates its output; what is given back at once, and small, is warm when the next one gets it. */
const sliceLength = 64 * 1024
const authTag = { authTagLength: tagLength }

/** Bulk work of `intl-1`: SHA-256 and AES-256-GCM of node:crypto. */
export const intl1Bulk: BulkSuite = {
  id: 'intl-1',
  streamKeyLength: 32,
  digestLanes: 1,
  createDigest,
  createDigestGroup,
  digest: (...pieces) => digestOf(pieces),
  createChunkCipher,
  sealChunk,
  openChunk,
  leaf: (prefix, chunk) => digestOf([Uint8Array.of(prefix), chunk]),
}

function createChunkCipher(key: Uint8Array): ChunkCipher {
  const own = Uint8Array.from(key)
  const buffer = new Uint8Array(chunkLength + tagLength)
  return {
    buffer,
    seal(nonce, length) {
      const cipher = createCipheriv(cipherName, own, nonce, authTag)
      for (let at = 0; at < length; at += sliceLength) {
        moveTo(buffer, at, cipher.update(buffer.subarray(at, Math.min(at + sliceLength, length))))
      }
      cipher.final()
      buffer.set(cipher.getAuthTag(), length)
    },
    open(nonce, sealedLength) {
      const length = sealedLength - tagLength
      if (length < 0) throw tooShort()
      const decipher = createDecipheriv(cipherName, own, nonce, authTag)
      decipher.setAuthTag(buffer.subarray(length, sealedLength))
      for (let at = 0; at < length; at += sliceLength) {
        moveTo(buffer, at, decipher.update(buffer.subarray(at, Math.min(at + sliceLength, length))))
      }
      try {
        decipher.final()
      } catch (error) {
        // Nothing of a chunk leaves before its tag is verified.
        buffer.fill(0, 0, length)
        throw new CryptoFailure('seal.chunk', 'a chunk’s tag does not hold', error)
      }
    },
    leaf: (prefix, length) => digestOf([Uint8Array.of(prefix), buffer.subarray(0, length)]),
    wipe() {
      own.fill(0)
      buffer.fill(0)
    },
  }
}

function createDigestGroup(streams: number): DigestGroup {
  const running = Array.from({ length: streams }, () => createDigest())
  return {
    lanes: streams,
    update(pieces) {
      for (const [index, piece] of pieces.entries()) if (piece !== undefined) running[index]?.update(piece)
    },
    digests: () => running.map(each => each.digest()),
  }
}

function createDigest(): RunningDigest {
  const hash = createHash('sha256')
  return {
    update(bytes) {
      hash.update(bytes)
    },
    digest: () => plain(hash.digest()),
  }
}

function digestOf(pieces: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return plain(hash.digest())
}

function sealChunk(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  into = new Uint8Array(plaintext.length + tagLength),
): Uint8Array {
  const cipher = createCipheriv(cipherName, key, nonce, authTag)
  const sealed = into.subarray(0, plaintext.length + tagLength)
  for (let at = 0; at < plaintext.length; at += sliceLength) {
    moveTo(sealed, at, cipher.update(plaintext.subarray(at, at + sliceLength)))
  }
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

function openChunk(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array {
  const length = sealed.length - tagLength
  if (length < 0) throw tooShort()
  const decipher = createDecipheriv(cipherName, key, nonce, authTag)
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch (error) {
    // Nothing of a chunk leaves before its tag is verified.
    plaintext.fill(0)
    throw new CryptoFailure('seal.chunk', 'a chunk’s tag does not hold', error)
  }
  return plain(plaintext)
}

/** Puts bytes where they belong; `bytes` is gone afterwards. */
function moveTo(target: Uint8Array, at: number, bytes: Uint8Array): void {
  target.set(bytes, at)
  letGo(bytes)
}

function tooShort(): CryptoFailure {
  return new CryptoFailure('seal.chunk', 'a chunk shorter than its tag')
}

/** The same memory as a plain array, so that nothing outside depends on node's Buffer. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}
