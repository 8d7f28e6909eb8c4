import { expect, it } from 'vitest'
import { seed } from '../setup/scale.ts'
import { killDuringRelease, killDuringSubmit } from './bodies/kill-delivery.ts'

// A slice of kill-delivery.long.ts; kills of the platform are among the faults of the other slices.
it('kill -9 of the client during a submission loses nothing: run again it finishes, and what is stored is the file', async () => {
  expect(await killDuringSubmit('client', 1, seed)).toBeLessThanOrEqual(1)
}, 240_000)

it('kill -9 of the client during a release leaves it recorded once, and the bid opens', async () => {
  expect(await killDuringRelease('client', 1, seed + 1)).toBeLessThanOrEqual(1)
}, 240_000)
