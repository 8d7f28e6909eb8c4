import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inProject } from '../project.mjs'
import { executableName, versionOf } from './dist.mjs'

/**
 * The runtime in the folder that the user named.
 * @param {import('./resolve.mjs').Surroundings} surroundings
 * @returns {Promise<import('./resolve.mjs').Runtime | { absent: string }>}
 */
export async function overriddenRuntime({ env, platform }) {
  const named = env['ELECTRON_OVERRIDE_DIST_PATH']
  if (named === undefined || named === '') return { absent: 'ELECTRON_OVERRIDE_DIST_PATH is not set' }
  const dist = resolve(named)
  const path = join(dist, executableName(platform))
  const version = (await isFile(path)) ? await versionOf(dist, path) : null
  if (version === null) return { absent: `ELECTRON_OVERRIDE_DIST_PATH has no runtime that starts: ${path}` }
  return { path, kind: 'override', version, forRealBids: version === (await shippedVersion()) }
}

/**
 * The runtime that the `electron` package has downloaded into its own folder.
 * @param {import('./resolve.mjs').Surroundings} surroundings
 * @returns {Promise<import('./resolve.mjs').Runtime | { absent: string }>}
 */
export async function installedRuntime({ platform }) {
  const dist = inProject('node_modules/electron/dist')
  const path = join(dist, executableName(platform))
  const version = (await isFile(path)) ? await versionOf(dist, path) : null
  if (version === null) return { absent: 'node_modules/electron/dist holds no runtime' }
  return { path, kind: 'installed', version, forRealBids: true }
}

/** The version of Electron that package.json pins: what users get. */
export async function shippedVersion() {
  const manifest = JSON.parse(await readFile(inProject('package.json'), 'utf8'))
  return String(manifest.devDependencies.electron)
}

/** @param {string} path */
async function isFile(path) {
  return (await stat(path).catch(() => null))?.isFile() === true
}
