import { runTool, tools } from '../project.mjs'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<{ code: number, output: string }>} run
 */

const typeProjects = [
  ...['crypto', 'main', 'main/tsconfig.electron-25.json', 'renderer'],
  ...['test', 'test/renderer', 'test/renderer/gallery/shell', 'test/e2e', 'build'],
]

/** @type {readonly Check[]} */
const format = [
  tool('format', tools.prettier, [
    ...['--config', 'build/prettier.json', '--ignore-path', 'build/prettierignore'],
    // Vectors and fixtures are written by a program, or printed by a document word for word.
    ...['--check', '--log-level', 'warn', '.', '!test/{vectors,fixtures}/**/*.{json,mjs}'],
  ]),
]

/** @type {readonly Check[]} */
const types = typeProjects.map(project => tool(`types: ${project}`, tools.tsc, ['-p', project, '--pretty', 'false']))

/** @type {readonly Check[]} */
const lint = [
  tool('lint', tools.eslint, [
    ...['--config', 'build/eslint.config.mjs'],
    ...[
      '--max-warnings',
      '0',
      '--no-error-on-unmatched-pattern',
      'crypto',
      'main',
      'renderer',
      'test',
      'test/e2e',
      'build',
    ],
  ]),
]

/** @type {readonly Check[]} */
const layers = [
  tool('layers', tools.vitest, ['run', '--config', 'build/vitest.config.ts', '--reporter=dot', 'test/architecture']),
]

/** The checks that read the source and run nothing of it, by group. The longest stands first. */
export const checkGroups = { lint, types, format, layers }

/**
 * Runs checks two at a time and prints each when it is done: what failed with all it said.
 * @param {readonly Check[]} checks
 * @returns {Promise<readonly { name: string, ok: boolean }[]>}
 */
export async function runChecks(checks) {
  const waiting = [...checks]
  /** @type {{ name: string, ok: boolean }[]} */
  const done = []
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = performance.now()
      const { code, output } = await check.run()
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      if (code !== 0) console.log(output.trimEnd())
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${check.name}  ${seconds} s`)
      done.push({ name: check.name, ok: code === 0 })
    }
  }
  await Promise.all([worker(), worker()])
  return done
}

/**
 * @param {string} name
 * @param {string} entry
 * @param {readonly string[]} args
 * @returns {Check}
 */
function tool(name, entry, args) {
  return { name, run: () => runTool(entry, args, { output: 'capture' }) }
}
