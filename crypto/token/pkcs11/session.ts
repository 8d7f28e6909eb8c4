import type { KeyTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { CallLife } from '../call-life.ts'
import type { KeyUse, TokenCertificate, TokenSession } from '../port.ts'
import { requireOwnSignature } from '../self-check.ts'
import { type Pkcs11Certificate, readCertificates } from './certificates.ts'
import { CKA, CKR, CKU } from './constants.ts'
import { isCode, isRemoval, toFailure } from './errors.ts'
import type { Pkcs11Library } from './library.ts'
import type { Login } from './logins.ts'
import type { KeyInUse } from './key-in-use.ts'
import { findPrivateKeys, isTrue } from './objects.ts'
import { algorithmsOf, openTransported, signDigest } from './operations.ts'
import { findPrivateKey } from './own-key.ts'
import { readMechanisms, readToken } from './slots.ts'

/** A PKCS #11 session with the user logged in. Once it has failed with `token.removed` it is over. */
export class Pkcs11Session implements TokenSession {
  readonly login: Login
  readonly #library: Pkcs11Library
  readonly #mechanisms: ReadonlySet<number>
  #certificates: readonly Pkcs11Certificate[]
  readonly #life: CallLife
  #pin: string | null

  /** Takes over the login; `end` closes it. Throws `token.removed`. */
  constructor(library: Pkcs11Library, login: Login, pin: string | null, end: () => void) {
    this.#library = library
    this.login = login
    try {
      this.#mechanisms = readMechanisms(library.functions, login.slot)
      this.#certificates = this.#readCertificates()
      // SECURITY: kept for the session only where the token will ask for it at each use of a key.
      this.#pin = this.#asksEachTime() ? pin : null
    } catch (error) {
      throw toFailure(error, 'reading the token')
    }
    this.#life = new CallLife({
      judge: (error, doing) => this.#judge(error, doing),
      isEnd: ({ code }) => code === 'token.removed',
      end: () => {
        this.#pin = null
        end()
      },
    })
  }

  certificates(): Promise<readonly TokenCertificate[]> {
    return this.#life.run('reading the certificates', () => {
      this.#certificates = this.#readCertificates()
      return this.#certificates.map(({ keyId, label, certificate, uses }) => ({ keyId, label, certificate, uses }))
    })
  }

  algorithms(keyId: string): Promise<readonly SignatureAlgorithm[]> {
    return this.#life.run('reading the mechanisms', () =>
      algorithmsOf(this.#certificate(keyId, 'sign').parsed, this.#mechanisms, this.#library.profile),
    )
  }

  sign(keyId: string, algorithm: SignatureAlgorithm, digest: Uint8Array, message?: Uint8Array): Promise<Uint8Array> {
    return this.#life.run('signing', () => {
      if (digest.length !== 32) throw new CryptoFailure('arguments.bad', 'a digest of 32 bytes is signed')
      const certificate = this.#certificate(keyId, 'sign')
      const signature = this.#withKey(certificate, use =>
        signDigest(use, certificate.parsed, this.#library.profile, { algorithm, digest, message }),
      )
      requireOwnSignature(certificate.parsed, algorithm, digest, signature)
      return signature
    })
  }

  open(keyId: string, transport: KeyTransport): Promise<Uint8Array> {
    return this.#life.run('decrypting', () => {
      const certificate = this.#certificate(keyId, 'decrypt')
      return this.#withKey(certificate, use =>
        openTransported(use, certificate.parsed, this.#library.profile, transport),
      )
    })
  }

  close(): Promise<void> {
    this.invalidate(new CryptoFailure('token.removed', 'the session is closed'))
    return Promise.resolve()
  }

  /** Ends the session; every later call fails with `failure`. Harmless twice. */
  invalidate(failure: CryptoFailure): void {
    this.#life.end(failure)
  }

  /** Private-key certificates first; one without its private key here has no use. */
  #readCertificates(): readonly Pkcs11Certificate[] {
    const { functions, profile } = this.#library
    const { session } = this.login
    const judged = readCertificates(functions, session).map(certificate => {
      if (certificate.uses.length === 0) return { certificate, owned: false }
      const owned = findPrivateKey({ functions, session, profile }, certificate) !== null
      return { certificate: owned ? certificate : { ...certificate, uses: [] }, owned }
    })
    return [...judged.filter(({ owned }) => owned), ...judged.filter(({ owned }) => !owned)].map(
      ({ certificate }) => certificate,
    )
  }

  /** The use tells a pair's two certificates apart where a vendor gives both one CKA_ID. */
  #certificate(keyId: string, use: KeyUse): Pkcs11Certificate {
    const found = this.#certificates.find(one => one.keyId === keyId && one.uses.includes(use))
    if (found === undefined)
      throw new CryptoFailure('token.wrong-lock', `no key on this token has that id and can ${use}`)
    return found
  }

  /** Handles do not outlive a login, so the key is looked for each time. */
  #withKey<T>(certificate: Pkcs11Certificate, run: (use: KeyInUse) => T): T {
    const { functions, profile } = this.#library
    const { session } = this.login
    const key = findPrivateKey({ functions, session, profile }, certificate)
    if (key === null) {
      this.#requirePresent()
      throw new CryptoFailure('token.removed', 'the private key can no longer be seen; log in again')
    }
    const always = this.#pin !== null && isTrue(functions, session, key, CKA.alwaysAuthenticate)
    return run({
      functions,
      session,
      key,
      mechanisms: this.#mechanisms,
      authenticate: () => {
        if (always) this.#authenticate()
      },
      requirePresent: () => this.#requirePresent(),
    })
  }

  /** PKCS #11 2.40, 5.6: CKU_CONTEXT_SPECIFIC, between the …Init and the operation. */
  #authenticate(): void {
    try {
      this.#library.functions.C_Login(this.login.session, CKU.contextSpecific, this.#pin ?? '')
    } catch (error) {
      // The operation stays begun and cannot be taken back: only closing the session ends it.
      const failure = toFailure(error, 'logging in for one use of the key')
      this.invalidate(failure)
      throw failure
    }
  }

  #asksEachTime(): boolean {
    const { functions } = this.#library
    const keys = findPrivateKeys(functions, this.login.session)
    return keys.some(key => isTrue(functions, this.login.session, key, CKA.alwaysAuthenticate))
  }

  #requirePresent(): void {
    try {
      readToken(this.#library.functions, this.login.slot)
    } catch (error) {
      throw new CryptoFailure('token.removed', 'the token no longer answers', error)
    }
  }

  /** A handle that was good a moment ago, and a token that does not answer: it was pulled out. */
  #judge(error: unknown, doing: string): CryptoFailure {
    if (isRemoval(error)) return toFailure(error, doing)
    if (isCode(error, CKR.objectHandleInvalid, CKR.keyHandleInvalid, CKR.generalError, CKR.functionFailed)) {
      try {
        this.#requirePresent()
      } catch (gone) {
        return toFailure(gone, doing)
      }
    }
    return toFailure(error, doing)
  }
}
