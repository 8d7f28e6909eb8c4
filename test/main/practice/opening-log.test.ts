import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareFolders } from '../../../main/practice/state/folders.ts'
import type { PracticeFolders } from '../../../main/practice/state/folders.ts'
import { keyedLock } from '../../../main/practice/state/keyed-lock.ts'
import { openOpeningLog, readOpeningLog } from '../../../main/practice/state/opening-log.ts'
import { openOpeningShelf } from '../../../main/practice/state/opening-shelf.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-log-'))
  path = join(folder, 'changes.log')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function changes(): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for await (const change of readOpeningLog(path)) found.push(change)
  return found
}

async function written(count: number): Promise<void> {
  const log = await openOpeningLog(path)
  for (let number = 0; number < count; number += 1) await log.append({ number })
  await log.close()
}

describe('the log of changes', () => {
  it('keeps them in order, and flushes together what comes together', async () => {
    const log = await openOpeningLog(path)
    await Promise.all(Array.from({ length: 200 }, (_, number) => log.append({ number })))
    await log.close()
    expect(await changes()).toEqual(Array.from({ length: 200 }, (_, number) => ({ number })))
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(20)
  })

  it('leaves out a last line that a power cut has torn, wherever it is cut', async () => {
    await written(3)
    const whole = readFileSync(path)
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1
    for (let length = lastLine; length < whole.length - 1; length += 7) {
      writeFileSync(path, whole.subarray(0, length))
      expect(await changes()).toEqual([{ number: 0 }, { number: 1 }])
    }
  })

  it('refuses a damaged line before others', async () => {
    await written(3)
    const bytes = readFileSync(path)
    bytes[80] = (bytes[80] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect(await codeOf(changes())).toBe('input.unreadable')
  })

  it('is empty where there is none', async () => {
    expect(await changes()).toEqual([])
  })
})

describe('the shelf of openings', () => {
  const sealDigest = 'ab'.repeat(32)
  const signIn = { bytes: Uint8Array.of(1), signature: Uint8Array.of(2) }
  let folders: PracticeFolders

  beforeEach(async () => {
    folders = await prepareFolders(folder)
  })

  it('knows after a kill what was written down, and gives it a file of its own', async () => {
    const killed = await openOpeningShelf(folders)
    await killed.note('opening-1', sealDigest, { kind: 'signIn', signIn })
    const next = await openOpeningShelf(folders)
    expect(next.attendance('opening-1', sealDigest).signIn).toEqual(signIn)
    const file = join(folders.attendances, `${sealDigest}.json`)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ openingId: 'opening-1', waiting: [] })
    expect(statSync(join(folders.attendances, 'changes.log')).size).toBe(0)
    await Promise.all([killed.close(), next.close()])
  })

  it('empties the log once everything in it stands in files, and never before', async () => {
    const shelf = await openOpeningShelf(folders)
    const log = join(folders.attendances, 'changes.log')
    await shelf.note('opening-1', sealDigest, { kind: 'signIn', signIn })
    await shelf.note('opening-2', 'cd'.repeat(32), { kind: 'signIn', signIn })
    await shelf.settle('opening-1')
    expect(statSync(log).size).toBeGreaterThan(0)
    await Promise.all([
      shelf.settle('opening-2'),
      shelf.note('opening-2', sealDigest, { kind: 'twin', twin: 'awaited' }),
    ])
    expect(statSync(log).size).toBeGreaterThan(0)
    await shelf.settle('opening-1')
    expect(statSync(log).size).toBe(0)
    await shelf.close()
    const next = await openOpeningShelf(folders)
    expect(next.attendance('opening-1', sealDigest)).toMatchObject({ signIn, twin: 'awaited' })
    await next.close()
  })

  it('reads an attendance of the first version', async () => {
    const old = { sealDigest, openingId: 'opening-1', signIn: null, challenge: null, releases: [] }
    writeFileSync(join(folders.attendances, `${sealDigest}.json`), JSON.stringify(old))
    const shelf = await openOpeningShelf(folders)
    expect(shelf.attendance('opening-1', sealDigest)).toEqual({ ...old, waiting: [], twin: null, opened: null })
    await shelf.close()
  })
})

describe('a lock that is shared', () => {
  it('lets those who share it run beside each other, and never beside one who runs alone', async () => {
    const lock = keyedLock()
    const told: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      told.push(`${name} begins`)
      await new Promise(resolve => setTimeout(resolve, 5))
      told.push(`${name} ends`)
    }
    await Promise.all([
      lock.share('key', work('a')),
      lock.share('key', work('b')),
      lock.run('key', work('alone')),
      lock.share('key', work('c')),
      lock.run('other', work('elsewhere')),
    ])
    const order = told.filter(line => !line.startsWith('elsewhere'))
    expect(order.slice(0, 2)).toEqual(['a begins', 'b begins'])
    expect(order.slice(4)).toEqual(['alone begins', 'alone ends', 'c begins', 'c ends'])
    expect(told.indexOf('elsewhere begins')).toBeLessThan(told.indexOf('alone begins'))
  })

  it('goes on after work that failed', async () => {
    const lock = keyedLock()
    const failing = lock.run('key', () => Promise.reject(new Error('failed')))
    const next = lock.share('key', () => Promise.resolve('done'))
    await expect(failing).rejects.toThrow('failed')
    expect(await next).toBe('done')
  })
})
