import { cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inProject, run } from '../project.mjs'
import { cacheFolder, isFolder, makeOnce } from './cache.mjs'
import { executableName } from './dist.mjs'
import { shippedVersion } from './installed.mjs'

const probeLimitMs = 5_000
const downloadLimitMs = 15 * 60_000
const quietAfterFailureMs = 60 * 60_000

/**
 * The runtime of the release we ship on, downloaded by the `electron` package's own installer (which checks its
 * SHA-256) into our cache. A server that did not answer is left alone for an hour.
 * @param {import('./resolve.mjs').Surroundings} surroundings
 * @returns {Promise<import('./resolve.mjs').Runtime | { absent: string }>}
 */
export async function downloadedRuntime({ env, platform, arch, say }) {
  const version = await shippedVersion()
  const folder = join(cacheFolder(env), `electron-${version}-${platform}-${arch}`)
  const path = join(folder, executableName(platform))
  if (!(await isFolder(folder))) {
    const url = releaseUrl({ version, platform, arch, env })
    const failed = join(cacheFolder(env), 'official-download-failed')
    if (await failedRecently(failed, url)) return { absent: 'the official download failed within the last hour' }
    const answer = await probe(url)
    const problem = answer ?? (await install({ folder, version, platform, arch, env, say }))
    if (problem !== null) {
      await mkdir(cacheFolder(env), { recursive: true })
      await writeFile(failed, url)
      return { absent: `the official download is out of reach (${new URL(url).host}: ${problem})` }
    }
    await rm(failed, { force: true })
  }
  return { path, kind: 'official', version, forRealBids: true }
}

/**
 * The address the installer will use, from the same variables in the same order.
 * @param {{ version: string, platform: string, arch: string, env: NodeJS.ProcessEnv }} release
 */
export function releaseUrl({ version, platform, arch, env }) {
  /** @param {string} name */
  const setting = name =>
    env[`npm_config_electron_${name.replaceAll('_', '')}`] ||
    env[`NPM_CONFIG_ELECTRON_${name.toUpperCase()}`] ||
    env[`npm_config_electron_${name}`] ||
    env[`ELECTRON_${name.toUpperCase()}`]
  const base = setting('mirror') ?? 'https://github.com/electron/electron/releases/download/'
  const folder = (setting('custom_dir') ?? `v${version}`).replace('{{ version }}', version)
  return `${base}${folder}/${setting('custom_filename') ?? `electron-v${version}-${platform}-${arch}.zip`}`
}

/**
 * Asks for the file's head only, so that a network that swallows packets costs seconds and not minutes.
 * @param {string} url
 * @returns {Promise<string | null>} what is wrong, or null
 */
async function probe(url) {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(probeLimitMs) })
    return answer.ok ? null : `answered ${answer.status}`
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}

/**
 * @param {{ folder: string, version: string, platform: string, arch: string, env: NodeJS.ProcessEnv,
 *   say: import('./resolve.mjs').Say }} job
 * @returns {Promise<string | null>} what went wrong, or null
 */
async function install({ folder, version, platform, arch, env, say }) {
  say(`downloading Electron ${version} …`)
  /** @type {string | null} */
  let problem = null
  await makeOnce(folder, async draft => {
    // The installer unpacks beside itself. It runs from a copy, so that node_modules stays as npm left it and two
    // runs can't unpack into each other; NODE_PATH lets the copy find its libraries.
    const copy = join(draft, '.installer')
    await cp(inProject('node_modules/electron'), copy, { recursive: true })
    const installed = await run(process.execPath, [join(copy, 'install.js')], {
      env: {
        ...env,
        NODE_PATH: inProject('node_modules'),
        ELECTRON_INSTALL_PLATFORM: platform,
        ELECTRON_INSTALL_ARCH: arch,
        ELECTRON_OVERRIDE_DIST_PATH: undefined,
      },
      output: 'capture',
      limitMs: downloadLimitMs,
    })
    const dist = join(copy, 'dist')
    if (installed.code !== 0 || !(await isFolder(dist))) {
      problem = installed.output.trim().split('\n')[0] ?? 'the installer failed'
      throw new Error(problem)
    }
    const unpacked = `${draft}.unpacked`
    await rename(dist, unpacked)
    await rm(draft, { recursive: true, force: true })
    await rename(unpacked, draft)
  }).catch(error => {
    problem ??= String(error instanceof Error ? error.message : error)
  })
  return problem
}

/**
 * @param {string} mark
 * @param {string} url
 */
async function failedRecently(mark, url) {
  const written = await stat(mark).catch(() => null)
  if (written === null || Date.now() - written.mtimeMs > quietAfterFailureMs) return false
  return (await readFile(mark, 'utf8')) === url
}
