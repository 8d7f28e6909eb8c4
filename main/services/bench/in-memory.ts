import { createCipheriv, createHash } from 'node:crypto'
import { suiteById } from '../../../crypto/index.ts'
import type { Suite } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** Work on bytes in memory, nothing read or written. */
export const memoryWorks = [
  'chunk-cipher',
  'leaf-digests',
  'running-digest',
  'node-aes-256-gcm',
  'node-sha256',
  'node-sm4-ctr',
  'node-sm3',
] as const
export type MemoryWork = (typeof memoryWorks)[number]

const mebibyte = 2 ** 20
const fill = 0x5a

/** One MiB of a work at a time; `close` lets go of what it holds. */
export interface MebibyteWork {
  once(index: number): void
  close(): void
}

/**
 * Makes a work ready. `chunk-cipher`, `leaf-digests` and `running-digest` are the suite's own, as a sealing calls them. Null
 * where this process's OpenSSL does not know the algorithm.
 */
export function prepareMemoryWork(work: MemoryWork, suiteId: string): MebibyteWork | null {
  const suite = suiteById(suiteId)
  if (suite === null) throw new AppFailure('arguments.bad', 'this version does not have the suite')
  switch (work) {
    case 'chunk-cipher':
      return chunkCipher(suite)
    case 'leaf-digests':
      return onChunk(chunk => suite.leaf(0, chunk))
    case 'running-digest':
      return runningDigest(suite)
    case 'node-aes-256-gcm':
      return nodeCipher('aes-256-gcm', 32, 12)
    case 'node-sm4-ctr':
      return nodeCipher('sm4-ctr', 16, 16)
    case 'node-sha256':
      return nodeDigest('sha256')
    case 'node-sm3':
      return nodeDigest('sm3')
  }
}

function chunkCipher(suite: Suite): MebibyteWork {
  const cipher = suite.createChunkCipher(new Uint8Array(suite.streamKeyLength).fill(1))
  cipher.buffer.fill(fill)
  return { once: index => cipher.seal(nonceOf(index, 12), mebibyte), close: () => cipher.wipe() }
}

function runningDigest(suite: Suite): MebibyteWork {
  const digest = suite.createDigest()
  return onChunk(chunk => digest.update(chunk))
}

function nodeCipher(name: string, keyLength: number, nonceLength: number): MebibyteWork | null {
  const key = Buffer.alloc(keyLength, 1)
  const begin = (index: number): { update(chunk: Uint8Array): unknown; final(): unknown } =>
    createCipheriv(name, key, nonceOf(index, nonceLength))
  if (!isKnown(() => begin(0))) return null
  return onChunk((chunk, index) => {
    const cipher = begin(index)
    cipher.update(chunk)
    cipher.final()
  })
}

function nodeDigest(name: string): MebibyteWork | null {
  if (!isKnown(() => createHash(name))) return null
  return onChunk(chunk => createHash(name).update(chunk).digest())
}

function isKnown(begin: () => unknown): boolean {
  try {
    begin()
    return true
  } catch {
    return false
  }
}

function onChunk(work: (chunk: Uint8Array, index: number) => unknown): MebibyteWork {
  const chunk = new Uint8Array(mebibyte).fill(fill)
  return { once: index => void work(chunk, index), close: () => undefined }
}

function nonceOf(index: number, length: number): Uint8Array {
  const nonce = new Uint8Array(length)
  new DataView(nonce.buffer).setUint32(7, index)
  return nonce
}
