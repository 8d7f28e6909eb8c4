import { expect, it } from 'vitest'
import { scale, seed } from '../setup/scale.ts'
import { sm2Rounds } from './bodies/sm2.ts'

const rounds = scale({ slice: 100, full: 10_000 })

it('signs and verifies, encrypts and decrypts, short coordinates or not', async () => {
  expect(await sm2Rounds(rounds, seed)).toBeGreaterThanOrEqual(rounds / 2)
})
