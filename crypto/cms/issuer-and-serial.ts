import { type DerNode, tags } from '../der/reader.ts'
import { integerOctets } from '../der/values.ts'
import { integerFromOctets, sequence } from '../der/writer.ts'

/** How messages name a certificate: IssuerAndSerialNumber (RFC 5652, 10.2.4; GB/T 35275 has the same). */
export interface IssuerAndSerial {
  /** DER Name. */
  readonly issuer: Uint8Array
  /** Content octets of the INTEGER. */
  readonly serial: Uint8Array
}

/** The name as DER. */
export function encodeIssuerAndSerial({ issuer, serial }: IssuerAndSerial): Uint8Array {
  return sequence(issuer, integerFromOctets(serial))
}

/** Reads a name out of its SEQUENCE. Throws `document.malformed`. */
export function readIssuerAndSerial(node: DerNode): IssuerAndSerial {
  const fields = node.fields()
  const issuer = fields.take(tags.sequence).raw
  const serial = integerOctets(fields.take(tags.integer))
  fields.end()
  return { issuer, serial }
}
