// `npm run bench:all [-- [--size MiB] [--runs N] [part of a name…]]`: every figure with a clock or a ratio, and whether it
// holds what is expected of it. A slow or busy machine is not a fault of the program: nothing here fails a build.
import { parseArgs } from 'node:util'
import { parts } from './bench/goals.mjs'
import { inProject, run, runTool } from './project.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '1024' }, runs: { type: 'string', default: '5' } },
})
const built = await runTool(inProject('build/bundle.mjs'), ['--quiet'])
if (built.code !== 0) process.exit(built.code)

const asked = parts.filter(({ name }) => positionals.length === 0 || positionals.some(part => name.includes(part)))
/** @type {{ part: string, goal: import('./bench/goals.mjs').Goal }[]} */
const judged = []
for (const part of asked) {
  const result = await measured(part)
  if (result === null) continue
  for (const goal of part.goals(result)) judged.push({ part: part.name, goal })
}
console.log('\nGoals')
for (const { part, goal } of judged) console.log(`  ${held(goal).padEnd(9)} ${part}: ${described(goal)}`)

/**
 * @param {import('./bench/goals.mjs').Part} part
 * @returns {Promise<import('./bench/goals.mjs').Result | null>}
 */
async function measured({ name, args, sizeMiB, runs }) {
  const size = String(sizeMiB ?? values.size)
  console.log(`\n${name}, ${size} MiB`)
  const options = ['--size', size, '--runs', String(runs ?? values.runs), '--lang', 'en', '--json']
  const { code, output } = await run(process.execPath, [inProject('out/cli.cjs'), 'bench', ...args, ...options], {
    output: 'capture',
  })
  const line = output.split('\n').find(each => each.startsWith('{'))
  if (code !== 0 || line === undefined) {
    console.log(`  could not be measured: ${line ?? output.trim()}`)
    return null
  }
  /** @type {import('./bench/goals.mjs').Result} */
  const result = JSON.parse(line)
  show(result)
  return result
}

/** @param {import('./bench/goals.mjs').Result} result */
function show({ seconds, mibPerSecond, peakMiB, references }) {
  console.log(`  ${row('ours', seconds)}  ${mibPerSecond} MiB/s, peak ${peakMiB} MiB`)
  for (const { name, seconds: theirs, ratio } of references) {
    console.log(`  ${row(name, theirs)}${ratio === null ? '' : `  × ${ratio}`}`)
  }
}

/**
 * @param {string} name
 * @param {number | null} seconds
 */
function row(name, seconds) {
  return `${name.padEnd(50)} ${seconds === null ? 'not here' : seconds < 0.01 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds} s`}`
}

/** @param {import('./bench/goals.mjs').Goal} goal */
function held({ figure, limit, way }) {
  if (figure === null) return 'unknown'
  return (way === 'at most' ? figure <= limit : figure >= limit) ? 'held' : 'NOT HELD'
}

/** @param {import('./bench/goals.mjs').Goal} goal */
function described({ what, figure, limit, way, unit = '', aim }) {
  const shown = figure === null ? 'not measured' : `${Number(figure.toPrecision(3))} ${unit}`.trim()
  return `${what}: ${shown} (${way} ${limit}${unit === '' ? '' : ` ${unit}`}${aim === undefined ? '' : `, aim ${aim}`})`
}
