import { open } from 'node:fs/promises'
import { createSecureContext, rootCertificates } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { AppFailure } from '../contract/failure.ts'

const maxFile = 4 * 1024 * 1024
const onePem = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/** Where systems without a programming interface for it keep the certificates they trust. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The certificates in files of the user's, PEM texts. Throws `input.unreadable` for a file that is not there, too long, or
 * holds none: whoever names a file wants it to count.
 */
export async function readAuthorities(paths: readonly string[]): Promise<readonly string[]> {
  const found = (await Promise.all(paths.map(certificatesIn))).flat()
  // TLS would pass over what it cannot read, without a word.
  if (!found.every(isWhole)) throw new AppFailure('input.unreadable', 'a certificate of an authority is damaged')
  return found
}

/**
 * Whom TLS trusts: what Node trusts anyhow (its own list and NODE_EXTRA_CA_CERTS), the system's list where it is a file, and
 * these. Takes some tens of milliseconds; to be made once. Throws `input.unreadable` for what is no certificate.
 */
export async function trustContext(
  authorities: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SecureContext> {
  const extra = environment['NODE_EXTRA_CA_CERTS']
  const files = [environment['SSL_CERT_FILE'], ...systemFiles].filter(path => path !== undefined && path !== '')
  const present = await Promise.all([
    ...(extra === undefined || extra === '' ? [] : [certificatesIn(extra).catch(() => [])]),
    firstOf(files.filter(path => path !== undefined)),
  ])
  try {
    return createSecureContext({ ca: [...new Set([...rootCertificates, ...present.flat(), ...authorities])] })
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a certificate of an authority cannot be read', { cause: error })
  }
}

/** Whether a PEM block holds one whole DER sequence. */
function isWhole(pem: string): boolean {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')
  if (der.length < 4 || der[0] !== 0x30 || der[1] !== 0x82) return false
  return der.readUInt16BE(2) + 4 === der.length
}

async function firstOf(paths: readonly string[]): Promise<readonly string[]> {
  for (const path of paths) {
    const found = await certificatesIn(path).catch(() => null)
    if (found !== null) return found
  }
  return []
}

async function certificatesIn(path: string): Promise<readonly string[]> {
  let text: string
  try {
    const file = await open(path, 'r')
    try {
      const status = await file.stat()
      if (!status.isFile() || status.size > maxFile) throw new Error('no file of certificates')
      text = await file.readFile('latin1')
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a file of authorities cannot be read', { cause: error })
  }
  const found = text.match(onePem)
  if (found === null) throw new AppFailure('input.unreadable', 'a file of authorities holds no PEM certificate')
  return found
}
