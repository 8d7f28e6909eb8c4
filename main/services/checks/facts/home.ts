import { readdir } from 'node:fs/promises'
import { lotOf } from '../../../../crypto/index.ts'
import type { Tender } from '../../../../crypto/index.ts'
import { newestAddendum } from '../../tenders/addenda.ts'
import { importedTender } from '../../tenders/tender-file.ts'
import type { Ports } from '../../ports.ts'
import type { BidFacts, KnownTender } from '../facts.ts'

/** What this home knows beside the bid: tender packages that were imported, and bids that were sealed. Nothing leaves it. */
export async function gatherHome(
  ports: Ports,
  tender: Tender,
): Promise<Pick<BidFacts, 'knownTenders' | 'otherBids' | 'addendum'>> {
  const otherBids = (await ports.deliveries.list()).map(({ shortCode, creditCode, tenderId }) => {
    return { shortCode, creditCode, tenderId }
  })
  const names = await readdir(ports.home.tenders).catch(() => [])
  const digests = names.flatMap(name => /^([0-9a-f]{64})\.tender$/.exec(name)?.[1] ?? [])
  const others = digests.filter(digest => digest !== tender.packageDigest)
  const read = await Promise.all(others.map(digest => knownTender(ports, digest)))
  const later = await newestAddendum(ports, tender)
  const addendum =
    later === null
      ? null
      : {
          title: later.newest.fields.title,
          publishedAt: later.newest.fields.publishedAt,
          changes: later.changes.length,
        }
  return { otherBids, addendum, knownTenders: read.filter(each => each !== null) }
}

/** A package never changes: its digest is its name. */
const known = new Map<string, KnownTender>()

/** A package that is damaged says nothing. */
async function knownTender(ports: Ports, packageDigest: string): Promise<KnownTender | null> {
  const before = known.get(packageDigest)
  if (before !== undefined) return before
  const tender = await importedTender(ports, packageDigest).catch(() => null)
  if (tender === null) return null
  const { tenderId, projectCode, title } = tender.fields
  const found = { packageDigest, tenderId, lotId: lotOf(tender), projectCode, title }
  known.set(packageDigest, found)
  return found
}
