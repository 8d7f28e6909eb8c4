import { expect, it } from 'vitest'
import { seed } from '../setup/scale.ts'
import { sm2Rounds } from './bodies/sm2.ts'

// A slice of sm2.long.ts.
it('signs and verifies, encrypts and decrypts, short coordinates or not', async () => {
  expect(await sm2Rounds(100, seed)).toBeGreaterThanOrEqual(50)
})
