import { randomBytes } from 'node:crypto'
import { setImmediate as letOthersRun } from 'node:timers/promises'
import { expect } from 'vitest'
import {
  generateSm2Key,
  readSm2Cipher,
  readSm2Signature,
  sm2Decrypt,
  sm2Encrypt,
  sm2PublicOf,
  sm2SignDigest,
  sm2VerifyDigest,
  writeSm2Cipher,
  writeSm2Signature,
} from '../../../crypto/sm/sm2/index.ts'
import { scripted, shortCoordinateScalars } from '../../fixtures/sm2.ts'

/** A new key after this many rounds. */
const roundsPerKey = 25

/**
 * Signs and verifies, encrypts and decrypts random values under random keys. Every fourth key and every second nonce has
 * a point with a coordinate that begins with a zero byte; everything goes through every form it can be written in.
 * Answers how many written numbers were shorter than 32 bytes.
 */
export async function sm2Rounds(rounds: number, start: number): Promise<number> {
  const shortScalars = shortCoordinateScalars(Math.min(64, Math.max(4, rounds / 50)), BigInt(start) << 64n)
  const short = (index: number) => shortScalars[index % shortScalars.length] ?? generateSm2Key()
  let d = generateSm2Key()
  let publicPoint = sm2PublicOf(d)
  let shortened = 0
  for (let round = 0; round < rounds; round += 1) {
    if (round % roundsPerKey === 0) {
      await letOthersRun()
      d = round % (4 * roundsPerKey) === 0 ? short(round / roundsPerKey) : generateSm2Key()
      publicPoint = sm2PublicOf(d)
    }
    const digest = Uint8Array.from(randomBytes(32))
    const signature = sm2SignDigest(d, digest)
    expect(sm2VerifyDigest(publicPoint, digest, signature)).toBe(true)
    for (const form of ['der', 'raw', 'ECCSIGNATUREBLOB'] as const) {
      const written = writeSm2Signature(readSm2Signature(signature, 'der'), form)
      expect(writeSm2Signature(readSm2Signature(written, form), 'der')).toEqual(signature)
    }
    const message = Uint8Array.from(randomBytes(1 + (round % 48)))
    const cipher =
      round % 2 === 0
        ? sm2Encrypt(publicPoint, message, scripted(short(round), generateSm2Key()))
        : sm2Encrypt(publicPoint, message)
    expect(sm2Decrypt(d, cipher)).toEqual(message)
    const parts = readSm2Cipher(cipher, 'asn1')
    for (const layout of ['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const) {
      const written = writeSm2Cipher(parts, layout)
      expect(writeSm2Cipher(readSm2Cipher(written, layout), 'asn1')).toEqual(cipher)
    }
    const { r, s } = readSm2Signature(signature, 'der')
    shortened += [r, s, parts.x, parts.y].filter(number => number[0] === 0).length
  }
  return shortened
}
