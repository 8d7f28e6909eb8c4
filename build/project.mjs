import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top folder of the project. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The path of a file of the project.
 * @param {...string} parts
 */
export const inProject = (...parts) => join(projectRoot, ...parts)

/** The JavaScript entry files of the tools, so that no shell and no `.cmd` file stands between us and them. */
export const tools = {
  eslint: inProject('node_modules/eslint/bin/eslint.js'),
  prettier: inProject('node_modules/prettier/bin/prettier.cjs'),
  tsc: inProject('node_modules/typescript/bin/tsc'),
  vitest: inProject('node_modules/vitest/vitest.mjs'),
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment of the child
 * @property {'inherit' | 'capture'} [output] where the child's output goes; `capture` keeps it for the result
 * @property {number} [limitMs] the child is killed when this time has passed
 */

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>} the exit code (127 when the program can't be started) and, when
 *   captured, what it printed on both streams
 */
export function run(command, args, { cwd = projectRoot, env = process.env, output = 'inherit', limitMs } = {}) {
  return new Promise(resolve => {
    const stdio = output === 'inherit' ? 'inherit' : 'pipe'
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', stdio, stdio], timeout: limitMs })
    /** @type {Buffer[]} */
    const printed = []
    child.stdout?.on('data', chunk => printed.push(chunk))
    child.stderr?.on('data', chunk => printed.push(chunk))
    const text = () => Buffer.concat(printed).toString('utf8')
    child.on('error', error => {
      resolve({ code: 127, output: text() + error.message })
    })
    child.on('close', code => {
      resolve({ code: code ?? 1, output: text() })
    })
  })
}

/**
 * Runs one of the tools in Node, with its own configuration passed on the command line.
 * @param {string} entry one of `tools`
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export const runTool = (entry, args, options) => run(process.execPath, [entry, ...args], options)
