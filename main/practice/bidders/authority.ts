import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  encodeName,
  generatePrivateKey,
  issueCertificate,
  publicKeyInfoOf,
  readPrivateKey,
  softKeyOpener,
  softSigner,
  writePrivateKey,
} from '../../../crypto/index.ts'
import type { CertificateProfile, KeyOpener, PrivateKey, Signer, Suite } from '../../../crypto/index.ts'
import { readFileIfThere, writeFileAtomic } from '../../store/index.ts'

/** A bidder the platform plays. */
export interface PlayedBidder {
  readonly name: string
  readonly creditCode: string
  readonly signer: Signer
  /** DER. */
  readonly encryptionCertificate: Uint8Array
  readonly opener: KeyOpener
}

/** Certifies the bidders a practice platform plays. Good for rehearsals only, and named so. */
export interface BidderAuthority {
  /** DER; a tender that shall have such bidders lists it among its accepted authorities. */
  readonly root: Uint8Array
  bidder(name: string, creditCode: string): PlayedBidder
}

const day = 86_400_000
const profileOfKey = { sign: 'sign', decrypt: 'decrypt' } as const satisfies Record<string, CertificateProfile>

/**
 * The authority kept in a folder of keys, made when it is asked for first. Its bidders have certificates of their own
 * over two keys they share: keys take long to make, and nobody who is played has a secret from another.
 */
export async function openBidderAuthority(folder: string, suite: Suite, now: Date): Promise<BidderAuthority> {
  const forSigning = suite.id === 'gm-1' ? 'sm2' : 'p-256'
  const rootKey = await keptKey(join(folder, 'bidders.key'), forSigning)
  const signKey = await keptKey(join(folder, 'bidders-sign.key'), forSigning)
  const decryptKey = await keptKey(join(folder, 'bidders-decrypt.key'), suite.id === 'gm-1' ? 'sm2' : 'rsa-2048')
  const dates = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 3_650 * day) }
  const rootPath = join(folder, 'bidders.der')
  if ((await readFileIfThere(rootPath)) === null) {
    const made = issueCertificate({
      ...dates,
      subject: nameOf('标封演练平台 模拟投标人 CA'),
      publicKey: publicKeyInfoOf(rootKey),
      issuer: { certificate: 'self', privateKey: rootKey },
      serial: randomBytes(16),
      profile: 'root',
    })
    await writeFileAtomic(rootPath, made)
  }
  const root = new Uint8Array(await readFile(rootPath))

  return {
    root,
    bidder(name, creditCode) {
      const certify = (use: keyof typeof profileOfKey, key: PrivateKey): Uint8Array =>
        issueCertificate({
          ...dates,
          subject: nameOf(name),
          publicKey: publicKeyInfoOf(key),
          issuer: { certificate: root, privateKey: rootKey },
          serial: randomBytes(16),
          profile: profileOfKey[use],
          creditCode,
        })
      const certificate = certify('decrypt', decryptKey)
      return {
        name,
        creditCode,
        signer: softSigner({ certificate: certify('sign', signKey), intermediates: [], privateKey: signKey }),
        encryptionCertificate: certificate,
        opener: softKeyOpener({ certificate, privateKey: decryptKey }),
      }
    },
  }
}

async function keptKey(path: string, kind: 'p-256' | 'rsa-2048' | 'sm2'): Promise<PrivateKey> {
  const kept = await readFileIfThere(path)
  if (kept !== null) return readPrivateKey(kept)
  const made = await generatePrivateKey(kind)
  await writeFileAtomic(path, writePrivateKey(made), 0o600)
  return made
}

function nameOf(commonName: string): Uint8Array {
  return encodeName([
    ['C', 'CN'],
    ['O', commonName],
    ['CN', commonName],
  ])
}
