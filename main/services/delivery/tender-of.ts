import type { SealedBid, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import { importedPackage, importedTender, importTender, trustTender } from '../tenders/tender-file.ts'
import type { Trust } from '../trust.ts'

/**
 * The package the bid was sealed for: from this home, or from the platform if its signer is trusted. One that is here is not
 * fetched again; anchors that the user named judge it all the same.
 */
export async function tenderOf(
  ports: Ports,
  platform: Platform,
  bid: SealedBid,
  trust: Trust,
  options: { readonly sealedFor?: string } = {},
): Promise<Tender> {
  const { packageDigest } = bid.header.tender
  const known = await importedTender(ports, packageDigest)
  if (known !== null && !trust.named) return known
  const here = known === null ? null : await importedPackage(ports, packageDigest)
  const bytes = here ?? (await platform.tenderPackage(packageDigest))
  const trusted = await trustTender(ports, bytes, trust, options)
  if (trusted.tender.packageDigest !== packageDigest) {
    throw new AppFailure('seal.foreign-tender', 'the platform answered another tender package')
  }
  await importTender(ports, trusted)
  return trusted.tender
}
