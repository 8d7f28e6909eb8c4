import { formatTokenUri, parseTokenUri } from '../../../crypto/index.ts'

/** Whether a name on the command line is a token's URI; anything else is a file. */
export function isTokenUri(name: string): boolean {
  return /^(pkcs11|p12|skf):/.test(name)
}

/** The URI of the token, without the key pair it may single out: the other key of the same lock. */
export function tokenAlone(uri: string): string {
  const parsed = parseTokenUri(uri)
  if (parsed.kind === 'soft') return formatTokenUri({ kind: 'soft', path: parsed.path })
  const { keyId: _keyId, object: _object, ...token } = parsed
  return formatTokenUri(token)
}
