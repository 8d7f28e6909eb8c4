import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished, measuredElsewhere, program } from '../../../../main/services/bench/programs.ts'

let folder: string
const node = process.execPath

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-bench-programs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('what a program prints overwrites an existing file in place and cuts nothing off', async () => {
  const output = join(folder, 'output')
  writeFileSync(output, 'longer than that')
  const end = await finished({ command: node, args: ['-e', 'process.stdout.write("new")'], output })
  expect(end?.seconds).toBeGreaterThan(0)
  expect(readFileSync(output, 'utf8')).toBe('newger than that')
})

test('a program that is not there, fails or says nothing has no time', async () => {
  expect(await program('nowhere', '/nonexistent/program', []).run({})).toBeNull()
  expect(await program('failing', node, ['-e', 'process.exit(3)']).run({})).toBeNull()
  expect(await measuredElsewhere('mute', node, ['-e', '']).run({})).toBeNull()
})

test('a program that measures for itself is believed, and its text may be scaled', async () => {
  const prints = ['-e', 'process.stdout.write("0.25")']
  expect(await measuredElsewhere('peer', node, prints).run({})).toBe(0.25)
  expect(await measuredElsewhere('peer', node, prints, text => Number(text) * 4).run({})).toBe(1)
})

test('one that is stopped is waited for', async () => {
  const stop = new AbortController()
  const waiting = finished({ command: node, args: ['-e', 'setInterval(() => 0, 1000)'], signal: stop.signal })
  setTimeout(() => stop.abort(), 100)
  expect(await waiting).toBeNull()
})
