import { createKernel, dataOffset, type Kernel } from './kernel/kernel.ts'
import { layout } from './kernel/layout.ts'
import { setGhashKey } from './ghash-key.ts'
import { sm3Engine } from './sm3-engine.ts'
import { sm3LeafInKernel } from './sm3-leaf.ts'
import { bytesOf, cryptSm4Block, expandSm4Key, wordsOf } from './sm4-block.ts'
import { gcmGroupLength, gcmLengths, gcmTagLength, type GcmDirection, type GcmWork } from './sm4-gcm-work.ts'

/** A kernel for {@link kernelGcm}, with a buffer for `capacity` bytes and a tag. */
export function createGcmKernel(variant: 'simd' | 'relaxed', capacity: number): Kernel {
  return createKernel(variant, capacity + gcmTagLength)
}

/**
 * SM4-GCM by a kernel, which is taken until `wipe`: its memory holds the key's tables and the buffer, and no message needs
 * more.
 */
export function kernelGcm(kernel: Kernel, variant: 'simd' | 'relaxed', key: Uint8Array, capacity: number): GcmWork {
  const { run, bytes } = kernel
  const engine = sm3Engine(variant)
  const buffer = bytes.subarray(dataOffset, dataOffset + capacity + gcmTagLength)
  const scratch = bytes.subarray(layout.scratch, layout.scratch + gcmGroupLength)
  const roundKeys = expandSm4Key(key)
  setRoundKeys(kernel, roundKeys)
  setGhashKey(kernel, bytesOf(cryptSm4Block(roundKeys, new Int32Array(4))))
  const mask = new Uint8Array(16)
  let message = { additional: 0, length: 0 }
  let inLanes = false

  const join = () => {
    if (inLanes) run.ghashJoin()
    inLanes = false
  }
  const runGroups = (direction: GcmDirection, groups: number) => {
    if (!inLanes) sumIntoLanes(bytes)
    inLanes = true
    const counter = 2 + message.length / 16
    if (direction === 'seal') run.gcmSeal(counter, dataOffset, groups)
    else run.gcmOpen(counter, dataOffset, groups)
  }
  /** What is less than a group goes through the scratch, filled up with zeros. */
  const runRest = (direction: GcmDirection, from: number, length: number) => {
    join()
    const rest = buffer.subarray(from, from + length)
    const blocks = Math.ceil(length / 16)
    scratch.fill(0)
    scratch.set(rest)
    if (direction === 'open') run.ghashBlocks(layout.scratch, blocks)
    run.sm4Group(2 + (message.length + from) / 16, layout.scratch)
    scratch.fill(0, length)
    if (direction === 'seal') run.ghashBlocks(layout.scratch, blocks)
    rest.set(scratch.subarray(0, length))
    scratch.fill(0)
  }
  return {
    buffer,
    begin(nonce, additional) {
      setNonce(kernel, nonce)
      mask.fill(0)
      mask.set(nonce)
      mask[15] = 1
      mask.set(bytesOf(cryptSm4Block(roundKeys, wordsOf(mask))))
      bytes.fill(0, layout.sum, layout.sum + 16)
      inLanes = false
      for (let at = 0; at < additional.length; at += gcmGroupLength) {
        const piece = additional.subarray(at, at + gcmGroupLength)
        scratch.fill(0)
        scratch.set(piece)
        run.ghashBlocks(layout.scratch, Math.ceil(piece.length / 16))
      }
      message = { additional: additional.length, length: 0 }
    },
    run(direction, length) {
      const groups = Math.floor(length / gcmGroupLength)
      const whole = groups * gcmGroupLength
      if (groups > 0) runGroups(direction, groups)
      if (length > whole) runRest(direction, whole, length - whole)
      message.length += length
    },
    finish() {
      join()
      scratch.set(gcmLengths(message.additional, message.length))
      run.ghashBlocks(layout.scratch, 1)
      return sumBytes(bytes).map((byte, index) => byte ^ (mask[index] ?? 0))
    },
    leaf: (prefix, length) => sm3LeafInKernel(kernel, engine, { prefix, at: dataOffset, length }),
    wipe() {
      // All but the kernel's constants, which stand first.
      bytes.fill(0, layout.sm3State)
      for (const secret of [roundKeys, mask]) secret.fill(0)
    },
  }
}

/**
 * The S-box of the kernel lacks its constants: S(x) = F(x ^ 0x75) ^ 0xd3. The round keys make up for it. With
 * K = L(0xd3d3d3d3), word i + 4 of the state lacks d(i + 4) = d(i) ^ K, and after 32 rounds nothing is left of that.
 */
function setRoundKeys({ words }: Kernel, roundKeys: Int32Array): void {
  const k = diffused(0xd3d3d3d3)
  const lacking = [0, 0, 0, 0]
  for (let index = 4; index < 36; index++) lacking.push((lacking[index - 4] ?? 0) ^ k)
  const own = Array.from(
    roundKeys,
    (key, round) =>
      key ^ 0x75757575 ^ (lacking[round + 1] ?? 0) ^ (lacking[round + 2] ?? 0) ^ (lacking[round + 3] ?? 0),
  )
  // The kernel wants what the key changes in the input of the S-boxes from one round to the next.
  for (let round = 0; round < 32; round++) {
    setBits(words, layout.roundKeys / 4 + round * 32, (own[round] ?? 0) ^ (own[round - 1] ?? 0))
  }
  own.fill(0)
}

function setNonce({ words }: Kernel, nonce: Uint8Array): void {
  const block = new Uint8Array(16)
  block.set(nonce)
  for (const [index, word] of wordsOf(block).subarray(0, 3).entries())
    setBits(words, layout.nonce / 4 + index * 32, word)
}

/** A word's bits as words of ones or zeros: byte by byte, the highest first, and in a byte the lowest bit first. */
function setBits(words: Int32Array, at: number, word: number): void {
  for (let index = 0; index < 32; index++) words[at + index] = -((word >>> (24 - 8 * (index >> 3) + (index & 7))) & 1)
}

/** The sum so far belongs to the first lane. */
function sumIntoLanes(bytes: Uint8Array): void {
  bytes.fill(0, layout.laneSums, layout.laneSums + 512)
  for (const [index, byte] of sumBytes(bytes).entries()) bytes[layout.laneSums + index * 32] = byte
}

/** The kernel keeps a sum as two numbers of 64 bits, and WebAssembly keeps those lowest byte first. */
function sumBytes(bytes: Uint8Array): Uint8Array {
  const sum = bytes.subarray(layout.sum, layout.sum + 16)
  return Uint8Array.from(sum, (_, index) => sum[(index & 8) + 7 - (index & 7)] ?? 0)
}

function diffused(b: number): number {
  const rotate = (count: number) => (b << count) | (b >>> (32 - count))
  return b ^ rotate(2) ^ rotate(10) ^ rotate(18) ^ rotate(24)
}
