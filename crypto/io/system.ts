import { randomBytes } from 'node:crypto'
import type { Clock, Randomness } from './ports.ts'

/** The computer's own clock. */
export const systemClock: Clock = { now: () => new Date() }

/** The host's generator (node:crypto). */
export const systemRandomness: Randomness = { bytes: length => Uint8Array.from(randomBytes(length)) }
