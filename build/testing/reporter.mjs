import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { projectRoot } from '../project.mjs'

/**
 * What one run of the test runner came to.
 * @typedef {object} RunResult
 * @property {number} passed
 * @property {readonly { name: string, message: string }[]} failures tests, hooks and files that failed
 * @property {readonly { name: string, reason: string }[]} notRun with the reason the test gave
 */

/** A Vitest reporter that leaves a `RunResult` as JSON in the file that BIDSEAL_TEST_RESULT names. */
export class ResultFile {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message?: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env['BIDSEAL_TEST_RESULT']
    if (path === undefined) return
    let passed = 0
    /** @type {{ name: string, message: string }[]} */
    const failures = []
    /** @type {{ name: string, reason: string }[]} */
    const notRun = []
    for (const module of modules) {
      const file = relative(projectRoot, module.moduleId)
      for (const test of module.children.allTests()) {
        const name = `${file} > ${test.fullName}`
        const result = test.result()
        if (result.state === 'passed') passed += 1
        else if (result.state === 'failed') failures.push({ name, message: firstLine(result.errors[0]?.message) })
        else notRun.push({ name, reason: ('note' in result && result.note) || 'no reason given' })
      }
      const broken = [...module.errors(), ...[...module.children.allSuites()].flatMap(suite => suite.errors())]
      for (const error of broken) failures.push({ name: file, message: firstLine(error.message) })
    }
    for (const error of unhandledErrors) {
      failures.push({ name: 'outside any test', message: firstLine(error.message) })
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify({ passed, failures, notRun }))
  }
}

// Vitest takes a reporter by path only as a default export.
export default ResultFile

/** @param {string | undefined} message */
function firstLine(message) {
  return (message ?? '').split('\n')[0] ?? ''
}
