import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { IpcContext } from '../../../main/ipc/context.ts'
import { openDesks } from '../../../main/ipc/desks.ts'
import type { Desk } from '../../../main/ipc/desks.ts'
import { lockHandlers } from '../../../main/ipc/handlers/lock.ts'
import { isPracticeLock, lockModules, requireLockOf } from '../../../main/ipc/lock-modules.ts'
import { isModulePath, openSettings } from '../../../main/ipc/settings.ts'
import type { ModuleReference, Ports } from '../../../main/services/index.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-modules-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function deskOf(practice: boolean, modules: readonly ModuleReference[] = []): Promise<Desk> {
  const ports = { home: { root: join(folder, 'home') } } as unknown as Ports
  return { practice, ports, settings: await openSettings(join(folder, 'window.json')), modules }
}

describe('A9: the modules that are looked into', () => {
  test('are those of the settings that have an absolute path', async () => {
    const modules = [
      { kind: 'pkcs11', path: join(folder, 'good.so') },
      { kind: 'pkcs11', path: 'beside.so' },
      { kind: 'pkcs11', path: '../up.so' },
      { kind: 'soft', path: './lock.p12' },
      { kind: 'other', path: join(folder, 'other.so') },
      { kind: 'pkcs11', path: 7 },
    ]
    writeFileSync(join(folder, 'window.json'), JSON.stringify({ modules }))
    const paths = lockModules(openDesks(await deskOf(false))).map(({ path }) => path)
    expect(paths).toContain(join(folder, 'good.so'))
    expect((await openSettings(join(folder, 'window.json'))).current.modules).toEqual([modules[0]])
    for (const path of ['beside.so', '../up.so', './lock.p12', join(folder, 'other.so')]) {
      expect(paths).not.toContain(path)
    }
  })

  test.each([
    ['lock.p12', true],
    ['lock.PFX', true],
    ['driver.so', false],
    ['driver.p12.so', false],
    ['p12', false],
  ])('take %s from the dialog for soft locks: %s', async (name, taken) => {
    const path = join(folder, name)
    writeFileSync(path, '')
    const own = await deskOf(false)
    const context = {
      desks: openDesks(own),
      tokens: { driver: () => ({ list: async () => [] }) },
      locks: {},
      dialogs: { pick: async () => path },
      language: () => 'en',
      emit: () => undefined,
    } as unknown as IpcContext
    const added = lockHandlers(context)['lock.addSoftLock']()
    if (taken) await added
    else await expect(added).rejects.toMatchObject({ code: 'arguments.bad' })
    expect(own.settings.current.modules).toEqual(taken ? [{ kind: 'soft', path }] : [])
  })
})

describe('A9: a module in the settings', () => {
  test.each([
    ['linux', '/usr/lib/driver.so', true],
    ['darwin', '/Library/driver.dylib', true],
    ['linux', 'driver.so', false],
    ['linux', '../driver.so', false],
    ['linux', 'C:\\driver.dll', false],
    ['win32', 'C:\\Windows\\System32\\driver.dll', true],
    ['win32', 'c:/Program Files/driver.dll', true],
    ['win32', '\\\\server\\share\\driver.dll', true],
    ['win32', '\\driver.dll', false],
    ['win32', '/driver.dll', false],
    ['win32', 'C:driver.dll', false],
    ['win32', 'driver.dll', false],
  ] as const)('on %s, under %s, is taken: %s', (platform, path, taken) => {
    expect(isModulePath(path, platform)).toBe(taken)
  })
})

describe('practice and real locks', () => {
  test.each([
    ['a practice lock in the rehearsal', true, 'p12:/srv/rehearsal/lock.p12', true],
    ['a key of it', true, 'p12:/srv/rehearsal/lock.p12?id=%01', true],
    ['a real token in the rehearsal', true, 'pkcs11:token=A', false],
    ['a real soft lock in the rehearsal', true, 'p12:/srv/rehearsal/lock.p12.p12', false],
    ['a practice lock for a real tender', false, 'p12:/srv/rehearsal/lock.p12', false],
    ['a real token for a real tender', false, 'pkcs11:token=A', true],
  ])('%s', async (_, practice, uri, allowed) => {
    const own = await deskOf(false)
    const desks = openDesks(own)
    const rehearsal = await deskOf(true, [{ kind: 'soft', path: '/srv/rehearsal/lock.p12' }])
    desks.setPractice(rehearsal)
    const check = (): void => requireLockOf(practice ? rehearsal : own, desks, uri)
    expect(isPracticeLock(desks, uri)).toBe(allowed === practice)
    if (allowed) check()
    else expect(check).toThrow('token.wrong-lock')
  })
})
