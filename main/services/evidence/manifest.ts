import { decodeDocument, encodeDocument, sha256Hex, signDocument } from '../../../crypto/index.ts'
import type { Clock, DocumentFields, Signer, Suite } from '../../../crypto/index.ts'
import { reading, required } from './bid-facts.ts'
import type { Entries } from './canonical-zip.ts'
import { broken } from './canonical-zip.ts'

/** Who signs a manifest; null where no lock is at hand. */
export interface ManifestSigner {
  readonly signer: Signer
  readonly suite: Suite
}

/** What a manifest says beside the digests: the journal it was made from. */
export interface ManifestHead {
  readonly sealDigest: string
  readonly sequence: number
  readonly previous: string
}

export const manifestName = 'manifest.json'
const manifestSignature = 'manifest.p7s'
const sumsName = 'SHA256SUMS'

/**
 * Completes a package: `manifest.json`, a `journal` document that names every file's SHA-256, its signature where a lock is
 * at hand, and `SHA256SUMS` over all of it, as `sha256sum` writes it in the order of the names.
 */
export async function withManifest(
  files: Entries,
  head: ManifestHead,
  by: ManifestSigner | null,
  clock: Clock,
): Promise<Entries> {
  const fields: DocumentFields<'journal'> = {
    ...{ sequence: head.sequence, previous: head.previous, sealDigest: head.sealDigest },
    at: clock.now().toISOString(),
    event: 'exported',
    facts: namesOf(files).map(name => ({ name, value: sha256Hex(required(files, name)) })),
  }
  const all = new Map(files)
  if (by === null) all.set(manifestName, encodeDocument('journal', fields))
  else {
    const { bytes, signature } = await signDocument('journal', fields, by.signer, by.suite, clock)
    all.set(manifestName, bytes).set(manifestSignature, signature)
  }
  return all.set(sumsName, sumsOf(all))
}

/** Checks that a package holds exactly the files its manifest and its list of digests name. Throws `evidence.broken`. */
export function checkManifest(files: Entries): DocumentFields<'journal'> {
  const sums = required(files, sumsName)
  const others = new Map([...files].filter(([name]) => name !== sumsName))
  if (Buffer.compare(sums, sumsOf(others)) !== 0)
    throw broken(firstDifference(sums, others), 'SHA256SUMS has another digest')
  const fields = reading(manifestName, () => decodeDocument('journal', required(files, manifestName)))
  if (fields.event !== 'exported') throw broken(manifestName, 'it is no manifest')
  const named = new Map(fields.facts.map(({ name, value }) => [name, value]))
  for (const [name, bytes] of others) {
    if (name === manifestName || name === manifestSignature) continue
    if (named.get(name) !== sha256Hex(bytes)) throw broken(name, 'the manifest has another digest')
    named.delete(name)
  }
  const [missing] = named.keys()
  if (missing !== undefined) throw broken(missing, 'it is missing')
  return fields
}

function sumsOf(files: Entries): Uint8Array {
  const lines = namesOf(files).map(name => `${sha256Hex(required(files, name))}  ${name}\n`)
  return new TextEncoder().encode(lines.join(''))
}

function namesOf(files: Entries): readonly string[] {
  return [...files.keys()].sort((a, b) => (a < b ? -1 : 1))
}

function firstDifference(sums: Uint8Array, files: Entries): string {
  const found = new Set(new TextDecoder().decode(sums).split('\n'))
  return namesOf(files).find(name => !found.has(`${sha256Hex(required(files, name))}  ${name}`)) ?? sumsName
}
