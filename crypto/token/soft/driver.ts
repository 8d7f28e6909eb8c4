import { open, readdir, stat } from 'node:fs/promises'
import { basename, extname, isAbsolute, join, resolve } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import type {
  ModuleSummary,
  PinChange,
  PracticeCertificate,
  PracticeTokenKeys,
  PracticeTokenOptions,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from '../port.ts'
import { formatTokenUri, parseTokenUri } from '../uri.ts'
import { changeSoftPin } from './change-pin.ts'
import { readSoftLock, type SoftLock, softLockLimit } from './pkcs12-read.ts'
import { initialiseSoftLock, storeSoftCertificates } from './practice.ts'
import { softMechanisms } from './mechanisms.ts'
import { softSession, tokenCertificates } from './session.ts'

/**
 * Soft locks (PKCS #12) as a token driver: one file, or every `.p12` and `.pfx` of a folder. The path is absolute; nothing
 * need stand there yet. Throws `arguments.bad` for a relative path.
 */
export function openSoftDriver(path: string): Promise<TokenDriver> {
  if (!isAbsolute(path)) {
    return Promise.reject(new CryptoFailure('arguments.bad', 'the path of a soft lock must be absolute'))
  }
  return Promise.resolve(new SoftDriver(path))
}

const fileLimit = 64

class SoftDriver implements TokenDriver {
  readonly #path: string
  readonly #sessions = new Set<TokenSession>()
  #closed = false
  #tail: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  module(): Promise<ModuleSummary> {
    return this.#inOrder(() =>
      Promise.resolve({ path: this.#path, description: 'PKCS #12 soft lock', manufacturer: 'BidSeal', version: '1.0' }),
    )
  }

  list(): Promise<readonly TokenSummary[]> {
    return this.#inOrder(async () => {
      const { files, folder } = await this.#files()
      const summaries: TokenSummary[] = []
      for (const file of files) {
        try {
          summaries.push(summarise(file, readSoftLock(await readFile(file), null)))
        } catch (error) {
          // In a folder other files may lie; a file that was named must be what it is said to be.
          if (!folder || !(error instanceof CryptoFailure)) throw error
        }
      }
      return summaries
    })
  }

  login(tokenUri: string, pin: string | null): Promise<TokenSession> {
    return this.#inOrder(async () => {
      if (pin === null) throw new CryptoFailure('arguments.bad', 'a soft lock needs a PIN')
      const session = softSession(readSoftLock(await readFile(await this.#find(tokenUri)), pin))
      this.#sessions.add(session)
      return session
    })
  }

  changePin(tokenUri: string, change: PinChange): Promise<void> {
    return this.#inOrder(async () => {
      const path = await this.#find(tokenUri)
      await changeSoftPin(path, await readFile(path), change)
    })
  }

  initialisePracticeToken(options: PracticeTokenOptions): Promise<PracticeTokenKeys> {
    return this.#inOrder(async () => {
      const { folder } = await this.#files()
      const name = `${options.label.replace(/[^\p{L}\p{N}._-]/gu, '_')}.p12`
      return initialiseSoftLock(folder ? join(this.#path, name) : this.#path, options)
    })
  }

  storePracticeCertificates(
    tokenUri: string,
    pin: string,
    certificates: readonly PracticeCertificate[],
  ): Promise<void> {
    return this.#inOrder(async () => {
      const path = await this.#find(tokenUri)
      await storeSoftCertificates(path, readSoftLock(await readFile(path), pin), pin, certificates)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const session of this.#sessions) await session.close()
    this.#sessions.clear()
  }

  async #find(tokenUri: string): Promise<string> {
    const uri = parseTokenUri(tokenUri)
    if (uri.kind !== 'soft') throw new CryptoFailure('arguments.bad', 'a p12: name is needed for a soft lock')
    const { files } = await this.#files()
    const found = files.find(file => resolve(file) === resolve(uri.path))
    if (found === undefined) throw new CryptoFailure('token.absent', 'no soft lock of that name is there')
    return found
  }

  async #files(): Promise<{ readonly files: readonly string[]; readonly folder: boolean }> {
    const status = await stat(this.#path).catch(() => null)
    if (status === null) return { files: [], folder: false }
    if (!status.isDirectory()) return { files: [this.#path], folder: false }
    const names = (await readdir(this.#path)).filter(name => ['.p12', '.pfx'].includes(extname(name).toLowerCase()))
    return {
      files: names
        .sort()
        .slice(0, fileLimit)
        .map(name => join(this.#path, name)),
      folder: true,
    }
  }

  #inOrder<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => {
      if (this.#closed) throw new CryptoFailure('token.driver-unavailable', 'the soft lock is closed')
      return operation()
    })
    this.#tail = result.catch(() => undefined)
    return result
  }
}

function summarise(path: string, lock: SoftLock): TokenSummary {
  return {
    uri: formatTokenUri({ kind: 'soft', path }),
    kind: 'soft',
    label: lock.label === '' ? basename(path, extname(path)) : lock.label,
    manufacturer: 'BidSeal',
    model: 'PKCS#12',
    serial: '',
    pin: { state: 'ok', protectedPath: false },
    certificates: tokenCertificates(lock.certificates),
    mechanisms: softMechanisms(lock.certificates),
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      if (size > softLockLimit) throw new CryptoFailure('input.unreadable', 'the soft lock is too long')
      return new Uint8Array(await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof CryptoFailure) throw error
    throw new CryptoFailure('token.absent', 'the soft lock cannot be read', error)
  }
}
