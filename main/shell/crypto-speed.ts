import { createCipheriv, createHash } from 'node:crypto'
import { session } from 'electron'
import type { Session } from 'electron'

/** What the start-up self-test measured, in MiB/s. */
export interface CryptoSpeed {
  readonly aes: number
  readonly sha: number
  /** The machine's AES instructions are switched on in this process. */
  readonly hardware: boolean
}

const mebibyte = 1 << 20

/**
 * Has Chromium initialise its cryptography in this process: until something touches the default session, AES runs without
 * the processor's instructions, ten times slower. Worker threads take part. Answers that session, which nobody uses. To be called when the app is ready.
 */
export function switchOnHardwareCrypto(): Session {
  return session.defaultSession
}

/**
 * Times AES-256-GCM against SHA-256, some ten milliseconds. With its instructions AES is about as fast as SHA-256 or
 * faster; without them it takes three times as long, whether or not SHA-256 has its own.
 */
export function measureCryptoSpeed(): CryptoSpeed {
  let speed = measureOnce()
  // A busy machine can look slow for a moment; one that is slow stays slow.
  for (let again = 0; again < 3 && !speed.hardware; again += 1) speed = measureOnce()
  return speed
}

function measureOnce(): CryptoSpeed {
  const input = new Uint8Array(64 * 1024)
  const pieces = mebibyte / input.length
  const aesOnce = (): void => {
    const cipher = createCipheriv('aes-256-gcm', new Uint8Array(32), new Uint8Array(12))
    for (let piece = 0; piece < pieces; piece += 1) cipher.update(input)
    cipher.final()
  }
  const shaOnce = (): void => {
    const hash = createHash('sha256')
    for (let piece = 0; piece < pieces; piece += 1) hash.update(input)
    hash.digest()
  }
  // The best of several, in turns: other programs take the processor away in between.
  const times = Array.from({ length: rounds }, () => ({ aes: timed(aesOnce), sha: timed(shaOnce) }))
  const aes = 1000 / Math.min(...times.map(time => time.aes))
  const sha = 1000 / Math.min(...times.map(time => time.sha))
  return { aes, sha, hardware: aes / sha > hardwareRatio }
}

const rounds = 8
/** Seen: 0.7 with, 0.33 without the instructions. */
const hardwareRatio = 0.5

function timed(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}
