import { join } from 'node:path'
import { encodeName, generatePrivateKey, issueCertificate, publicKeyInfoOf, toPem } from '../../../crypto/index.ts'
import type { CertificateProfile, Clock, Randomness, Suite } from '../../../crypto/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { practiceKeyKind } from './key-kind.ts'
import { project } from './project.ts'

/** The practice CA: a root, and an authority under it that issues. Good for rehearsals only, and named so. */
export interface RehearsalAuthority {
  /** DER; the trust anchor. */
  readonly root: Uint8Array
  readonly issuing: Uint8Array
  issue(request: IssueRequest): Uint8Array
}

export interface IssueRequest {
  readonly commonName: string
  readonly publicKey: Uint8Array
  readonly profile: CertificateProfile
  readonly creditCode?: string
}

const day = 86_400_000

/**
 * Makes the CA of a suite and puts `root.pem` and `issuing.pem` into a folder. Its keys live in memory only: it issues no
 * more later.
 */
export async function makeAuthority(
  folder: string,
  suite: Suite,
  ports: { readonly clock: Clock; readonly randomness: Randomness },
): Promise<RehearsalAuthority> {
  const kind = practiceKeyKind(suite)
  const [rootKey, issuingKey] = await Promise.all([generatePrivateKey(kind), generatePrivateKey(kind)])
  const now = ports.clock.now().getTime()
  const dates = { notBefore: new Date(now - day), notAfter: new Date(now + 10 * 365 * day) }
  const serial = (): Uint8Array => ports.randomness.bytes(16)
  const root = issueCertificate({
    ...dates,
    subject: nameOf('标封演练根 CA'),
    publicKey: publicKeyInfoOf(rootKey),
    issuer: { certificate: 'self', privateKey: rootKey },
    serial: serial(),
    profile: 'root',
  })
  const issuing = issueCertificate({
    ...dates,
    subject: nameOf('标封演练签发 CA'),
    publicKey: publicKeyInfoOf(issuingKey),
    issuer: { certificate: root, privateKey: rootKey },
    serial: serial(),
    profile: 'intermediate',
  })
  await writeFileAtomic(join(folder, 'root.pem'), Buffer.from(toPem(root, 'CERTIFICATE')))
  await writeFileAtomic(join(folder, 'issuing.pem'), Buffer.from(toPem(issuing, 'CERTIFICATE')))
  return {
    root,
    issuing,
    issue: ({ commonName, publicKey, profile, creditCode }) =>
      issueCertificate({
        notBefore: dates.notBefore,
        notAfter: new Date(now + 3 * 365 * day),
        subject: profile === 'platform' ? nameOf(commonName) : bidderName(commonName),
        publicKey,
        issuer: { certificate: issuing, privateKey: issuingKey },
        serial: serial(),
        profile,
        ...(creditCode === undefined ? {} : { creditCode }),
      }),
  }
}

function nameOf(commonName: string): Uint8Array {
  return encodeName([
    ['C', 'CN'],
    ['O', project.platformName],
    ['CN', commonName],
  ])
}

function bidderName(commonName: string): Uint8Array {
  return encodeName([
    ['C', 'CN'],
    ['ST', '云南省'],
    ['O', commonName],
    ['CN', commonName],
  ])
}
