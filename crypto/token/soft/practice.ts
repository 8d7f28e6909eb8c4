import { CryptoFailure } from '../../errors.ts'
import { generatePrivateKey, type PrivateKey, publicKeyInfoOf, writePrivateKey } from '../../sign/private-key.ts'
import type { KeyUse, PracticeCertificate, PracticeTokenKeys, PracticeTokenOptions } from '../port.ts'
import { formatTokenUri } from '../uri.ts'
import type { SoftLock } from './pkcs12-read.ts'
import { softKeyIds, type SoftKeyPair, writeSoftLock } from './pkcs12-write.ts'

/** Makes a soft lock with two fresh pairs of keys and no certificates yet. Throws `token.not-blank`, `output.unwritable`. */
export async function initialiseSoftLock(path: string, options: PracticeTokenOptions): Promise<PracticeTokenKeys> {
  const sign = await generatePrivateKey(options.keyKind)
  const decrypt = await generatePrivateKey(options.keyKind)
  const keys = [keyPair('sign', sign), keyPair('decrypt', decrypt)]
  try {
    await writeSoftLock(path, { pin: options.pin, label: options.label, keys, intermediates: [] })
  } finally {
    for (const { privateKey } of keys) privateKey.fill(0)
  }
  return {
    tokenUri: formatTokenUri({ kind: 'soft', path }),
    sign: { keyId: softKeyIds.sign, publicKey: publicKeyInfoOf(sign) },
    decrypt: { keyId: softKeyIds.decrypt, publicKey: publicKeyInfoOf(decrypt) },
  }
}

/** Puts the certificates into a lock of {@link initialiseSoftLock}. Throws `token.not-blank`, `token.wrong-lock`. */
export async function storeSoftCertificates(
  path: string,
  lock: SoftLock,
  pin: string,
  certificates: readonly PracticeCertificate[],
): Promise<void> {
  if (lock.certificates.length > 0)
    throw new CryptoFailure('token.not-blank', 'the soft lock holds certificates already')
  const keys = (['sign', 'decrypt'] as const).map(use => {
    const certificate = certificates.find(({ keyId }) => keyId === softKeyIds[use])?.certificate
    const key = lock.keys.find(({ localKeyId }) => localKeyId === softKeyIds[use])
    if (key === undefined || certificate === undefined) {
      throw new CryptoFailure('token.wrong-lock', 'the soft lock and the certificates do not fit together')
    }
    return { ...keyPair(use, key.privateKey), certificate }
  })
  const intermediates = certificates.filter(({ keyId }) => keyId === undefined).map(({ certificate }) => certificate)
  try {
    await writeSoftLock(path, { pin, label: lock.label, keys, intermediates }, 'replace')
  } finally {
    for (const { privateKey } of keys) privateKey.fill(0)
  }
}

function keyPair(use: KeyUse, privateKey: PrivateKey): SoftKeyPair {
  return { use, privateKey: writePrivateKey(privateKey) }
}
