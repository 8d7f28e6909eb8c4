import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { journalAt } from '../../../main/store/index.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-journal-'))
  path = join(folder, 'deep', 'journal.jsonl')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const journal = () => journalAt(path, () => new Date('2026-11-24T01:02:03Z'))

test('chains every entry to the line before it', async () => {
  const first = await journal().append('sealed', { sealId: 'a' })
  const second = await journal().append('received', { sealId: 'a', size: 3, ok: true })
  expect(first).toMatchObject({ n: 0, prev: '0'.repeat(64), at: '2026-11-24T01:02:03.000Z' })
  expect(second.n).toBe(1)
  expect(second.prev).not.toBe(first.prev)
  expect(await journal().entries()).toEqual([first, second])
})

test('has no entries before the first one is written', async () => {
  expect(await journal().entries()).toEqual([])
})

test('cuts a last line torn by a power cut off, and goes on after the last whole one', async () => {
  await journal().append('sealed', { n: 1 })
  const whole = readFileSync(path, 'utf8')
  appendFileSync(path, '{"type":"bidseal/1 journal","n":1,"pre')
  expect(await journal().entries()).toHaveLength(1)
  await journal().append('received', { n: 2 })
  const text = readFileSync(path, 'utf8')
  expect(text.startsWith(whole)).toBe(true)
  expect(text.trimEnd().split('\n')).toHaveLength(2)
  expect(await journal().entries()).toHaveLength(2)
})

test.each([
  ['a changed fact', (text: string) => text.replace('"sealId":"a"', '"sealId":"b"')],
  ['a line taken out', (text: string) => text.split('\n').slice(1).join('\n')],
  ['a line put twice', (text: string) => (text.split('\n')[0] ?? '') + '\n' + text],
  ['a line that is no JSON', (text: string) => text.replace('{', '[')],
])('finds %s and writes nothing more', async (_what, tamper) => {
  await journal().append('sealed', { sealId: 'a' })
  await journal().append('received', { sealId: 'a' })
  const tampered = tamper(readFileSync(path, 'utf8'))
  writeFileSync(path, tampered)
  await expect(journal().entries()).rejects.toMatchObject({ code: 'journal.damaged' })
  await expect(journal().append('more', {})).rejects.toMatchObject({ code: 'journal.damaged' })
  expect(readFileSync(path, 'utf8')).toBe(tampered)
})

test('keeps the chain when many write at once', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => journal().append('entry', { index })))
  const entries = await journal().entries()
  expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, index) => index))
})
