import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spawnSync } from 'node:child_process'
import {
  readFileIfThere,
  readJsonIfThere,
  sweepTemporaries,
  writeFileAtomic,
  writeJsonAtomic,
} from '../../../main/store/index.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-atomic-'))
})

afterEach(() => {
  chmodSync(folder, 0o700)
  rmSync(folder, { recursive: true, force: true })
})

test('writes whole files, makes folders, keeps the mode, leaves no other file', async () => {
  const path = join(folder, 'a', 'b', '状态.json')
  await writeJsonAtomic(path, { 一: 1 }, 0o600)
  await writeJsonAtomic(path, { 二: 2 }, 0o600)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ 二: 2 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['状态.json'])
})

test('leaves the old content and no leftovers when it cannot write', async () => {
  const path = join(folder, 'taken')
  writeFileSync(join(folder, 'file'), 'old')
  await writeFileAtomic(path, Buffer.from('old'))
  await expect(writeFileAtomic(join(folder, 'file', 'below'), Buffer.from('new'))).rejects.toMatchObject({
    code: 'output.unwritable',
  })
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old')
  expect(readdirSync(folder).sort()).toEqual(['file', 'taken'])
})

test('says null for a file that is not there and refuses one that is no JSON', async () => {
  expect(await readFileIfThere(join(folder, 'none'))).toBeNull()
  expect(await readJsonIfThere(join(folder, 'none', 'deeper'))).toBeNull()
  writeFileSync(join(folder, 'broken'), '{')
  await expect(readJsonIfThere(join(folder, 'broken'))).rejects.toMatchObject({ code: 'input.unreadable' })
})

test('clears away what a killed process left half written, and nothing a living one is writing', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const hex = '0123456789ab'
  for (const name of ['kept.json', `x.json.${dead}.${hex}.tmp`, `x.json.${process.pid}.${hex}.tmp`, 'x.tmp']) {
    writeFileSync(join(folder, name), '')
  }
  await sweepTemporaries(folder)
  expect(readdirSync(folder).sort()).toEqual(['kept.json', 'x.tmp', `x.json.${process.pid}.${hex}.tmp`].sort())
  await sweepTemporaries(join(folder, 'none'))
})
