import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppFailure } from '../../../main/contract/failure.ts'
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

test('takes over its own process’s leftover and one of a process number that was given to another', async () => {
  const held = await heldLock()
  const [, started = '', boot = ''] = held.split('\n')
  for (const leftover of [
    `${process.pid}\n`,
    held,
    // Process 1 runs, but it isn't the one that started then; and not since the machine was started again.
    ...(process.platform === 'linux'
      ? [`1\n${Number(started) + 5}\n${boot}\nab\n`, `${process.ppid}\n\nanother-boot\nab\n`]
      : []),
  ]) {
    writeFileSync(path, leftover)
    expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
    expect(readdirSync(folder)).toEqual([])
  }
})

test('leaves the lock of a living process alone and says what is being waited for', async () => {
  writeFileSync(path, `${process.ppid}\n`)
  const busy = () => new AppFailure('bid.busy', 'the bid is being submitted')
  await expect(withLock(path, () => Promise.resolve('done'), busy)).rejects.toMatchObject({
    failure: { code: 'bid.busy', detail: 'the bid is being submitted' },
  })
  expect(readFileSync(path, 'utf8')).toBe(`${process.ppid}\n`)
}, 20_000)

test('a lock that is older than the start of the machine is nobody’s, whoever has its process number now', async () => {
  writeFileSync(path, `${process.ppid}\n`)
  const before = Date.now() / 1000 - uptime() - 3_600
  utimesSync(path, before, before)
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})

test('removes no lock but its own', async () => {
  await withLock(path, () => {
    writeFileSync(path, '1\n\n\nsomebody\n')
    return Promise.resolve()
  })
  expect(readFileSync(path, 'utf8')).toBe('1\n\n\nsomebody\n')
})

/** What this process writes into a lock it holds. */
async function heldLock(): Promise<string> {
  return withLock(path, () => Promise.resolve(readFileSync(path, 'utf8')))
}
