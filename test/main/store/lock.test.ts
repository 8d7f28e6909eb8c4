import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../../main/store/index.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-lock-'))
  path = join(folder, 'x.lock')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('lets one at a time in and leaves no lock behind', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    inside += 1
    most = Math.max(most, inside)
    await wait(5)
    inside -= 1
  }
  await Promise.all([1, 2, 3, 4].map(() => withLock(path, work)))
  expect(most).toBe(1)
  expect(existsSync(path)).toBe(false)
})

test('gives the lock back when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})

test('takes over from a process that has died', async () => {
  const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' })
  writeFileSync(path, dead.stdout)
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})

test('takes over a lock whose holder died before it wrote its name', async () => {
  writeFileSync(path, '')
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})
