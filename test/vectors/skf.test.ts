import { expect, it } from 'vitest'
import { decodeSm2Content } from '../../crypto/cms/gm/content.ts'
import { fromHex, toHex } from '../../crypto/json/hex.ts'
import { codeOf } from '../fixtures/refusals.ts'
import { type SkfFile, vectorJson } from './library.ts'

it.each(vectorJson<SkfFile>('skf.json').results)('the result $name of a lock', async ({ result, key, code }) => {
  if (key !== undefined) expect(toHex(decodeSm2Content(fromHex(result)))).toBe(key)
  else expect(await codeOf(() => decodeSm2Content(fromHex(result)))).toBe(code)
})
