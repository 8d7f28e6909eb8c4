import { createHash } from 'node:crypto'
import { sameBytes } from '../../der/writer.ts'
import type { KeyTransport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { type PrivateKey, publicKeyInfoOf, wipePrivateKey } from '../../sign/private-key.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { openTransport, softSigner } from '../../sign/soft-key.ts'
import { readableCertificate, usesOf } from '../key-use.ts'
import type { KeyUse, TokenCertificate, TokenSession } from '../port.ts'
import type { SoftCertificate, SoftLock } from './pkcs12-read.ts'

/** The certificates of a soft lock as any token shows them; what is no readable certificate is passed over. */
export function tokenCertificates(certificates: readonly SoftCertificate[]): readonly TokenCertificate[] {
  return certificates.flatMap(({ certificate, label, localKeyId }) => {
    const parsed = readableCertificate(certificate)
    if (parsed === null) return []
    const keyId = localKeyId ?? createHash('sha256').update(certificate).digest('hex').slice(0, 40)
    return [{ keyId, label, certificate, uses: usesOf(parsed) }]
  })
}

/** A soft lock that its PIN has opened; its keys are the session's, and wiped when it is closed. */
export function softSession(lock: SoftLock): TokenSession {
  const pairs = tokenCertificates(lock.certificates).map(certificate => ({
    certificate,
    privateKey: findKey(lock, certificate.certificate),
  }))
  const owned = pairs.filter(({ certificate, privateKey }) => privateKey !== null && certificate.uses.length > 0)
  const others = pairs.filter(pair => !owned.includes(pair))
  const shown = [
    ...owned.map(({ certificate }) => certificate),
    ...others.map(({ certificate }) => ({ ...certificate, uses: [] })),
  ]
  let keys: readonly { readonly certificate: TokenCertificate; readonly privateKey: PrivateKey | null }[] | null = owned

  function key(keyId: string, use: KeyUse): { readonly certificate: Uint8Array; readonly privateKey: PrivateKey } {
    if (keys === null) throw new CryptoFailure('token.removed', 'the session is closed')
    const found = keys.find(({ certificate }) => certificate.keyId === keyId && certificate.uses.includes(use))
    if (found === undefined || found.privateKey === null) {
      throw new CryptoFailure('token.wrong-lock', `no key in this soft lock has that id and can ${use}`)
    }
    return { certificate: found.certificate.certificate, privateKey: found.privateKey }
  }

  return {
    async certificates() {
      await Promise.resolve()
      if (keys === null) throw new CryptoFailure('token.removed', 'the session is closed')
      return shown
    },
    async algorithms(keyId) {
      await Promise.resolve()
      return softSigner({ ...key(keyId, 'sign'), intermediates: [] }).algorithms
    },
    async sign(keyId: string, algorithm: SignatureAlgorithm, digest: Uint8Array) {
      await Promise.resolve()
      if (digest.length !== 32) throw new CryptoFailure('arguments.bad', 'a digest of 32 bytes is signed')
      return softSigner({ ...key(keyId, 'sign'), intermediates: [] }).sign(algorithm, digest)
    },
    async open(keyId: string, transport: KeyTransport) {
      await Promise.resolve()
      return openTransport(key(keyId, 'decrypt').privateKey, transport)
    },
    close() {
      keys = null
      for (const { privateKey } of lock.keys) wipePrivateKey(privateKey)
      return Promise.resolve()
    },
  }
}

/** By the public key: other programs give a key and its certificate whatever ids they like. */
function findKey(lock: SoftLock, certificate: Uint8Array): PrivateKey | null {
  const publicKeyInfo = readableCertificate(certificate)?.publicKeyInfo
  if (publicKeyInfo === undefined) return null
  const belongs = (privateKey: PrivateKey): boolean => sameBytes(publicKeyInfoOf(privateKey), publicKeyInfo)
  return lock.keys.find(({ privateKey }) => belongs(privateKey))?.privateKey ?? null
}
