import { expect, it } from 'vitest'
import { cancelSealing, roundTrip, sealingMemory } from './bodies/large-bid.ts'

// A slice of large-bid.long.ts.
const mebibyte = 2 ** 20

it('seals 96 MiB with the command and its children under 400 MB', async () => {
  expect((await sealingMemory(96 * mebibyte)).peakBytes).toBeLessThan(400e6)
}, 120_000)

it('leaves nothing behind when a sealing is interrupted', () => cancelSealing(256 * mebibyte), 120_000)

it('seals, verifies and unseals a sparse document', () => roundTrip(8 * mebibyte + 1), 120_000)
