import { CryptoFailure } from '../errors.ts'

/** The certificates in a PEM text, DER each, in order; other blocks are passed over. Throws `document.malformed`. */
export function certificatesFromPem(text: string): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (const [, body = ''] of text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)) {
    const base64 = body.replace(/\s+/g, '')
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length === 0 || bytes.toString('base64') !== base64) {
      throw new CryptoFailure('document.malformed', 'PEM: not base64')
    }
    found.push(new Uint8Array(bytes))
  }
  return found
}

/** One PEM block with lines of 64 characters. */
export function toPem(der: Uint8Array, label: 'CERTIFICATE' | 'PRIVATE KEY' | 'PUBLIC KEY' | 'CMS'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
