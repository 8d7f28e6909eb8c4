import { basename } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import type {
  ModuleSummary,
  PracticeCertificate,
  PracticeTokenKeys,
  PracticeTokenOptions,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from '../port.ts'
import type { SkfProfile } from '../profiles/driver-profile.ts'
import { parseTokenUri } from '../uri.ts'
import { connect, disconnect, findToken, readTokens, type SkfToken, summarise } from './devices.ts'
import { toFailure } from './errors.ts'
import { loadSkfLibrary, type SkfLibrary } from './library.ts'
import { verifyPin } from './pins.ts'
import { initialisePracticeToken, storePracticeCertificates } from './practice.ts'
import { SkfSession } from './session.ts'

/**
 * An SKF library (GM/T 0016) as a token driver. Its calls block the process and may crash it, so it belongs into a token
 * process. Throws `token.driver-unavailable`, `arguments.bad`.
 */
export async function openSkfDriver(modulePath: string, profile: SkfProfile = {}): Promise<TokenDriver> {
  await Promise.resolve()
  return new SkfDriver(loadSkfLibrary(modulePath, profile))
}

class SkfDriver implements TokenDriver {
  readonly #library: SkfLibrary
  readonly #sessions = new Set<SkfSession>()
  #closed = false

  constructor(library: SkfLibrary) {
    this.#library = library
  }

  /** The standard has no function for it: the file's name, and the manufacturer that the first device tells. */
  module(): Promise<ModuleSummary> {
    return this.#run('reading the module', () => {
      const [first] = readTokens(this.#library, ({ token }) => token.info)
      return {
        path: this.#library.path,
        description: basename(this.#library.path),
        manufacturer: first?.manufacturer ?? '',
        version: '',
      }
    })
  }

  list(): Promise<readonly TokenSummary[]> {
    return this.#run('listing the tokens', () =>
      readTokens(this.#library, connection => summarise(this.#library, connection)),
    )
  }

  login(tokenUri: string, pin: string | null): Promise<TokenSession> {
    return this.#run('logging in', () => {
      if (pin === null) throw new CryptoFailure('arguments.bad', 'this token needs a PIN')
      const connection = connect(this.#library, this.#find(tokenUri))
      let session: SkfSession | null = null
      const end = (): void => {
        if (session !== null) this.#sessions.delete(session)
        disconnect(this.#library, connection, !this.#isLoggedIn(connection.token))
      }
      try {
        verifyPin(this.#library, connection.application, pin)
        session = new SkfSession(this.#library, connection, end)
        this.#sessions.add(session)
        return session
      } catch (error) {
        end()
        throw error
      }
    })
  }

  changePin(): Promise<void> {
    return Promise.reject(new CryptoFailure('token.unsupported', 'the PIN cannot be changed through this driver'))
  }

  initialisePracticeToken(options: PracticeTokenOptions): Promise<PracticeTokenKeys> {
    return this.#run('making a practice lock', () => initialisePracticeToken(this.#library, options))
  }

  storePracticeCertificates(
    tokenUri: string,
    pin: string,
    certificates: readonly PracticeCertificate[],
  ): Promise<void> {
    return this.#run('storing certificates', () =>
      storePracticeCertificates(this.#library, this.#find(tokenUri), pin, certificates),
    )
  }

  /** The library stays mapped: unloading one that has started threads or exit handlers crashes the process. */
  close(): Promise<void> {
    for (const session of [...this.#sessions]) {
      session.invalidate(new CryptoFailure('token.removed', 'the library is closed'))
    }
    this.#closed = true
    return Promise.resolve()
  }

  #find(tokenUri: string): SkfToken {
    const uri = parseTokenUri(tokenUri)
    if (uri.kind !== 'skf') throw new CryptoFailure('arguments.bad', 'an skf: name is needed for this library')
    return findToken(this.#library, uri)
  }

  /** The right belongs to the application, whichever handle it was won with. */
  #isLoggedIn({ device, application }: SkfToken): boolean {
    return [...this.#sessions].some(
      ({ connection: { token } }) => token.device.text === device.text && token.application.text === application.text,
    )
  }

  /** The library's calls block, so that one at a time is what a plain call gives. */
  async #run<T>(doing: string, operation: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#closed) throw new CryptoFailure('token.driver-unavailable', 'the library is closed')
    try {
      return operation()
    } catch (error) {
      throw toFailure(error, doing)
    }
  }
}
