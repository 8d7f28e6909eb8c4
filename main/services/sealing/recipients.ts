import { readFile } from 'node:fs/promises'
import { certificatesFromPem, commonName, parseCertificate } from '../../../crypto/index.ts'
import type { RecipientRequest } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Locks } from '../tokens/locks.ts'
import { isTokenUri, tokenAlone } from '../tokens/token-name.ts'

/** Who shall be able to open a bid, as the command names them: token URIs or certificate files. */
export interface NamedRecipients {
  /** The signing lock; its encryption key is the main recipient unless `encrypt` names another. */
  readonly sign: string
  readonly encrypt?: string
  readonly backups: readonly string[]
}

/** A recipient found, its lock not opened yet. */
interface FoundRecipient {
  readonly role: RecipientRequest['role']
  readonly label: string
  readonly certificate: Uint8Array
  /** Null for a certificate from a file: nobody is there to prove that it opens. */
  readonly uri: string | null
}

/** Finds every recipient without asking for a PIN. Throws `token.*`, `input.unreadable`. */
export async function findRecipients(locks: Locks, named: NamedRecipients): Promise<readonly FoundRecipient[]> {
  const main = await findRecipient(locks, named.encrypt ?? tokenAlone(named.sign), 'main')
  const backups: FoundRecipient[] = []
  for (const name of named.backups) backups.push(await findRecipient(locks, name, 'backup'))
  return [main, ...backups]
}

/** Opens the recipients' locks, asking for PINs where it has not been done; those from files stay without a key. */
export async function openRecipients(
  locks: Locks,
  recipients: readonly FoundRecipient[],
): Promise<readonly RecipientRequest[]> {
  const opened: RecipientRequest[] = []
  for (const { role, label, certificate, uri } of recipients) {
    opened.push({ role, label, certificate, ...(uri === null ? {} : { opener: await locks.opener(uri) }) })
  }
  return opened
}

async function findRecipient(locks: Locks, name: string, role: FoundRecipient['role']): Promise<FoundRecipient> {
  if (!isTokenUri(name)) {
    const certificate = await certificateFromFile(name)
    return { role, certificate, label: commonName(parseCertificate(certificate).subject) ?? '', uri: null }
  }
  const { token, certificate } = await locks.key(name, 'decrypt')
  return { role, certificate: certificate.certificate, label: token.label, uri: name }
}

/** PEM or DER. */
async function certificateFromFile(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'a certificate file cannot be read', { cause: error })
  })
  const [fromPem] = certificatesFromPem(bytes.toString('latin1'))
  return fromPem ?? new Uint8Array(bytes)
}
