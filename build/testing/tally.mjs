/** Reasons that begin with this are allowed even where everything must run: published vectors are not part of the project. */
export const vectorsAbsent = 'vectors: '

/**
 * Counts what a whole test command came to, step by step.
 * Where everything must run (`CI=true`), what did not run counts as failed, but for absent vector folders.
 */
export class Tally {
  passed = 0
  /** @type {{ name: string, message: string }[]} */
  failures = []
  /** @type {{ name: string, reason: string }[]} */
  notRun = []
  #everythingMustRun

  /** @param {{ everythingMustRun: boolean }} options */
  constructor({ everythingMustRun }) {
    this.#everythingMustRun = everythingMustRun
  }

  /** @param {number} [count] */
  pass(count = 1) {
    this.passed += count
  }

  /**
   * @param {string} name
   * @param {string} message
   */
  fail(name, message) {
    this.failures.push({ name, message })
  }

  /**
   * @param {string} name
   * @param {string} reason
   */
  skip(name, reason) {
    if (this.#everythingMustRun && !reason.startsWith(vectorsAbsent)) this.fail(name, `did not run: ${reason}`)
    else this.notRun.push({ name, reason })
  }

  /**
   * Adds the result of one run of the test runner.
   * @param {string} where put before each name
   * @param {import('./reporter.mjs').RunResult} result
   */
  add(where, result) {
    this.pass(result.passed)
    for (const { name, message } of result.failures) this.fail(`${where}: ${name}`, message)
    for (const { name, reason } of result.notRun) this.skip(`${where}: ${name}`, reason)
  }

  /** The lines to end with; the last one is `N passed, N failed` (`, N skipped`). */
  report() {
    const skipped = this.notRun.length > 0 ? `, ${this.notRun.length} skipped` : ''
    return [
      ...section(
        'Not run:',
        this.notRun.map(({ name, reason }) => `${name} (${reason})`),
      ),
      ...section(
        'Failed:',
        this.failures.map(({ name, message }) => (message ? `${name}: ${message}` : name)),
      ),
      `${this.passed} passed, ${this.failures.length} failed${skipped}`,
    ]
  }
}

/**
 * @param {string} title
 * @param {readonly string[]} lines
 */
function section(title, lines) {
  return lines.length > 0 ? [title, ...lines.map(line => `  ${line}`), ''] : []
}
