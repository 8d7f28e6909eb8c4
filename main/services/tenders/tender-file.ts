import { join } from 'node:path'
import { bytesSource, readAll, requireTenderTrust } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import { readFileIfThere, writeFileAtomic } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { keptEvidence } from '../revocation/evidence.ts'
import { shelfAt } from '../revocation/shelf.ts'
import type { Trust } from '../trust.ts'

/** A tender package whose signer has been found trustworthy. */
export interface TrustedTender {
  readonly tender: Tender
  /** The `.tender` file. */
  readonly packageBytes: Uint8Array
}

/** The largest package that is read, in bytes. */
const maxPackage = 512 * 1024 * 1024

/**
 * Reads a `.tender` file and judges its signer: by the anchors the user named, else by what this home already trusts (a
 * package imported before, or its trust list). Throws `tender.invalid`, `cert.*`, `input.unreadable`.
 */
export async function openTender(ports: Ports, path: string, trust: Trust): Promise<TrustedTender> {
  const source = await ports.files.open(path)
  try {
    return await trustTender(ports, await readAll(source, maxPackage), trust)
  } finally {
    await source.close()
  }
}

/**
 * {@link openTender} for a package that came another way. A package that is new here is judged now; one that was imported
 * before, or that a sealed bid names by its digest (`sealedFor`), was found in time, and is judged when it was published:
 * its signer's certificate may have expired since.
 */
export async function trustTender(
  ports: Ports,
  packageBytes: Uint8Array,
  trust: Trust,
  options: { readonly sealedFor?: string } = {},
): Promise<TrustedTender> {
  const { tender } = await readTenderPackage(bytesSource(packageBytes))
  const { packageDigest } = tender
  const imported = (await importedTender(ports, packageDigest)) !== null
  if (trust.named || !imported) {
    const known = imported || options.sealedFor === packageDigest
    const at = known ? new Date(tender.fields.publishedAt) : ports.clock.now()
    const { signer, intermediates } = tender.signature
    const evidence = await keptEvidence(shelfAt(ports.home.revocation), [signer, ...intermediates], at)
    requireTenderTrust(tender, trust.anchors, at, evidence)
  }
  return { tender, packageBytes }
}

/** Keeps a trusted package in the home, so that later commands need neither the file nor its trust anchors. */
export async function importTender(ports: Ports, { tender, packageBytes }: TrustedTender): Promise<void> {
  if ((await importedTender(ports, tender.packageDigest)) !== null) return
  await writeFileAtomic(pathOf(ports, tender.packageDigest), packageBytes)
  await ports.journal.append('tender-imported', {
    packageDigest: tender.packageDigest,
    tenderId: tender.fields.tenderId,
  })
}

/** A package imported before, null when there is none. */
export async function importedTender(ports: Ports, packageDigest: string): Promise<Tender | null> {
  if (!/^[0-9a-f]{64}$/.test(packageDigest)) return null
  const bytes = await importedPackage(ports, packageDigest)
  if (bytes === null) return null
  const { tender } = await readTenderPackage(bytesSource(bytes))
  if (tender.packageDigest !== packageDigest) throw new AppFailure('tender.invalid', 'a stored package is damaged')
  return tender
}

/** The `.tender` file of a package imported before, null when there is none. */
export function importedPackage(ports: Ports, packageDigest: string): Promise<Uint8Array | null> {
  return readFileIfThere(pathOf(ports, packageDigest))
}

function pathOf(ports: Ports, packageDigest: string): string {
  return join(ports.home.tenders, `${packageDigest}.tender`)
}
