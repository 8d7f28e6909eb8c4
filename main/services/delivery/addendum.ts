import { bytesSource, lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { Platform } from '../../platform/index.ts'

/**
 * Looks whether the platform has a package that amends the one a bid was sealed for. A notice of news is enough to stop;
 * who signed it is judged when the new package is imported. Throws `tender.addendum-newer`.
 */
export async function requireNoAddendum(platform: Platform, tender: Tender): Promise<void> {
  const listed = await platform.tenders()
  const others = listed.filter(
    ({ tenderId, lotId, packageDigest }) =>
      tenderId === tender.fields.tenderId && lotId === lotOf(tender) && packageDigest !== tender.packageDigest,
  )
  for (const { packageDigest } of others) {
    const { tender: other } = await readTenderPackage(bytesSource(await platform.tenderPackage(packageDigest)))
    if (other.fields.supersedes === tender.packageDigest) {
      throw new AppFailure('tender.addendum-newer', `package ${packageDigest.slice(0, 16)} supersedes the bid's`)
    }
  }
}
