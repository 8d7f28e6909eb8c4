import { describe, expect, it } from 'vitest'
import { seed } from '../setup/scale.ts'
import { killDuringRelease, killDuringSubmit } from './bodies/kill-delivery.ts'

// A slice of kill-delivery.long.ts.
describe.each(['client', 'platform'] as const)('kill -9 of the %s', victim => {
  it('during a submission loses nothing: run again it finishes, and what is stored is the file', async () => {
    expect(await killDuringSubmit(victim, 1, seed)).toBeLessThanOrEqual(1)
  }, 240_000)

  it('during a release leaves it recorded once, and the bid opens', async () => {
    expect(await killDuringRelease(victim, 1, seed + 1)).toBeLessThanOrEqual(1)
  }, 240_000)
})
