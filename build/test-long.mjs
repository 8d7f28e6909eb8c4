// `npm run test:long [part of a name…]`: the long suites at their full counts, one after the other. A suite that passed on
// this very tree is not run again, so an interrupted run goes on where it stopped; --fresh starts over, --seed N sets
// the seed. Prints its seed.
import { randomInt } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { inProject, run, runTool } from './project.mjs'
import { testInElectron } from './testing/electron-tests.mjs'
import { Tally } from './testing/tally.mjs'
import { runVitest } from './testing/vitest-run.mjs'

/**
 * @typedef {object} Progress
 * @property {string | null} tree
 * @property {number} seed
 * @property {Record<string, { passed: number, seconds: number }>} finished
 */

const recordFile = inProject('out/test-long.json')
const { values, positionals } = parseArgs({
  options: { seed: { type: 'string' }, fresh: { type: 'boolean', default: false } },
  allowPositionals: true,
})

const tally = new Tally({ everythingMustRun: process.env['CI'] === 'true' })
const { code } = await runTool(inProject('build/bundle.mjs'), ['--quiet'])
if (code !== 0) tally.fail('build', 'see above')
const progress = await begin()
console.log(`seed ${progress.seed}`)
for (const suite of await suites()) {
  const before = progress.finished[suite]
  if (before !== undefined) {
    console.log(`${suite}: passed before on this tree (${before.passed} tests, ${before.seconds} s)`)
    tally.pass(before.passed)
    continue
  }
  await runSuite(suite)
}
if (positionals.length === 0 || positionals.includes('electron')) await testInElectron(tally, [], { whole: true })
for (const line of tally.report()) console.log(line)
process.exitCode = tally.failures.length > 0 ? 1 : 0

/** @param {string} suite */
async function runSuite(suite) {
  const started = performance.now()
  const result = await runVitest({
    name: 'long',
    config: 'build/vitest.long.config.ts',
    filters: [suite],
    env: { BIDSEAL_LONG: '1', BIDSEAL_SEED: String(progress.seed) },
  })
  tally.add('long', result)
  if (result.failures.length > 0 || result.notRun.length > 0) return
  const seconds = Math.round((performance.now() - started) / 1000)
  progress.finished[suite] = { passed: result.passed, seconds }
  await save(progress)
}

async function suites() {
  const files = await readdir(inProject('test/long'), { recursive: true }).catch(() => [])
  const named = files.filter(file => file.endsWith('.long.ts')).map(file => `test/long/${file.replaceAll('\\', '/')}`)
  return named.filter(file => positionals.length === 0 || positionals.some(part => file.includes(part))).sort()
}

/** The record of an earlier run on the same tree and, if one is asked for, with the same seed; else a new one. */
async function begin() {
  const tree = await treeHash()
  const seed = values.seed === undefined ? null : Number(values.seed)
  if (seed !== null && !Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number')
  const earlier = values.fresh ? null : await readRecord()
  if (earlier !== null && tree !== null && earlier.tree === tree && (seed ?? earlier.seed) === earlier.seed)
    return earlier
  /** @type {Progress} */
  const fresh = { tree, seed: seed ?? randomInt(2 ** 31), finished: {} }
  await save(fresh)
  return fresh
}

/** @returns {Promise<Progress | null>} */
async function readRecord() {
  const text = await readFile(recordFile, 'utf8').catch(() => null)
  return text === null ? null : JSON.parse(text)
}

/** @param {Progress} record */
async function save(record) {
  await mkdir(inProject('out'), { recursive: true })
  await writeFile(`${recordFile}.part`, `${JSON.stringify(record, null, 2)}\n`)
  await rename(`${recordFile}.part`, recordFile)
}

/** The hash git would give the files as they are now, uncommitted ones too; null outside a git checkout. */
async function treeHash() {
  const index = inProject(`out/test-long.${process.pid}.index`)
  await mkdir(inProject('out'), { recursive: true })
  const env = { ...process.env, GIT_INDEX_FILE: index }
  try {
    const added = await run('git', ['add', '--all', '.'], { env, output: 'capture' })
    if (added.code !== 0) return null
    const written = await run('git', ['write-tree'], { env, output: 'capture' })
    return written.code === 0 ? written.output.trim() : null
  } finally {
    await rm(index, { force: true })
  }
}
