import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('.', import.meta.url))
/** SM2 itself is the soft SKF library's. */
const shared = fileURLToPath(new URL('../skf/', import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/bidseal-soft-pkcs11/', import.meta.url))

/**
 * Compiles the soft PKCS#11 module, once for each state of its sources; answers its path. It needs gcc and OpenSSL's static
 * libcrypto (Debian: gcc, libssl-dev): linked in, because Node and Electron bring a libcrypto of their own.
 */
export function buildSoftPkcs11(): string {
  const own = readdirSync(sources).filter(name => /\.[ch]$/.test(name))
  const files = [...own.sort().map(name => join(sources, name)), ...['sm2.c', 'soft.h', 'skf.h'].map(sharedFile)]
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(file.lastIndexOf('/'))).update(readFileSync(file))
  const path = join(cache, `soft-pkcs11-${hash.digest('hex').slice(0, 16)}.so`)
  if (existsSync(path)) return path
  mkdirSync(cache, { recursive: true })
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`
  execFileSync('gcc', [
    ...['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden', '-o', draft],
    ...files.filter(name => name.endsWith('.c')),
    // The library's exit handlers must not outlive its code.
    ...['-Wl,--exclude-libs,ALL', '-Wl,-Bsymbolic', '-Wl,-z,nodelete', '-l:libcrypto.a', '-lpthread', '-ldl'],
  ])
  renameSync(draft, path)
  return path
}

function sharedFile(name: string): string {
  return join(shared, name)
}
