import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { journalAt } from '../../../main/store/index.ts'

const processes = 4
const each = 10
let folder: string
let program: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-journal-'))
  program = join(folder, 'writer.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../../fixtures/journal-writer.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
}, 60_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('keeps the chain when several processes find the lock of a dead one', async () => {
  const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' })
  for (let round = 0; round < 4; round += 1) {
    const home = join(folder, `home-${round}`)
    const path = join(home, 'journal.jsonl')
    await journalAt(path, () => new Date()).append('first', {})
    writeFileSync(`${path}.lock`, `${dead.stdout}\n\n\nleft-behind\n`)
    const begin = String(Date.now() + 700)
    const codes = await Promise.all(Array.from({ length: processes }, () => run([program, path, String(each), begin])))
    expect(codes).toEqual(Array.from({ length: processes }, () => 0))
    expect(await journalAt(path, () => new Date()).entries()).toHaveLength(1 + processes * each)
    expect(readdirSync(home)).toEqual(['journal.jsonl'])
  }
}, 60_000)

function run(args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', resolve)
  })
}
