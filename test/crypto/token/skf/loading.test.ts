import { describe, expect, it } from 'vitest'
import { openSkfDriver } from '../../../../crypto/token/skf/driver.ts'
import { expectRejection } from '../../../fixtures/failure.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'
import { useSkf } from './rig.ts'

describe.each([
  ['natural', 'packed'],
  ['packed', 'natural'],
] as const)('a %s library under a profile that says %s', (build, layout) => {
  const rig = useSkf({ build, profile: { layout } })

  it('is found out, without a crash', async () => {
    rig().addBidder('KEY')
    expect(await expectRejection('token.unsupported', rig().driver.list())).toContain(`the profile says ${layout}`)
  })
})

describe.each(['natural', 'packed'] as const)('a %s library under no profile', build => {
  const rig = useSkf({ build, profile: {} })

  it('shows its layout by what it writes', async () => {
    rig().addBidder('KEY')
    expect((await rig().token('KEY')).mechanisms).toContain('SGD_SM4')
  })
})

describe('loading an SKF library', () => {
  it('says what is wrong with a file that is none', async () => {
    await expectRejection('arguments.bad', openSkfDriver('skf.so'))
    await expectRejection('token.driver-unavailable', openSkfDriver('/nonexistent/skf.so'))
    const told = await expectRejection('token.driver-unavailable', openSkfDriver(softHsmModule))
    expect(told).toContain('SKF_EnumDev')
  })
})
