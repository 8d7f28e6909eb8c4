import type { KeyTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { CallLife } from '../call-life.ts'
import type { KeyUse, TokenCertificate, TokenSession } from '../port.ts'
import { requireOwnSignature } from '../self-check.ts'
import type { Connector, SkfToken } from './connector.ts'
import { publicPart } from './devices.ts'
import { isRemoval, SkfError, toFailure } from './errors.ts'
import { type SkfCertificate, withContainer } from './halves.ts'
import type { KnownDevices } from './known-devices.ts'
import type { SkfLibrary } from './library.ts'
import { openRsa } from './open-rsa.ts'
import { openSm2 } from './open-sm2.ts'
import { algorithmsOf, signDigest } from './sign.ts'

/**
 * An SKF application with the user logged in. It has no handles of its own: each call goes through the connector, which may
 * have been elsewhere. Once it has failed with `token.removed` it is over.
 */
export class SkfSession implements TokenSession {
  readonly token: SkfToken
  readonly #library: SkfLibrary
  readonly #connector: Connector
  readonly #devices: KnownDevices
  readonly #life: CallLife
  #certificates: readonly SkfCertificate[]

  /** After the login; `end` logs out. Throws what the library throws. */
  constructor(library: SkfLibrary, connector: Connector, devices: KnownDevices, token: SkfToken, end: () => void) {
    this.#library = library
    this.#connector = connector
    this.#devices = devices
    this.token = token
    this.#certificates = devices.certificatesOf(token)
    this.#life = new CallLife({
      judge: (error, doing) => this.#judge(error, doing),
      isEnd: ({ code }) => code === 'token.removed',
      end,
    })
  }

  certificates(): Promise<readonly TokenCertificate[]> {
    return this.#life.run('reading the certificates', () => {
      this.#devices.requirePresent(this.token)
      this.#certificates = this.#devices.certificatesOf(this.token)
      return this.#certificates.map(publicPart)
    })
  }

  algorithms(keyId: string): Promise<readonly SignatureAlgorithm[]> {
    return this.#life.run('reading the algorithms', () => algorithmsOf(this.#library, this.#certificate(keyId, 'sign')))
  }

  sign(keyId: string, algorithm: SignatureAlgorithm, digest: Uint8Array): Promise<Uint8Array> {
    return this.#life.run('signing', () => {
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
    return this.#life.run('decrypting', () => {
      const certificate = this.#certificate(keyId, 'decrypt')
      return this.#withContainer(certificate, container => this.#open(certificate, container, transport))
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

  #open({ parsed: { key } }: SkfCertificate, container: bigint, transport: KeyTransport): Uint8Array {
    const requirePresent = (): void => this.#devices.requirePresent(this.token)
    if (key.kind === 'sm2' && transport.kind === 'sm2-sm4-cbc') {
      return openSm2(this.#library, container, transport, requirePresent)
    }
    if (key.kind === 'rsa' && (transport.kind === 'rsa-pkcs1' || transport.kind === 'rsa-oaep-sha256')) {
      return openRsa(this.#library, container, transport, Math.ceil(key.bits / 8), requirePresent)
    }
    throw new CryptoFailure('token.unsupported', 'the envelope is for another kind of key')
  }

  #certificate(keyId: string, use: KeyUse): SkfCertificate {
    const found = this.#certificates.find(one => one.keyId === keyId && one.uses.includes(use))
    if (found === undefined)
      throw new CryptoFailure('token.wrong-lock', `no key on this token has that id and can ${use}`)
    return found
  }

  #withContainer<T>({ container }: SkfCertificate, use: (handle: bigint) => T): T {
    return withContainer(this.#library, this.#connector.to(this.token).application, container, use)
  }

  /** Any code may be what a library answers for a token that is away. */
  #judge(error: unknown, doing: string): CryptoFailure {
    if (error instanceof SkfError && !isRemoval(error)) {
      try {
        this.#devices.requirePresent(this.token)
      } catch (gone) {
        return toFailure(gone, doing)
      }
    }
    return toFailure(error, doing)
  }
}
