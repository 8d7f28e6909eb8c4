import { mkdir, readFile, rm } from 'node:fs/promises'
import { inProject, run, tools } from '../project.mjs'

/**
 * Runs Vitest and returns what it came to.
 * @param {object} job
 * @param {string} job.name names the result file
 * @param {string} job.config
 * @param {readonly string[]} [job.filters] only test files whose path contains one of these
 * @param {NodeJS.ProcessEnv} [job.env] added to the environment
 * @param {'inherit' | 'capture'} [job.output]
 * @returns {Promise<RanTests>}
 */
export async function runVitest({ name, config, filters = [], env = {}, output }) {
  const reporters = ['--reporter=default', `--reporter=${inProject('build/testing/reporter.mjs')}`]
  return runTests({
    name,
    program: process.execPath,
    args: [tools.vitest, 'run', '--config', config, ...reporters, ...filters],
    env: { ...process.env, ...env },
    ...(output === undefined ? {} : { output }),
  })
}

/** @typedef {import('./reporter.mjs').RunResult & { output: string }} RanTests */

/**
 * Starts a program that runs tests with our reporter, and returns what they came to.
 * @param {object} job
 * @param {string} job.name names the result file
 * @param {string} job.program
 * @param {readonly string[]} job.args
 * @param {NodeJS.ProcessEnv} job.env its whole environment, but for the result file
 * @param {'inherit' | 'capture'} [job.output]
 * @param {number} [job.limitMs] it is killed when this time has passed
 * @returns {Promise<RanTests>}
 */
export async function runTests({ name, program, args, env, output = 'inherit', limitMs }) {
  const file = inProject('out/test-results', `${name}.json`)
  await mkdir(inProject('out/test-results'), { recursive: true })
  await rm(file, { force: true })
  const limit = limitMs === undefined ? {} : { limitMs }
  const ran = await run(program, args, { env: { ...env, BIDSEAL_TEST_RESULT: file }, output, ...limit })
  const written = await readFile(file, 'utf8').catch(() => null)
  /** @type {import('./reporter.mjs').RunResult} */
  const result = written === null ? { passed: 0, failures: [], notRun: [] } : JSON.parse(written)
  // A runner that ends badly without a failed test (no test found, killed, out of memory) is a failure of its own; so is
  // one that leaves no result.
  const unexplained = (ran.code !== 0 || written === null) && result.failures.length === 0
  const failures = unexplained ? [{ name: 'the test runner', message: `ended with ${ran.code}` }] : result.failures
  return { ...result, failures, output: ran.output }
}
