import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'
import { concat } from '../der/writer.ts'

// Written out because Electron's library has the cipher but not this mode.

/** The initial value (RFC 3394, 2.2.3.1): what unwrapping must find again. */
const initialValue = new Uint8Array(8).fill(0xa6)

const blockLength = 8

/** AES key wrap (RFC 3394, 2.2.1) with a key of 32 bytes, of a key of 16 bytes or more in whole blocks of eight. */
export function wrapAes(keyEncryptionKey: Uint8Array, key: Uint8Array): Uint8Array {
  const registers = blocksOf(key)
  let check: Uint8Array = Uint8Array.from(initialValue)
  for (let step = 1; step <= 6 * registers.length; step += 1) {
    const index = (step - 1) % registers.length
    const cipher = createCipheriv('aes-256-ecb', keyEncryptionKey, null).setAutoPadding(false)
    const block = cipher.update(concat(check, registers[index] ?? initialValue))
    check = withStep(block.subarray(0, blockLength), step)
    registers[index] = Uint8Array.from(block.subarray(blockLength))
  }
  return concat(check, ...registers)
}

/**
 * Takes a key out of {@link wrapAes} (RFC 3394, 2.2.2); null when it was wrapped with another key or changed, which is
 * judged in constant time when all the work is done, or has no length a wrapped key can have. The caller wipes the answer.
 */
export function unwrapAes(keyEncryptionKey: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  if (wrapped.length < 3 * blockLength || wrapped.length % blockLength !== 0) return null
  const [first = initialValue, ...registers] = blocksOf(wrapped)
  let check = first
  for (let step = 6 * registers.length; step >= 1; step -= 1) {
    const index = (step - 1) % registers.length
    const decipher = createDecipheriv('aes-256-ecb', keyEncryptionKey, null).setAutoPadding(false)
    const block = decipher.update(concat(withStep(check, step), registers[index] ?? initialValue))
    check = Uint8Array.from(block.subarray(0, blockLength))
    registers[index]?.set(block.subarray(blockLength))
    block.fill(0)
  }
  const key = concat(...registers)
  for (const register of registers) register.fill(0)
  if (timingSafeEqual(check, initialValue)) return key
  key.fill(0)
  return null
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / blockLength }, (_, index) =>
    bytes.slice(index * blockLength, (index + 1) * blockLength),
  )
}

/** A xor t; what is wrapped here is short, so that t fits into one byte. */
function withStep(check: Uint8Array, step: number): Uint8Array {
  const changed = Uint8Array.from(check)
  changed[blockLength - 1] = (changed[blockLength - 1] ?? 0) ^ step
  return changed
}
