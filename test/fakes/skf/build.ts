import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `minimal` lacks the functions that a client can do without, and spells SKF_DisConnectDev otherwise; `extensions-only` lacks
 * SKF_ImportSessionKey, so that only a vendor's own functions open anything.
 */
export type SoftSkfBuild = 'packed' | 'natural' | 'minimal' | 'extensions-only'

const sources = fileURLToPath(new URL('.', import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/bidseal-soft-skf/', import.meta.url))

const macros: Readonly<Record<SoftSkfBuild, readonly string[]>> = {
  packed: ['-DSOFT_SKF_PACKED'],
  natural: [],
  minimal: ['-DSOFT_SKF_MINIMAL'],
  'extensions-only': ['-DSOFT_SKF_NO_SESSION_KEYS'],
}

/**
 * Compiles the soft SKF library, once for each state of its sources; answers its path. It needs gcc and OpenSSL's static
 * libcrypto (Debian: gcc, libssl-dev): linked in, because Node and Electron bring a libcrypto of their own.
 */
export function buildSoftSkf(build: SoftSkfBuild): string {
  const files = readdirSync(sources)
    .filter(name => /\.[ch]$/.test(name))
    .sort()
  const hash = createHash('sha256')
  for (const name of files) hash.update(name).update(readFileSync(join(sources, name)))
  const path = join(cache, `soft-skf-${build}-${hash.digest('hex').slice(0, 16)}.so`)
  if (existsSync(path)) return path
  mkdirSync(cache, { recursive: true })
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`
  execFileSync('gcc', [
    ...['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden', ...macros[build], '-o', draft],
    ...files.filter(name => name.endsWith('.c')).map(name => join(sources, name)),
    ...['-Wl,--exclude-libs,ALL', '-Wl,-Bsymbolic', '-l:libcrypto.a', '-lpthread', '-ldl'],
  ])
  renameSync(draft, path)
  return path
}
