import { createHash } from 'node:crypto'
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

test('answers the exact bytes of its lines and the digest the next one names', async () => {
  await journal().append('sealed', { name: '标封' })
  const second = await journal().append('received', {})
  const [line] = await journal().lines()
  expect(Buffer.from(line?.bytes ?? []).toString()).toBe(readFileSync(path, 'utf8').split('\n')[0])
  expect(line?.digest).toBe(second.prev)
})

test('goes on after what another program has appended meanwhile', async () => {
  const [ours, theirs] = [journal(), journal()]
  await ours.append('entry', { by: 'ours' })
  await theirs.append('entry', { by: 'theirs' })
  await ours.append('entry', { by: 'ours' })
  await theirs.append('entry', { by: 'theirs' })
  expect((await journal().entries()).map(({ facts }) => facts['by'])).toEqual(['ours', 'theirs', 'ours', 'theirs'])
})

test('goes on after a torn line that another program left behind its own', async () => {
  const ours = journal()
  await ours.append('entry', { n: 1 })
  appendFileSync(path, '{"type":"bidseal/1 journal","n":1,"pre')
  await ours.append('entry', { n: 2 })
  expect(await journal().entries()).toHaveLength(2)
})

test.each([
  ['changed', (text: string) => text.replace('"v":1', '"v":2')],
  ['cut short', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
  ['emptied', () => ''],
])('finds lines it has checked itself %s behind its back, and writes nothing more', async (_what, tamper) => {
  const ours = journal()
  await ours.append('entry', { v: 1 })
  await ours.append('entry', { v: 3 })
  const tampered = tamper(readFileSync(path, 'utf8'))
  writeFileSync(path, tampered)
  await expect(ours.append('entry', { v: 4 })).rejects.toMatchObject({ code: 'journal.damaged' })
  expect(readFileSync(path, 'utf8')).toBe(tampered)
})

test('appends to a hundred thousand entries in a few milliseconds once it has checked them', async () => {
  await journal().append('entry', {})
  let text = readFileSync(path, 'utf8')
  let prev = createHash('sha256').update(text.trimEnd()).digest('hex')
  for (let n = 1; n < 100_000; n += 1) {
    const facts = { act: 'part', code: 'ok' }
    const line = JSON.stringify({
      type: 'bidseal/1 journal',
      n,
      prev,
      at: '2026-11-24T01:02:03Z',
      kind: 'answer',
      facts,
    })
    prev = createHash('sha256').update(line).digest('hex')
    text += `${line}\n`
  }
  writeFileSync(path, text)
  const ours = journal()
  await ours.append('first', {})
  const times: number[] = []
  for (let i = 0; i < 9; i += 1) {
    const started = performance.now()
    await ours.append('next', { i })
    times.push(performance.now() - started)
  }
  // Reading the file takes hundreds of milliseconds; the median forgives a busy machine.
  expect(times.sort((a, b) => a - b)[4]).toBeLessThan(50)
})
