import { mkdir, readFile, rm } from 'node:fs/promises'
import { inProject, run, tools } from '../project.mjs'

/**
 * Runs Vitest and returns what it came to.
 * @param {object} job
 * @param {string} job.name names the result file
 * @param {string} job.config
 * @param {readonly string[]} [job.filters] only test files whose path contains one of these
 * @param {string} [job.program] the executable whose Node runs the tests; ours when absent
 * @param {NodeJS.ProcessEnv} [job.env] added to the environment
 * @param {'inherit' | 'capture'} [job.output]
 * @returns {Promise<import('./reporter.mjs').RunResult & { output: string }>}
 */
export async function runVitest({ name, config, filters = [], program = process.execPath, env = {}, output }) {
  const file = inProject('out/test-results', `${name}.json`)
  await mkdir(inProject('out/test-results'), { recursive: true })
  await rm(file, { force: true })
  const reporters = ['--reporter=default', `--reporter=${inProject('build/testing/reporter.mjs')}`]
  const ran = await run(program, [tools.vitest, 'run', '--config', config, ...reporters, ...filters], {
    env: { ...process.env, ...env, BIDSEAL_TEST_RESULT: file },
    ...(output === undefined ? {} : { output }),
  })
  const written = await readFile(file, 'utf8').catch(() => null)
  /** @type {import('./reporter.mjs').RunResult} */
  const result = written === null ? { passed: 0, failures: [], notRun: [] } : JSON.parse(written)
  // A runner that ends badly without a failed test (no test found, killed, out of memory) is a failure of its own.
  const unexplained = ran.code !== 0 && result.failures.length === 0
  const failures = unexplained ? [{ name: 'the test runner', message: `ended with ${ran.code}` }] : result.failures
  return { ...result, failures, output: ran.output }
}
