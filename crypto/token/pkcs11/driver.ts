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
import type { Pkcs11Profile } from '../profiles/driver-profile.ts'
import { matchesToken, parseTokenUri } from '../uri.ts'
import { changePin } from './change-pin.ts'
import { returnCodeName, toFailure } from './errors.ts'
import { loadLibrary, type Pkcs11Library } from './library.ts'
import { closeLogin, openLogin } from './logins.ts'
import { initialisePracticeToken, storePracticeCertificates } from './practice.ts'
import { Pkcs11Session } from './session.ts'
import { isAbsence, isInitialized, readSlots, type TokenSlot, trimmed } from './slots.ts'
import { summarise } from './summary.ts'

/**
 * A PKCS #11 library as a token driver. Its calls block the process and may crash it, so it belongs into a token process.
 * `profile` is what the vendor's profile says of it. Throws `token.driver-unavailable`, `arguments.bad`.
 */
export async function openPkcs11Driver(modulePath: string, profile: Pkcs11Profile = {}): Promise<TokenDriver> {
  await Promise.resolve()
  return new Pkcs11Driver(loadLibrary(modulePath, profile))
}

class Pkcs11Driver implements TokenDriver {
  readonly #library: Pkcs11Library
  readonly #sessions = new Set<Pkcs11Session>()
  readonly #life: CallLife
  /** The last enumeration met a token that does not answer: its library may have lost it for good. */
  #suspect = false

  constructor(library: Pkcs11Library) {
    this.#library = library
    this.#life = new CallLife({ judge: toFailure, end: () => library.finalize() })
  }

  module(): Promise<ModuleSummary> {
    return this.#life.run('reading the module', () => {
      const { manufacturerID, libraryDescription, libraryVersion } = this.#library.functions.C_GetInfo()
      return {
        path: this.#library.path,
        description: trimmed(libraryDescription),
        manufacturer: trimmed(manufacturerID),
        version: `${libraryVersion.major}.${libraryVersion.minor}`,
      }
    })
  }

  list(): Promise<readonly TokenSummary[]> {
    return this.#life.run('listing the tokens', () =>
      this.#tokens().flatMap(token => {
        try {
          return [summarise(this.#library, token)]
        } catch (error) {
          // Pulled out between two calls, or broken: the others are still to be seen.
          this.#suspect ||= !isAbsence(error)
          return []
        }
      }),
    )
  }

  login(tokenUri: string, pin: string | null, consent: PinConsent = {}): Promise<TokenSession> {
    return this.#life.run('logging in', () => {
      const login = openLogin(this.#library, this.#find(tokenUri), pin, { consent })
      let session: Pkcs11Session | null = null
      const end = (): void => {
        const others = [...this.#sessions].filter(other => other !== session && other.login.slot.equals(login.slot))
        if (session !== null) this.#sessions.delete(session)
        closeLogin(this.#library, login, others.length === 0)
      }
      try {
        session = new Pkcs11Session(this.#library, login, pin, end)
        this.#sessions.add(session)
        return session
      } catch (error) {
        end()
        throw error
      }
    })
  }

  changePin(tokenUri: string, change: PinChange): Promise<void> {
    return this.#life.run('changing the PIN', () => {
      const token = this.#find(tokenUri)
      changePin(this.#library, token, change)
      // A session that gives the PIN at each use of a key would go on giving the old one, and use up the tries.
      this.#endSessions('the PIN has been changed; log in again', ({ login }) => login.slot.equals(token.slot))
    })
  }

  initialisePracticeToken(options: PracticeTokenOptions): Promise<PracticeTokenKeys> {
    return this.#life.run('making a practice lock', () => initialisePracticeToken(this.#library, options))
  }

  storePracticeCertificates(
    tokenUri: string,
    pin: string,
    certificates: readonly PracticeCertificate[],
  ): Promise<void> {
    return this.#life.run('storing certificates', () =>
      storePracticeCertificates(this.#library, this.#find(tokenUri), pin, certificates),
    )
  }

  close(): Promise<void> {
    this.#endSessions('the library is closed')
    this.#life.end(new CryptoFailure('token.driver-unavailable', 'the library is closed'))
    return Promise.resolve()
  }

  #find(tokenUri: string): TokenSlot {
    const uri = parseTokenUri(tokenUri)
    if (uri.kind !== 'pkcs11') throw new CryptoFailure('arguments.bad', 'a pkcs11: name is needed for this module')
    const found = this.#tokens().filter(token => matchesToken(uri, token))
    const [token] = found
    if (token === undefined) throw new CryptoFailure('token.absent', 'no token of that name is plugged in')
    if (found.length > 1) throw new CryptoFailure('token.wrong-lock', `${found.length} tokens bear that name`)
    return token
  }

  /** Tokens that are in use; blank ones have nothing to show. */
  #tokens(): readonly TokenSlot[] {
    // A library that will not start again, because its token is away, has no token.
    if (this.#suspect && this.#sessions.size === 0 && !this.#library.restart()) return []
    try {
      const { tokens, suspect } = readSlots(this.#library.functions)
      this.#suspect = suspect
      return tokens.filter(isInitialized)
    } catch (error) {
      this.#suspect = true
      throw new CryptoFailure(
        'token.driver-unavailable',
        `the module lists no tokens (${returnCodeName(error)})`,
        error,
      )
    }
  }

  #endSessions(why: string, which: (session: Pkcs11Session) => boolean = () => true): void {
    for (const session of [...this.#sessions].filter(which)) session.invalidate(new CryptoFailure('token.removed', why))
  }
}
