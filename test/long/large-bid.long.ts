import { expect, it } from 'vitest'
import { cancelSealing, roundTrip, sealingMemory } from './bodies/large-bid.ts'

const gibibyte = 2 ** 30

it('seals 1 GiB with the command and its children under 400 MB, and shows progress', async () => {
  const { peakBytes, log } = await sealingMemory(gibibyte)
  console.log(`peak of the sum of PSS while sealing 1 GiB: ${(peakBytes / 1e6).toFixed(0)} MB`)
  expect(peakBytes).toBeLessThan(400e6)
  expect(log).toMatch(/\d+ %/)
})

it('leaves nothing behind when a sealing of 1 GiB is interrupted', () => cancelSealing(gibibyte))

it('seals, verifies and unseals a sparse document of more than 4 GiB', () => roundTrip(4 * gibibyte + 123_457))
