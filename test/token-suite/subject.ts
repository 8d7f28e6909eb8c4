import { parseCertificate } from '../../crypto/cert/certificate.ts'
import type { TokenModule } from '../../crypto/token/host/calls.ts'
import type { KeyTransport } from '../../crypto/envelope/key-opener.ts'
import type { KeyUse } from '../../crypto/token/port.ts'
import { publicKeyInfoOf, writePrivateKey, type PrivateKey } from '../../crypto/sign/private-key.ts'
import type { SignatureAlgorithm } from '../../crypto/sign/signer.ts'
import type { SoftKeyPair } from '../../crypto/token/soft/pkcs12-write.ts'
import { type Bidder, practiceCa, practiceIdentity, type PracticeIdentity, testKey } from '../fixtures/practice-ca.ts'

/** A library with one lock in it that the suite is run on. */
export interface TokenSubject {
  readonly module: TokenModule
  /** What a process that is to see the lock needs in its environment. */
  readonly environment: Readonly<Record<string, string>>
  /** The token's label, by which the suite knows it among others of the library. */
  readonly label: string
  readonly pin: string
  readonly pairs: readonly SubjectPair[]
  /** Certificates on it that no private key here belongs to. */
  readonly strangers: readonly Uint8Array[]
  /** Tries left as the token itself has stored them, where it counts. */
  readonly triesLeft?: () => number
  remove(): void
}

/** A certificate on the lock whose private key is there too, and what the driver is to do with it. */
export interface SubjectPair {
  /** DER. */
  readonly certificate: Uint8Array
  readonly use: KeyUse
  /** Of a signing key. */
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Of an encryption key. */
  readonly transports: readonly KeyTransport['kind'][]
}

/** A certificate with its private key, wherever it came from. */
export interface KeyAndCertificate {
  readonly certificate: Uint8Array
  readonly privateKey: PrivateKey
}

/** A key that signs, with the algorithms the driver is to offer, best first. */
export function signs({ certificate }: KeyAndCertificate, ...algorithms: readonly SignatureAlgorithm[]): SubjectPair {
  return { certificate, use: 'sign', algorithms, transports: [] }
}

/** A key that opens, with the kinds of envelopes it is to open. */
export function opens({ certificate }: KeyAndCertificate, ...transports: readonly KeyTransport['kind'][]): SubjectPair {
  return { certificate, use: 'decrypt', algorithms: [], transports }
}

/** The practice bidder with EC keys in place of RSA. */
export function ecBidder(curve: 'P-256' | 'P-384', bidder: Bidder = practiceCa().bidder): Bidder {
  const { issue, intermediate } = practiceCa()
  const { subject } = parseCertificate(bidder.sign.certificate)
  const identity = (use: 'sign' | 'decrypt' | 'backup'): PracticeIdentity => {
    const name = `ec-${use}`
    const privateKey = testKey(name, curve)
    const publicKey = publicKeyInfoOf(privateKey)
    const profile = use === 'sign' ? 'sign' : 'decrypt'
    const { certificate } = issue(name, { profile, subject, publicKey, creditCode: bidder.creditCode })
    return practiceIdentity(certificate, privateKey, [intermediate])
  }
  return { ...bidder, sign: identity('sign'), decrypt: identity('decrypt'), backup: identity('backup') }
}

/** A key pair as a soft lock takes it. */
export function softPair(use: KeyUse, { certificate, privateKey }: KeyAndCertificate): SoftKeyPair {
  return { use, certificate, privateKey: writePrivateKey(privateKey) }
}
