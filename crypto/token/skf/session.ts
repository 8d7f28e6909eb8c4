import type { KeyTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import type { KeyUse, TokenCertificate, TokenSession } from '../port.ts'
import { requireOwnSignature } from '../self-check.ts'
import { publicPart, readDevices, type SkfConnection } from './devices.ts'
import { isRemoval, SkfError, toFailure } from './errors.ts'
import { readCertificates, type SkfCertificate, withContainer } from './halves.ts'
import type { SkfLibrary } from './library.ts'
import { openSm2 } from './open-sm2.ts'
import { algorithmsOf, signDigest } from './sign.ts'

/** An SKF application with the user logged in. Once it has failed with `token.removed` it is over. */
export class SkfSession implements TokenSession {
  readonly connection: SkfConnection
  readonly #library: SkfLibrary
  readonly #end: () => void
  #certificates: readonly SkfCertificate[]
  #over: CryptoFailure | null = null

  /** Takes over the connection; `end` closes it. Throws `token.removed`. */
  constructor(library: SkfLibrary, connection: SkfConnection, end: () => void) {
    this.#library = library
    this.connection = connection
    this.#end = end
    this.#certificates = readCertificates(library, connection.application)
  }

  certificates(): Promise<readonly TokenCertificate[]> {
    return this.#run('reading the certificates', () => {
      this.#certificates = readCertificates(this.#library, this.connection.application)
      return this.#certificates.map(publicPart)
    })
  }

  algorithms(keyId: string): Promise<readonly SignatureAlgorithm[]> {
    return this.#run('reading the algorithms', () => algorithmsOf(this.#library, this.#certificate(keyId, 'sign')))
  }

  sign(keyId: string, algorithm: SignatureAlgorithm, digest: Uint8Array): Promise<Uint8Array> {
    return this.#run('signing', () => {
      if (digest.length !== 32) throw new CryptoFailure('arguments.bad', 'a digest of 32 bytes is signed')
      const certificate = this.#certificate(keyId, 'sign')
      if (!algorithmsOf(this.#library, certificate).includes(algorithm)) {
        throw new CryptoFailure('token.unsupported', `this key cannot do ${algorithm} through SKF`)
      }
      const signature = this.#withContainer(certificate, container =>
        signDigest(this.#library, container, algorithm, digest),
      )
      requireOwnSignature(certificate.parsed, algorithm, digest, signature)
      return signature
    })
  }

  open(keyId: string, transport: KeyTransport): Promise<Uint8Array> {
    return this.#run('decrypting', () => {
      const certificate = this.#certificate(keyId, 'decrypt')
      if (transport.kind !== 'sm2-sm4-cbc' || certificate.parsed.key.kind !== 'sm2') {
        // GM/T 0016 has no function that gives what an RSA key decrypts to the host.
        throw new CryptoFailure('token.unsupported', 'only SM2 envelopes can be opened through SKF')
      }
      return this.#withContainer(certificate, container =>
        openSm2(this.#library, container, transport, () => this.#requirePresent()),
      )
    })
  }

  close(): Promise<void> {
    this.invalidate(new CryptoFailure('token.removed', 'the session is closed'))
    return Promise.resolve()
  }

  /** Ends the session; every later call fails with `failure`. Harmless twice. */
  invalidate(failure: CryptoFailure): void {
    if (this.#over !== null) return
    this.#over = failure
    this.#end()
  }

  #certificate(keyId: string, use: KeyUse): SkfCertificate {
    const found = this.#certificates.find(one => one.keyId === keyId && one.uses.includes(use))
    if (found === undefined)
      throw new CryptoFailure('token.wrong-lock', `no key on this token has that id and can ${use}`)
    return found
  }

  #withContainer<T>({ container }: SkfCertificate, use: (handle: bigint) => T): T {
    return withContainer(this.#library, this.connection.application, container, use)
  }

  #requirePresent(): void {
    const { device } = this.connection.token
    if (readDevices(this.#library).some(({ text }) => text === device.text)) return
    throw new CryptoFailure('token.removed', 'the token is no longer plugged in')
  }

  async #run<T>(doing: string, operation: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#over !== null) throw this.#over
    try {
      return operation()
    } catch (error) {
      const failure = this.#judge(error, doing)
      if (failure.code === 'token.removed') this.invalidate(failure)
      throw failure
    }
  }

  /** Any code may be what a library answers for a token that is away. */
  #judge(error: unknown, doing: string): CryptoFailure {
    if (error instanceof SkfError && !isRemoval(error)) {
      try {
        this.#requirePresent()
      } catch (gone) {
        return toFailure(gone, doing)
      }
    }
    return toFailure(error, doing)
  }
}
