import { describe, expect, it } from 'vitest'
import { sm4CbcDecrypt, sm4CbcEncrypt, sm4Ctr, sm4DecryptBlocks, sm4EncryptBlocks } from '../../../crypto/sm/sm4.ts'
import { bytesOf, cryptSm4Block, expandSm4Key, wordsOf } from '../../../crypto/sm/sm4-block.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { Answers, fixedBytes, hex, judgeSm4, unhex } from './judge.ts'

const exampleKey = unhex('0123456789abcdeffedcba9876543210')

describe('SM4', () => {
  it('gives the first example of GB/T 32907-2016, and turns it back', () => {
    const sealed = sm4EncryptBlocks(exampleKey, exampleKey)
    expect(hex(sealed)).toBe('681edf34d206965e86b3e94f536e4246')
    expect(hex(sm4DecryptBlocks(exampleKey, sealed))).toBe(hex(exampleKey))
  })

  it('gives the second example, a million times over', () => {
    const roundKeys = expandSm4Key(exampleKey)
    let block = wordsOf(exampleKey)
    for (let round = 0; round < 1_000_000; round++) block = cryptSm4Block(roundKeys, block)
    expect(hex(bytesOf(block))).toBe('595298c7c6fd271f0402f804c33d3f66')
  })

  it('gives what OpenSSL gives in ECB, CBC and CTR, and turns it back', () => {
    const answers = new Answers()
    for (let length = 0; length <= 100; length++) {
      const [key, iv] = [fixedBytes(16, 100 + length), fixedBytes(16, 300 + length)]
      const bytes = fixedBytes(length, 500 + length)
      const ctr = sm4Ctr(key, iv, bytes)
      answers.add(ctr, () => judgeSm4('ctr', key, iv, bytes), `CTR ${length}`)
      expect(hex(sm4Ctr(key, iv, ctr))).toBe(hex(bytes))
      const cbc = sm4CbcEncrypt(key, iv, bytes)
      answers.add(cbc, () => judgeSm4('cbc', key, iv, bytes, true), `CBC ${length}`)
      const padding = 16 - (length % 16)
      expect(hex(sm4CbcDecrypt(key, iv, cbc))).toBe(hex(bytes) + padding.toString(16).padStart(2, '0').repeat(padding))
      const whole = bytes.subarray(0, length - (length % 16))
      const ecb = sm4EncryptBlocks(key, whole)
      answers.add(ecb, () => judgeSm4('ecb', key, null, whole), `ECB ${length}`)
      expect(hex(sm4DecryptBlocks(key, ecb))).toBe(hex(whole))
    }
    answers.expectAll('8fd53eb265ef9c265a56161c890aeceee33748f6850a4451033785f69bb409a6')
  })

  it('counts through all 128 bits', () => {
    const answers = new Answers()
    for (const counter of ['00000000000000000000000fffffffff', 'fffffffffffffffffffffffffffffffe']) {
      const bytes = fixedBytes(100, 1)
      answers.add(sm4Ctr(exampleKey, unhex(counter), bytes), () => judgeSm4('ctr', exampleKey, unhex(counter), bytes))
    }
    answers.expectAll('fa7e6b3b2e69012f7b33873e14973fca7894fc0a9d28a7f63f28bb13ddf99b46')
  })

  it('leaves what it is given as it is', () => {
    const [key, iv, bytes] = [fixedBytes(16, 1), fixedBytes(16, 2), fixedBytes(48, 3)]
    for (const run of [sm4CbcEncrypt, sm4CbcDecrypt, sm4Ctr]) run(key, iv, bytes)
    sm4EncryptBlocks(key, bytes)
    sm4DecryptBlocks(key, bytes)
    expect([key, iv, bytes]).toEqual([fixedBytes(16, 1), fixedBytes(16, 2), fixedBytes(48, 3)])
  })

  it('refuses keys, IVs and ciphertexts of other lengths', () => {
    const block = new Uint8Array(16)
    for (const length of [0, 15, 17, 24, 32]) {
      const wrong = new Uint8Array(length)
      expectFailure('arguments.bad', () => sm4EncryptBlocks(wrong, block))
      expectFailure('arguments.bad', () => sm4CbcEncrypt(wrong, block, block))
      expectFailure('arguments.bad', () => sm4CbcEncrypt(block, wrong, block))
      expectFailure('arguments.bad', () => sm4CbcDecrypt(block, wrong, block))
      expectFailure('arguments.bad', () => sm4Ctr(block, wrong, block))
    }
    for (const length of [1, 15, 17, 47]) {
      expectFailure('arguments.bad', () => sm4DecryptBlocks(block, new Uint8Array(length)))
      expectFailure('arguments.bad', () => sm4CbcDecrypt(block, block, new Uint8Array(length)))
    }
  })
})
