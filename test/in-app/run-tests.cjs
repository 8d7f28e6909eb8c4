const { syncBuiltinESMExports } = require('node:module')
const { join } = require('node:path')
const threads = require('node:worker_threads')

const project = join(__dirname, '..', '..')

/**
 * Runs Vitest in this process, the test files one after another in worker threads of it: they share the process's
 * cryptography. Answers the exit code; the result goes where `BIDSEAL_TEST_RESULT` says.
 * @param {'browser' | 'utility'} kind what Electron must call this process, or the run would prove something else
 * @returns {Promise<number>}
 */
async function runTests(kind) {
  const type = Reflect.get(process, 'type')
  if (type !== kind) {
    console.error(`this is a process of type ${String(type)}, not ${kind}`)
    return 1
  }
  shareEnvironment()
  process.chdir(project)
  process.env['BIDSEAL_TEST_PID'] = String(process.pid)
  // Vitest is an ES module, and this Electron's entry programs are not.
  const { startVitest } = await import('vitest/node')
  const filters = JSON.parse(process.env['BIDSEAL_TEST_FILTERS'] ?? '[]')
  try {
    const vitest = await startVitest('test', filters, {
      config: join(project, 'build/vitest.electron.config.ts'),
      run: true,
      watch: false,
      reporters: ['default', join(project, 'build/testing/reporter.mjs')],
    })
    await vitest.close()
    return Number(process.exitCode ?? 0)
  } catch (error) {
    console.error(error)
    return 1
  }
}

/**
 * A worker gets a copy of the environment; a library of a lock reads the process's own. Where a test sets a variable for
 * such a library it has to be that one.
 */
function shareEnvironment() {
  const Worker = threads.Worker
  threads.Worker = class extends Worker {
    /**
     * @param {string | URL} file
     * @param {import('node:worker_threads').WorkerOptions} [options]
     */
    constructor(file, options = {}) {
      const { env } = options
      if (typeof env === 'object') Object.assign(process.env, env)
      super(file, { ...options, env: threads.SHARE_ENV })
    }
  }
  syncBuiltinESMExports()
}

module.exports = { runTests }
