import { describe, expect, it } from 'vitest'
import { scale, seed } from '../setup/scale.ts'
import { killDuringRelease, killDuringSubmit } from './bodies/kill-delivery.ts'

const rounds = scale({ slice: 2, full: 50 })

describe.each(['client', 'platform'] as const)('kill -9 of the %s', victim => {
  it('during a submission loses nothing: run again it finishes, and what is stored is the file', async () => {
    expect(await killDuringSubmit(victim, rounds, seed)).toBeGreaterThan(rounds / 2)
  })

  it('during a release leaves it recorded once, and the bid opens', async () => {
    expect(await killDuringRelease(victim, rounds, seed + 1)).toBeGreaterThan(rounds / 2)
  })
})
