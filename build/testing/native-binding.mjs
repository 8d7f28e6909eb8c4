import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inProject, run } from '../project.mjs'

/**
 * Sees that the PKCS#11 binding loads, and compiles it when it was left out: it is an optional dependency, and a machine
 * without a compiler installs without it.
 * @returns {Promise<string | null>} what is wrong, or null
 */
export async function providePkcs11Binding() {
  if (await loads()) return null
  console.log('compiling pkcs11js, which was not compiled when the packages were installed …')
  const manifest = JSON.parse(await readFile(inProject('package.json'), 'utf8'))
  const present = await exists(inProject('node_modules/pkcs11js/package.json'))
  // npm takes an optional package that failed to build away again; then it is fetched anew, at the pinned version.
  const command = present
    ? ['rebuild', 'pkcs11js']
    : ['install', '--no-save', '--no-audit', '--no-fund', `pkcs11js@${manifest.optionalDependencies.pkcs11js}`]
  const { code, output } = await run('npm', command, { env: await withHeaders(), output: 'capture', limitMs: 600_000 })
  if (await loads()) return null
  return `pkcs11js does not load, and npm ${command[0]} ended with ${code}: ${output.trim().split('\n').slice(-5).join(' ')}`
}

async function loads() {
  const { code } = await run(process.execPath, ['-e', "require('pkcs11js')"], { output: 'capture' })
  return code === 0
}

/** Node's headers from its own installation when they came with it, so that the compiler needs no download. */
async function withHeaders() {
  const prefix = dirname(dirname(process.execPath))
  const has = await exists(join(prefix, 'include/node/node_api.h'))
  return { ...process.env, ...(has ? { npm_config_nodedir: prefix } : {}) }
}

/** @param {string} path */
function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  )
}
