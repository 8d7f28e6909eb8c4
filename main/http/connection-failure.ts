import { AppFailure } from '../contract/failure.ts'

/** The proxy itself could not be spoken to: away like a network, and worth another try, unlike one that refuses. */
export class ProxyAway extends AppFailure {
  constructor(detail: string, cause?: unknown) {
    super('platform.proxy', detail, cause === undefined ? {} : { cause })
  }
}

/** The proxy does not take the user and password it was given, or wants some: no other try with the same ones helps. */
export class ProxyAsks extends AppFailure {
  constructor() {
    super('platform.proxy', 'the proxy asks for a user and a password (HTTP 407)')
  }
}

/** What Node's TLS says of a certificate it does not believe: X509_V_ERR_* without its prefix, and the name's own. */
const certificateErrors: ReadonlySet<string> = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'HOSTNAME_MISMATCH',
  'UNSPECIFIED',
])

/** Whether TLS's name of an error means that a certificate is not believed. */
export function isCertificateError(code: string): boolean {
  return certificateErrors.has(code)
}

/**
 * A system's error as one of our failures; its text may hold an address and is kept as the cause only. `viaProxy` says
 * that the connection is one to a proxy.
 */
export function connectionFailure(error: unknown, viaProxy = false): AppFailure {
  if (error instanceof AppFailure) return error
  const code = errorCode(error)
  if (certificateErrors.has(code)) {
    return new AppFailure('platform.certificate', `the certificate of the server is not trusted (${code})`, {
      cause: error,
    })
  }
  if (viaProxy && (isBeforeConnection(error) || code.startsWith('HPE_'))) {
    return new ProxyAway(`the proxy cannot be used (${code})`, error)
  }
  return new AppFailure('platform.unreachable', `the connection failed (${code})`, { cause: error })
}

/** The system's or library's name of an error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no code'
}

function isBeforeConnection(error: unknown): boolean {
  const call = error instanceof Error && 'syscall' in error ? error.syscall : null
  return call === 'connect' || call === 'getaddrinfo'
}
