import { describe, expect, it } from 'vitest'
import { layoutOf, pkcs11Platform, toNumber } from '../../../../crypto/token/raw/layout.ts'
import {
  attributeFields,
  ecdhFields,
  initializeFields,
  mechanismFields,
  oaepFields,
  structures,
} from '../../../../crypto/token/raw/structures.ts'

const linux64 = pkcs11Platform(8, 'linux')
const linux32 = pkcs11Platform(4, 'linux')
const windows64 = pkcs11Platform(8, 'win32')
const windows32 = pkcs11Platform(4, 'win32')
const platforms = [linux64, linux32, windows64, windows32]

describe('the layout of PKCS #11 structures', () => {
  it('is the compiler’s own on Linux and macOS, and packed with 32-bit CK_ULONG on Windows', () => {
    const sizes = (fields: Parameters<typeof layoutOf>[0]): readonly number[] =>
      platforms.map(platform => layoutOf(fields, platform).size)
    expect(sizes(structures.CK_INFO)).toEqual([88, 76, 72, 72])
    expect(sizes(structures.CK_SLOT_INFO)).toEqual([112, 104, 104, 104])
    expect(sizes(structures.CK_TOKEN_INFO)).toEqual([208, 160, 160, 160])
    expect(sizes(structures.CK_SESSION_INFO)).toEqual([32, 16, 16, 16])
    expect(sizes(structures.CK_MECHANISM_INFO)).toEqual([24, 12, 12, 12])
    expect(sizes(mechanismFields)).toEqual([24, 12, 16, 12])
    expect(sizes(attributeFields)).toEqual([24, 12, 16, 12])
    expect(sizes(initializeFields)).toEqual([48, 24, 44, 24])
    expect(sizes(oaepFields)).toEqual([40, 20, 24, 20])
    expect(sizes(ecdhFields)).toEqual([40, 20, 28, 20])
  })

  it('leaves a gap before the functions of CK_FUNCTION_LIST except on Windows', () => {
    const offset = (platform: typeof linux64): number =>
      layoutOf({ version: 2, C_Initialize: 'pointer' }, platform).offsets.C_Initialize
    expect(platforms.map(offset)).toEqual([8, 4, 2, 2])
  })

  it('shows all ones as -1, whatever the width', () => {
    expect([toNumber(0xffffffffn, 4), toNumber(0xffffffffffffffffn, 8), toNumber(0xffffffffn, 8)]).toEqual([
      ...[-1, -1, 0xffffffff],
    ])
  })
})
