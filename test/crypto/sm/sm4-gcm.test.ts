import { sm4 } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { smVariants } from '../../../crypto/sm/kernel/variant.ts'
import { sm3Leaf } from '../../../crypto/sm/sm3-leaf.ts'
import { createSm4GcmCipher, openGcm, sealGcm } from '../../../crypto/sm/sm4-gcm.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { wycheproof } from '../../setup/vectors.ts'
import { fixedBytes, hex, judgeGcm, unhex } from './judge.ts'

const key = fixedBytes(16, 1)
const nonce = fixedBytes(12, 2)
const data = fixedBytes(2 ** 20, 3)
const none = new Uint8Array(0)
const shortLengths = Array.from({ length: 301 }, (_, index) => index)
const around = [2047, 2048, 2049, 4095, 4096, 6000, 65_536, 2 ** 20 - 17, 2 ** 20 - 1, 2 ** 20]

describe.each(smVariants())('SM4-GCM, %s', variant => {
  it('gives the example of RFC 8998, A.1', () => {
    const exampleKey = unhex('0123456789abcdeffedcba9876543210')
    const exampleNonce = unhex('00001234567800000000abcd')
    const additional = unhex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
    const plaintext = unhex(['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'ee', 'aa'].map(byte => byte.repeat(8)).join(''))
    const sealed = sealGcm(exampleKey, exampleNonce, plaintext, { additional, variant })
    expect(hex(sealed)).toBe(
      '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
        'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d' +
        '83de3541e4c2b58177e065a9bf7b62ec',
    )
    expect(hex(openGcm(exampleKey, exampleNonce, sealed, { additional, variant }))).toBe(hex(plaintext))
  })

  it('gives what the mode is defined as, at every length from 0 to 300 and around groups of blocks', () => {
    for (const length of [...shortLengths, 2047, 2048, 2049, 4096, 6001]) {
      const plaintext = data.subarray(length, 2 * length)
      const additional = data.subarray(0, length % 40)
      const sealed = sealGcm(key, nonce, plaintext, { additional, variant })
      expect(hex(sealed), `${length} bytes`).toBe(hex(judgeGcm(key, nonce, plaintext, additional)))
      expect(hex(openGcm(key, nonce, sealed, { additional, variant }))).toBe(hex(plaintext))
    }
  })

  it('gives what sm-crypto-v2 gives for other keys, nonces and lengths', () => {
    for (let round = 0; round < 12; round++) {
      const [roundKey, roundNonce] = [fixedBytes(16, 100 + round), fixedBytes(12, 200 + round)]
      const plaintext = data.subarray(round, round * 2 + 1 + round * round * 300)
      const options = { mode: 'gcm', iv: hex(roundNonce), output: 'array', outputTag: true } as const
      const judged = sm4.encrypt(plaintext, hex(roundKey), options)
      const tag = typeof judged.tag === 'string' ? judged.tag : hex(judged.tag ?? none)
      expect(hex(sealGcm(roundKey, roundNonce, plaintext, { variant }))).toBe(hex(judged.output) + tag)
    }
  })

  it('works in place as on single messages, one chunk after the other', () => {
    const cipher = createSm4GcmCipher(key, variant)
    const { buffer } = cipher
    expect(buffer).toHaveLength(2 ** 20 + 16)
    for (const length of variant === 'scalar' ? [0, 1, 300, 2049, 5000] : [...shortLengths, ...around, 0, 5000]) {
      const chunkNonce = Uint8Array.from(nonce, (byte, index) => (index < 4 ? length >> (8 * index) : byte))
      const plaintext = data.subarray(0, length)
      buffer.set(plaintext)
      cipher.seal(chunkNonce, length)
      const sealed = buffer.slice(0, length + 16)
      expect(same(sealed, sealGcm(key, chunkNonce, plaintext, { variant })), `${length} bytes`).toBe(true)
      expect(hex(cipher.leaf(0, sealed.length))).toBe(hex(sm3Leaf(0, sealed, variant)))
      cipher.open(chunkNonce, sealed.length)
      expect(same(buffer.subarray(0, length), plaintext), `${length} bytes`).toBe(true)
      expect(hex(cipher.leaf(2, length))).toBe(hex(sm3Leaf(2, plaintext, variant)))
    }
    cipher.wipe()
  })

  it('keeps ciphers apart that work by turns', () => {
    const [one, other] = [createSm4GcmCipher(key, variant), createSm4GcmCipher(fixedBytes(16, 9), variant)]
    for (const cipher of [one, other]) cipher.buffer.set(data.subarray(0, 5000))
    one.seal(nonce, 5000)
    other.seal(nonce, 5000)
    one.open(nonce, 5016)
    other.open(nonce, 5016)
    for (const cipher of [one, other]) expect(same(cipher.buffer.subarray(0, 5000), data.subarray(0, 5000))).toBe(true)
  })

  it('seals what is longer than a chunk', () => {
    const long = variant === 'scalar' ? data.subarray(0, 3000) : Buffer.concat([data, data.subarray(0, 3000)])
    const into = new Uint8Array(long.length + 20)
    const sealed = sealGcm(key, nonce, long, { into, variant })
    expect([sealed.buffer, sealed.length]).toEqual([into.buffer, long.length + 16])
    expect(same(openGcm(key, nonce, sealed, { variant }), long)).toBe(true)
    expectFailure('arguments.bad', () => sealGcm(key, nonce, long, { into: into.subarray(5), variant }))
  })

  it('refuses a changed byte anywhere, another key or nonce or additional data, and leaves no plaintext', () => {
    const plaintext = data.subarray(0, 2100)
    const cipher = createSm4GcmCipher(key, variant)
    const sealed = sealGcm(key, nonce, plaintext, { variant })
    const tag = Array.from({ length: 16 }, (_, index) => 2100 + index)
    for (const at of [0, 1, 1000, 2047, 2048, 2099, ...tag]) {
      for (const bit of [1, 0x80]) {
        const changed = Uint8Array.from(sealed)
        changed[at] = changed[at]! ^ bit
        expectFailure('seal.chunk', () => openGcm(key, nonce, changed, { variant }))
        cipher.buffer.set(changed)
        expectFailure('seal.chunk', () => cipher.open(nonce, changed.length))
        expect(cipher.buffer.subarray(0, 2100).every(byte => byte === 0)).toBe(true)
      }
    }
    expectFailure('seal.chunk', () => openGcm(fixedBytes(16, 9), nonce, sealed, { variant }))
    expectFailure('seal.chunk', () => openGcm(key, fixedBytes(12, 9), sealed, { variant }))
    expectFailure('seal.chunk', () => openGcm(key, nonce, sealed, { additional: Uint8Array.of(0), variant }))
    for (const length of [0, 1, 15, 16, 17, 2115]) {
      expectFailure('seal.chunk', () => openGcm(key, nonce, sealed.subarray(0, length), { variant }))
      expectFailure('seal.chunk', () => cipher.open(nonce, length))
    }
  })

  it('refuses keys and nonces of other lengths, and what does not fit the buffer', () => {
    const cipher = createSm4GcmCipher(key, variant)
    for (const length of [0, 1, 8, 11, 13, 16]) {
      const wrong = new Uint8Array(length)
      expectFailure('arguments.bad', () => sealGcm(key, wrong, data.subarray(0, 10), { variant }))
      expectFailure('arguments.bad', () => openGcm(key, wrong, data.subarray(0, 30), { variant }))
      expectFailure('arguments.bad', () => cipher.seal(wrong, 10))
    }
    for (const length of [0, 15, 17, 32]) {
      expectFailure('arguments.bad', () => sealGcm(new Uint8Array(length), nonce, data.subarray(0, 10), { variant }))
      expectFailure('arguments.bad', () => createSm4GcmCipher(new Uint8Array(length), variant))
    }
    expectFailure('arguments.bad', () => cipher.seal(nonce, 2 ** 20 + 1))
    expectFailure('arguments.bad', () => cipher.open(nonce, 2 ** 20 + 17))
    expectFailure('arguments.bad', () => cipher.leaf(0, 2 ** 20 + 17))
    expectFailure('arguments.bad', () => cipher.seal(nonce, -1))
  })

  it('leaves nothing of key and chunk behind when it is wiped, not even in the rest of its memory', () => {
    const own = Uint8Array.from(key)
    const cipher = createSm4GcmCipher(own, variant)
    expect(own).toEqual(key)
    cipher.buffer.set(data.subarray(0, 5000))
    cipher.seal(nonce, 5000)
    cipher.wipe()
    cipher.wipe()
    const memory = new Uint8Array(cipher.buffer.buffer)
    // A kernel's memory begins with a page of its own, and that with a kibibyte of constants.
    const from = variant === 'scalar' ? 0 : 1024
    expect(memory.subarray(from).every(byte => byte === 0)).toBe(true)
  })

  it('takes no more memory than a chunk and a little', () => {
    expect(createSm4GcmCipher(key, variant).buffer.buffer.byteLength).toBeLessThanOrEqual(1.3 * 2 ** 20)
  })

  it('holds for the vectors of Wycheproof, and refuses nonces of other lengths', context => {
    const { testGroups } = wycheproof(context, 'sm4_gcm_test.json') as GcmFile
    let judged = 0
    for (const { ivSize, tests } of testGroups) {
      for (const vector of tests) {
        const [vectorKey, iv, plaintext] = [unhex(vector.key), unhex(vector.iv), unhex(vector.msg)]
        const options = { additional: unhex(vector.aad), variant }
        const sealed = unhex(vector.ct + vector.tag)
        const label = `vector ${vector.tcId}: ${vector.comment}`
        judged += 1
        if (ivSize !== 96) {
          expectFailure('arguments.bad', () => sealGcm(vectorKey, iv, plaintext, options))
          expectFailure('arguments.bad', () => openGcm(vectorKey, iv, sealed, options))
        } else if (vector.result === 'valid') {
          expect(hex(sealGcm(vectorKey, iv, plaintext, options)), label).toBe(hex(sealed))
          expect(hex(openGcm(vectorKey, iv, sealed, options)), label).toBe(hex(plaintext))
        } else {
          expect(() => openGcm(vectorKey, iv, sealed, options), label).toThrow('seal.chunk')
        }
      }
    }
    expect(judged).toBe(104)
  })
})

/** Of a mebibyte, a comparison that says yes or no is enough. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

interface GcmFile {
  readonly testGroups: readonly {
    readonly ivSize: number
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly key: string
      readonly iv: string
      readonly aad: string
      readonly msg: string
      readonly ct: string
      readonly tag: string
      readonly result: string
    }[]
  }[]
}
