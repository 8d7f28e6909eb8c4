import { expect, it } from 'vitest'
import { rawCodeName } from '../../../../crypto/token/raw/code-names.ts'
import { accepts } from '../../../../crypto/token/raw/functions.ts'
import { functionList } from '../../../../crypto/token/raw/pkcs11-functions.ts'
import { skfSignatures } from '../../../../crypto/token/raw/skf-functions.ts'
import { signatures } from '../../../../crypto/token/skf/functions.ts'

it('has the sixty-eight functions of PKCS #11 v2.40, the last of them C_WaitForSlotEvent', () => {
  expect(new Set(functionList.map(([name]) => name)).size).toBe(68)
  expect(functionList.at(-1)).toEqual(['C_WaitForSlotEvent', ['ulong', 'pointer', 'pointer']])
})

it('gives SKF functions the parameters that the driver gives them', () => {
  const named = { handle: 'handle', number: 'ulong', flag: 'bool', bytes: 'pointer', cipher: 'cipher' } as const
  const drivers = Object.entries(signatures).map(([name, kinds]) => [name, kinds.map(kind => named[kind])])
  expect(drivers.map(([name]) => [name, skfSignatures.get(String(name))])).toEqual(drivers)
})

it('never takes a number or a handle for a pointer', () => {
  const [number, handle] = [
    { kind: 'number', value: 4096 },
    { kind: 'handle', value: '4096' },
  ] as const
  expect([accepts('pointer', number, true), accepts('pointer', handle, true)]).toEqual([false, false])
  expect([accepts('ulong', handle, true), accepts('ulong', handle, false)]).toEqual([true, false])
})

it('names return codes by the standards, and shows others as numbers', () => {
  expect([0, 0x70, 0x150, 0x80000001].map(code => rawCodeName('pkcs11', code))).toEqual([
    ...['CKR_OK', 'CKR_MECHANISM_INVALID', 'CKR_BUFFER_TOO_SMALL', '0x80000001'],
  ])
  expect([0, 0x0a000024, 0x0b000023].map(code => rawCodeName('skf', code))).toEqual([
    ...['SAR_OK', 'SAR_PIN_INCORRECT', 'vendor error 0x0b000023'],
  ])
})
