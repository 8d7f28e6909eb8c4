import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { libraryKind } from '../../../../main/services/tokens/library-kind.ts'
import { modulesOfUri } from '../../../../main/services/tokens/modules.ts'
import { buildSoftSkf } from '../../../fakes/skf/build.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-library-kind-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a library is told by the functions it exports', () => {
  expect(libraryKind(buildSoftSkf('packed'))).toBe('skf')
  expect(libraryKind(softHsmModule)).toBe('pkcs11')
})

test('a library that is both, or neither, or not there, is left to PKCS #11', () => {
  const both = join(folder, 'both.dll')
  writeFileSync(both, 'MZ\0SKF_EnumDev\0C_GetFunctionList\0')
  expect(libraryKind(both)).toBe('pkcs11')
  writeFileSync(both, 'MZ\0SKF_EnumDevices\0')
  expect(libraryKind(both)).toBe('pkcs11')
  expect(libraryKind(join(folder, 'none.dll'))).toBe('pkcs11')
})

test('an skf: name leads to its own library, or to those of SKF', () => {
  const searched = [
    { kind: 'pkcs11', path: '/a.so' },
    { kind: 'skf', path: '/b.so' },
  ] as const
  expect(modulesOfUri('skf:serial=1?module-path=/c.so', searched)).toEqual([{ kind: 'skf', path: '/c.so' }])
  expect(modulesOfUri('skf:serial=1', searched)).toEqual([{ kind: 'skf', path: '/b.so' }])
  expect(modulesOfUri('pkcs11:serial=1', searched)).toEqual([{ kind: 'pkcs11', path: '/a.so' }])
})
