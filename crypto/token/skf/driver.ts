import { basename } from 'node:path'
import { CryptoFailure } from '../../errors.ts'
import { CallLife } from '../call-life.ts'
import type {
  ModuleSummary,
  PinChange,
  PinConsent,
  PracticeCertificate,
  PracticeTokenKeys,
  PracticeTokenOptions,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from '../port.ts'
import type { SkfProfile } from '../profiles/driver-profile.ts'
import { parseTokenUri } from '../uri.ts'
import { Connector, type SkfToken } from './connector.ts'
import { toFailure } from './errors.ts'
import { isSame, KnownDevices } from './known-devices.ts'
import { loadSkfLibrary, type SkfLibrary } from './library.ts'
import { changePin, ToldTries, verifyPin } from './pins.ts'
import { initialisePracticeToken, storePracticeCertificates } from './practice.ts'
import { SkfSession } from './session.ts'

/**
 * An SKF library (GM/T 0016) as a token driver. Its calls block the process and may crash it, so it belongs into a token
 * process. `profile` is what the vendor's profile says of it. Throws `token.driver-unavailable`, `arguments.bad`.
 */
export async function openSkfDriver(modulePath: string, profile: SkfProfile = {}): Promise<TokenDriver> {
  await Promise.resolve()
  return new SkfDriver(loadSkfLibrary(modulePath, profile))
}

class SkfDriver implements TokenDriver {
  readonly #library: SkfLibrary
  readonly #connector: Connector
  readonly #devices: KnownDevices
  readonly #told = new ToldTries()
  readonly #sessions = new Set<SkfSession>()
  readonly #life = new CallLife({ judge: toFailure })

  constructor(library: SkfLibrary) {
    this.#library = library
    this.#connector = new Connector(library)
    this.#devices = new KnownDevices(library, this.#connector, this.#told)
  }

  /** The standard has no function for it: the file's name, and the manufacturer that the first device tells. */
  module(): Promise<ModuleSummary> {
    return this.#run('reading the module', () => {
      const [first] = this.#devices.infos(this.#isInUse())
      return {
        path: this.#library.path,
        description: basename(this.#library.path),
        manufacturer: first?.manufacturer ?? '',
        version: '',
      }
    })
  }

  list(): Promise<readonly TokenSummary[]> {
    return this.#run('listing the tokens', () => this.#devices.list(this.#isInUse()))
  }

  login(tokenUri: string, pin: string | null, consent?: PinConsent): Promise<TokenSession> {
    return this.#run('logging in', () => {
      if (pin === null) throw new CryptoFailure('arguments.bad', 'this token needs a PIN')
      const token = this.#find(tokenUri)
      try {
        verifyPin(this.#library, this.#connector.to(token), this.#told, pin, consent)
        this.#devices.forget(token)
        const session = new SkfSession(this.#library, this.#connector, this.#devices, token, () => {
          this.#sessions.delete(session)
          this.#leave(token)
        })
        this.#sessions.add(session)
        return session
      } catch (error) {
        this.#leave(token)
        throw error
      }
    })
  }

  changePin(tokenUri: string, change: PinChange): Promise<void> {
    return this.#run('changing the PIN', () => {
      const token = this.#find(tokenUri)
      try {
        changePin(this.#library, this.#connector.to(token), this.#told, change)
      } finally {
        // Libraries log in to change it.
        this.#leave(token)
      }
    })
  }

  initialisePracticeToken(options: PracticeTokenOptions): Promise<PracticeTokenKeys> {
    return this.#run('making a practice lock', () => {
      this.#connector.close()
      return initialisePracticeToken(this.#library, options)
    })
  }

  storePracticeCertificates(
    tokenUri: string,
    pin: string,
    certificates: readonly PracticeCertificate[],
  ): Promise<void> {
    return this.#run('storing certificates', () => {
      const token = this.#find(tokenUri)
      try {
        storePracticeCertificates(this.#library, this.#connector.to(token), pin, certificates)
      } finally {
        this.#devices.forget(token)
        this.#leave(token)
      }
    })
  }

  /** The library stays mapped: unloading one that has started threads or exit handlers crashes the process. */
  close(): Promise<void> {
    for (const session of [...this.#sessions]) {
      session.invalidate(new CryptoFailure('token.removed', 'the library is closed'))
    }
    this.#life.end(new CryptoFailure('token.driver-unavailable', 'the library is closed'))
    return Promise.resolve()
  }

  #find(tokenUri: string): SkfToken {
    const uri = parseTokenUri(tokenUri)
    if (uri.kind !== 'skf') throw new CryptoFailure('arguments.bad', 'an skf: name is needed for this library')
    return this.#devices.find(uri, this.#isInUse())
  }

  /** Somebody is logged in, and what is open is better left so. */
  #isInUse(): boolean {
    return this.#sessions.size > 0
  }

  /**
   * Logs out where no session is left that needs the right: it belongs to the application, whichever handle it was won with,
   * and outlasts all of them. Never throws: the token may be gone.
   */
  #leave(token: SkfToken): void {
    if ([...this.#sessions].some(session => isSame(session.token, token))) return
    try {
      this.#library.call('SKF_ClearSecureState', this.#connector.to(token).application)
    } catch {
      // Gone already.
      this.#devices.forgetAll()
    }
    this.#connector.close()
  }

  /** Nothing stays open where nobody is logged in: other programs want the token, too. */
  #run<T>(doing: string, operation: () => T): Promise<T> {
    return this.#life.run(doing, () => {
      try {
        return operation()
      } catch (error) {
        if (toFailure(error, doing).code === 'token.removed') this.#devices.forgetAll()
        throw error
      } finally {
        if (!this.#isInUse()) this.#connector.close()
      }
    })
  }
}
