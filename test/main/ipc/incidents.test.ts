import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppFailure } from '../../../main/contract/failure.ts'
import { incidentLog } from '../../../main/ipc/incidents.ts'
import { openSettings } from '../../../main/ipc/settings.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-incidents-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an expected failure keeps its code and leaves no trace', () => {
  const report = incidentLog(
    join(folder, 'none.jsonl'),
    () => '1',
    () => new Date(0),
  )
  expect(report(new AppFailure('output.disk-full', 'no space left'))).toEqual({
    code: 'output.disk-full',
    detail: 'no space left',
  })
  expect(() => readFileSync(join(folder, 'none.jsonl'))).toThrow('ENOENT')
})

test('a fault of the program has a number, and a note with places but without words', async () => {
  const path = join(folder, 'logs', 'incidents.jsonl')
  const report = incidentLog(
    path,
    () => 'f00d',
    () => new Date(0),
  )
  const message = 'PIN 123456 of /home/somebody\n    at PIN 123456 (/home/somebody:1:1)\n  at 123456'
  expect(report(new TypeError(message))).toEqual({ code: 'internal', detail: 'incident f00d' })
  await expect.poll(() => readText(path)).toContain('"incident":"f00d"')
  const note = readText(path)
  expect(note).toContain('TypeError')
  expect(note).toContain('incidents.test.ts')
  expect(note).not.toMatch(/123456|somebody|\/home\//)
})

test('settings that are damaged count as empty, and what is unknown in them is dropped', async () => {
  const path = join(folder, 'window.json')
  const settings = await openSettings(path)
  expect(settings.current).toEqual({ language: null, modules: [], platforms: {} })
  await settings.save({ language: 'en', platforms: { a: 'http://127.0.0.1:1', b: 'javascript:alert(1)' } })
  const again = await openSettings(path)
  expect(again.current).toEqual({ language: 'en', modules: [], platforms: { a: 'http://127.0.0.1:1' } })
})

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
