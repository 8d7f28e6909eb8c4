import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'vitest'
import { projectRoot } from '../../build/project.mjs'
import { vectorsAbsent } from '../../build/testing/tally.mjs'
import { contextTag, readDer, tags } from '../../crypto/der/reader.ts'
import { octetString } from '../../crypto/der/values.ts'
import { sequence } from '../../crypto/der/writer.ts'

/** One case of NIST's Public Key Interoperability Test Suite: a signed message with all that its path needs. */
export interface PkitsCase {
  /** File name without `Signed` and `.eml`, for instance `InvalidCASignatureTest2`. */
  readonly name: string
  /** The certificate that signed the message, DER. */
  readonly leaf: Uint8Array
  /** All that are sent along, the leaf too. */
  readonly certificates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
}

export interface Pkits {
  /** DER of the trust anchor. */
  readonly anchor: Uint8Array
  /** A certificate of the suite by file name, DER. */
  certificate(name: string): Uint8Array
  readonly cases: readonly PkitsCase[]
}

const debianFolder = '/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data'

/**
 * The suite's data, which is not part of the project: Debian's package python3-cryptography-vectors holds it (`npm test`
 * installs that where it may), and BIDSEAL_PKITS names another folder. Without it the calling test ends here and is listed,
 * with this reason, among what did not run.
 */
export function pkits(context: TestContext): Pkits {
  const named = process.env['BIDSEAL_PKITS'] ?? ''
  const folder = named === '' ? debianFolder : resolve(projectRoot, named)
  if (!existsSync(join(folder, 'smime'))) {
    context.skip(`${vectorsAbsent}no PKITS_data: install python3-cryptography-vectors or set BIDSEAL_PKITS`)
  }
  const certificate = (name: string) => new Uint8Array(readFileSync(join(folder, 'certs', name)))
  const files = readdirSync(join(folder, 'smime')).filter(file => file.endsWith('.eml'))
  const cases = files.map(file => readCase(file, readFileSync(join(folder, 'smime', file), 'latin1')))
  return { anchor: certificate('TrustAnchorRootCertificate.crt'), certificate, cases }
}

/** The certificates and lists of the signature in a multipart/signed message. */
function readCase(file: string, message: string): PkitsCase {
  const [, encoded = ''] = /filename="smime\.p7s"\s+([A-Za-z0-9+/=\s]+)/.exec(message) ?? []
  const signed = readDer(Buffer.from(encoded, 'base64')).fields()
  signed.take(tags.oid)
  const fields = signed.take(contextTag(0)).only(tags.sequence).fields()
  fields.take(tags.integer)
  fields.take(tags.set)
  const content = fields.take(tags.sequence).fields()
  content.take(tags.oid)
  const text = content.optional(contextTag(0))
  if (text !== null) octetString(text.only(tags.octetString))
  const raw = (tag: number) => (fields.optional(tag)?.children() ?? []).map(node => node.raw)
  const certificates = raw(contextTag(0))
  const crls = raw(contextTag(1))
  const signer = fields.take(tags.set).only(tags.sequence).fields()
  signer.take(tags.integer)
  const sid = signer.take(tags.sequence).raw
  const leaf = certificates.find(der => Buffer.compare(issuerAndSerial(der), sid) === 0)
  if (leaf === undefined) throw new Error(`${file} lacks its signer`)
  return { name: file.replace(/^Signed|\.eml$/g, ''), leaf, certificates, crls }
}

/** Read here: some of the suite's certificates are broken on purpose. */
function issuerAndSerial(der: Uint8Array): Uint8Array {
  const fields = readDer(der).fields().take(tags.sequence).fields()
  fields.optional(contextTag(0))
  const serial = fields.take(tags.integer).raw
  fields.take(tags.sequence)
  return sequence(fields.take(tags.sequence).raw, serial)
}
