import { downloadedRuntime } from './official.mjs'
import { installedRuntime, overriddenRuntime } from './installed.mjs'
import { registryRuntime } from './registry-package.mjs'

/**
 * An Electron runtime that can be started.
 * @typedef {object} Runtime
 * @property {string} path the executable
 * @property {'override' | 'installed' | 'official' | 'registry-package'} kind where it comes from
 * @property {string} version of Electron
 * @property {boolean} forRealBids false for the closed-network runtime: it is old, and packed by somebody else
 */

/**
 * Says, for each place, what was found or why it can't serve.
 * @typedef {(line: string) => void} Say
 */

/**
 * @typedef {object} Surroundings
 * @property {NodeJS.ProcessEnv} env
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {Say} say
 */

/** No place could give a runtime; `reasons` has one sentence for each. */
export class NoRuntime extends Error {
  /** @param {readonly string[]} reasons */
  constructor(reasons) {
    super(`no Electron runtime: ${reasons.join('; ')}`)
    this.name = 'NoRuntime'
    this.reasons = reasons
  }
}

/**
 * Finds the Electron runtime to start the app and its tests with, and fetches one when there is none: the folder that
 * `ELECTRON_OVERRIDE_DIST_PATH` names, then what the `electron` package installed, then the official download (its
 * mirror variables are honoured), then a runtime from the package registry, which closed networks reach.
 * Several processes may call it at once. Throws `NoRuntime`.
 * @param {Partial<Surroundings>} [surroundings]
 * @returns {Promise<Runtime>}
 */
export async function resolveRuntime(surroundings = {}) {
  const { env = process.env, platform = process.platform, arch = process.arch, say = () => undefined } = surroundings
  const all = { env, platform, arch, say }
  /** @type {string[]} */
  const reasons = []
  for (const place of [overriddenRuntime, installedRuntime, downloadedRuntime, registryRuntime]) {
    const found = await place(all)
    if ('path' in found) {
      say(describe(found))
      return found
    }
    reasons.push(found.absent)
    if (place === overriddenRuntime && env['ELECTRON_OVERRIDE_DIST_PATH']) say(found.absent)
  }
  throw new NoRuntime(reasons)
}

/**
 * One sentence about a runtime, with the warning it deserves.
 * @param {Runtime} runtime
 */
export function describe({ kind, version, path, forRealBids }) {
  const origin = {
    override: 'from ELECTRON_OVERRIDE_DIST_PATH',
    installed: 'installed in node_modules',
    official: 'downloaded from the official release',
    'registry-package': 'taken out of a package of the npm registry',
  }[kind]
  const warning = forRealBids ? '' : '. It is old and only for tests and a first look: DO NOT use it for real bids'
  return `Electron ${version}, ${origin} (${path})${warning}`
}

/**
 * The arguments a runtime needs before the app's own: Chromium's sandbox refuses to start as root.
 * @returns {readonly string[]}
 */
export function launchArguments() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
}
