import { bytesSource, lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { Platform } from '../../platform/index.ts'
import { tenderChanges } from '../tenders/tender-changes.ts'

/**
 * Looks whether the platform has a package that amends the one a bid was sealed for, over however many steps. A notice of
 * news is enough to stop; who signed it is judged when the new package is imported. Throws `tender.addendum-newer` with the
 * differences between the bid's package and the newest.
 */
export async function requireNoAddendum(platform: Platform, tender: Tender): Promise<void> {
  const others = await otherPackages(platform, tender)
  const seen = new Set([tender.packageDigest])
  let newest: Tender | null = null
  for (;;) {
    const before: string = newest?.packageDigest ?? tender.packageDigest
    const next = others
      .filter(({ packageDigest, fields }) => fields.supersedes === before && !seen.has(packageDigest))
      .sort((a, b) => Date.parse(b.fields.publishedAt) - Date.parse(a.fields.publishedAt))[0]
    if (next === undefined) break
    newest = next
    seen.add(next.packageDigest)
  }
  if (newest === null) return
  const { packageDigest, fields } = newest
  throw new AppFailure('tender.addendum-newer', `package ${packageDigest.slice(0, 16)} supersedes the bid's`, {
    addendum: {
      packageDigest,
      publishedAt: fields.publishedAt,
      steps: seen.size - 1,
      changes: tenderChanges(tender, newest),
    },
  })
}

async function otherPackages(platform: Platform, tender: Tender): Promise<readonly Tender[]> {
  const listed = (await platform.tenders()).filter(
    ({ tenderId, lotId, packageDigest }) =>
      tenderId === tender.fields.tenderId && lotId === lotOf(tender) && packageDigest !== tender.packageDigest,
  )
  const packages: Tender[] = []
  for (const { packageDigest } of listed) {
    packages.push((await readTenderPackage(bytesSource(await platform.tenderPackage(packageDigest)))).tender)
  }
  return packages
}
