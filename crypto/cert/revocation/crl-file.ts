import { CryptoFailure } from '../../errors.ts'
import { parseCrl } from './crl.ts'

const block = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/

/**
 * The revocation list in a file as authorities publish it, DER or PEM; answers it in DER. Throws `cert.unsupported` for what
 * is no readable list.
 */
export function readCrlFile(bytes: Uint8Array): Uint8Array {
  const der = bytes[0] === 0x30 ? bytes : fromPem(bytes)
  parseCrl(der)
  return der
}

function fromPem(bytes: Uint8Array): Uint8Array {
  const body = block.exec(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))?.[1]
  if (body === undefined) throw new CryptoFailure('cert.unsupported', 'neither DER nor PEM of a revocation list')
  return new Uint8Array(Buffer.from(body, 'base64'))
}
