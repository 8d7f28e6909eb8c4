import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inProject } from '../../../build/project.mjs'
import { generatedTexts } from '../../../build/sm-kernel/generate.mjs'
import { assembleKernel } from '../../../build/sm-kernel/kernel.mjs'
import { createKernel, dataOffset, kernelBytes } from '../../../crypto/sm/kernel/kernel.ts'
import { sboxPlanes } from '../../../crypto/sm/kernel/sbox.ts'
import { bestSmVariant, smVariants } from '../../../crypto/sm/kernel/variant.ts'
import { hex, unhex } from './judge.ts'

/** The S-box of GB/T 32907-2016, table 1. */
const table = unhex(
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62' +
    'e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
    '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1' +
    'e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
    '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684' +
    '18f07dec3adc4d2079ee5f3ed7cb3948',
)

describe('the generated kernel', () => {
  it.each(['simd', 'relaxed'] as const)('is, byte for byte, what its generator makes: %s', async variant => {
    const made = await assembleKernel(variant)
    expect(Buffer.compare(made, kernelBytes(variant))).toBe(0)
  })

  it('comes with the layout and the S-box of the same generator', () => {
    for (const [name, text] of Object.entries(generatedTexts())) {
      expect(readFileSync(inProject('crypto/sm/kernel', name), 'utf8'), name).toBe(text)
    }
  })

  it('substitutes by a circuit what the standard substitutes by a table', () => {
    const planes = new Int32Array(8)
    for (let value = 0; value < 256; value++) {
      for (let bit = 0; bit < 8; bit++) planes[bit] = ((value ^ 0x75) >> bit) & 1
      sboxPlanes(planes, 0)
      const substituted = planes.reduce((sum, plane, bit) => sum | (plane << bit), 0) ^ 0xd3
      expect(substituted, `S(${value})`).toBe(table[value])
    }
  })

  it('runs here in its fastest form, and the slow form is always there', () => {
    expect(bestSmVariant()).toBe(smVariants()[0])
    expect(smVariants()).toContain('simd')
    expect(smVariants().at(-1)).toBe('scalar')
  })

  it('gives each instance a memory of its own', () => {
    const [one, other] = [createKernel('simd', 100), createKernel('simd', 100)]
    one.bytes.fill(1, dataOffset)
    expect(hex(other.bytes.subarray(dataOffset, dataOffset + 4))).toBe('00000000')
    expect(one.bytes.length).toBe(2 * 65_536)
  })
})
