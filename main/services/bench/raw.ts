import { createCipheriv, createHash } from 'node:crypto'
import type { Suite } from '../../../crypto/index.ts'
import type { Contestant } from './measure.ts'
import { timed } from './measure.ts'

const mebibyte = 2 ** 20

/** AES-256-GCM as node:crypto gives it, over chunks of 1 MiB in memory, nothing read or written. */
export function rawAes(sizeMiB: number): Contestant {
  const chunk = Buffer.alloc(mebibyte, 0x5a)
  const key = Buffer.alloc(32, 1)
  return inMemory('aes-256-gcm raw', sizeMiB, index => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index))
    cipher.update(chunk)
    cipher.final()
  })
}

/** The suite's cipher alone, as a sealing calls it. */
export function chunkCipher(suite: Suite, sizeMiB: number): Contestant {
  const chunk = new Uint8Array(mebibyte).fill(0x5a)
  const key = new Uint8Array(suite.streamKeyLength).fill(1)
  const space = new Uint8Array(mebibyte + 16)
  return inMemory('chunk cipher', sizeMiB, index => {
    suite.sealChunk(key, nonceOf(index), chunk, space)
  })
}

/** SHA-256 as node:crypto gives it, over chunks of 1 MiB in memory. */
export function rawSha256(sizeMiB: number): Contestant {
  const chunk = Buffer.alloc(mebibyte, 0x5a)
  return inMemory('sha256 raw', sizeMiB, () => {
    createHash('sha256').update(chunk).digest()
  })
}

/** The suite's leaf digests alone, as a sealing calls them. */
export function leafDigests(suite: Suite, sizeMiB: number): Contestant {
  const chunk = new Uint8Array(mebibyte).fill(0x5a)
  return inMemory('leaf digests', sizeMiB, () => {
    suite.leaf(0, chunk)
  })
}

function inMemory(name: string, sizeMiB: number, chunk: (index: number) => void): Contestant {
  return {
    name,
    run: () =>
      timed(() => {
        for (let index = 0; index < sizeMiB; index += 1) chunk(index)
      }),
  }
}

function nonceOf(index: number): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(7, index)
  return nonce
}
