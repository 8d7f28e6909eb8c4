import { oids } from '../der/oids.ts'
import { contextTag, readDer, tags } from '../der/reader.ts'
import { oidString } from '../der/values.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { readSequence } from './extensions.ts'
import { certificatesFromPem } from './pem.ts'

/** Most certificates that are read out of one file. */
const maxCertificates = 32

/**
 * The certificates of a file as authorities publish them: one in DER, PEM with any number, or a PKCS#7 message that carries
 * nothing else (RFC 5280, 4.2.2.1). Throws `document.malformed` or `cert.unsupported` for anything else.
 */
export function readCertificateFile(bytes: Uint8Array): readonly Certificate[] {
  // DER begins with a SEQUENCE; no text begins with "0" and a length.
  if (bytes[0] !== tags.sequence) {
    return certificatesFromPem(Buffer.from(bytes).toString('latin1')).slice(0, maxCertificates).map(parseCertificate)
  }
  const [first] = readDer(bytes).children()
  if (first?.tag !== tags.oid) return [parseCertificate(bytes)]
  return messageCertificates(bytes).slice(0, maxCertificates).map(parseCertificate)
}

/** ContentInfo of SignedData: its certificates, the rest passed over. */
function messageCertificates(message: Uint8Array): readonly Uint8Array[] {
  const outer = readSequence(message).fields()
  if (oidString(outer.take(tags.oid)) !== oids.signedData) return []
  const signedData = outer.take(contextTag(0)).only(tags.sequence)
  outer.end()
  const carried = signedData.children().find(({ tag }) => tag === contextTag(0))
  return carried === undefined ? [] : carried.children().map(({ raw }) => raw)
}
