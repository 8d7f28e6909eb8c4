import { join } from 'node:path'
import { bytesSource, CryptoFailure, lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { Platform } from '../../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { tenderChanges } from '../tenders/tender-changes.ts'
import { importedTender } from '../tenders/tender-file.ts'

/** What the search needs of this home. */
type HomePorts = Pick<Ports, 'home'>

/**
 * Looks whether the platform has a package that amends the one a bid was sealed for, over however many steps. A notice of
 * news is enough to stop; who signed it is judged when the new package is imported. What a package amends is written down
 * in the home, so that each is fetched once and not for every attempt; one that nobody can read stops nothing. Throws
 * `tender.addendum-newer` with the differences between the bid's package and the newest, and what the platform throws
 * when it cannot be asked.
 */
export async function requireNoAddendum(ports: Ports, platform: Platform, tender: Tender): Promise<void> {
  const notes = await notesOfOthers(ports, platform, tender)
  const seen = new Set([tender.packageDigest])
  let newest: PackageNote | null = null
  for (;;) {
    const before: string = newest?.packageDigest ?? tender.packageDigest
    const next = notes
      .filter(({ packageDigest, supersedes }) => supersedes === before && !seen.has(packageDigest))
      .sort((a, b) => Date.parse(b.publishedAt) - Date.parse(a.publishedAt))[0]
    if (next === undefined) break
    newest = next
    seen.add(next.packageDigest)
  }
  if (newest === null) return
  const { packageDigest, publishedAt } = newest
  const found = await packageOf(ports, platform, packageDigest)
  throw new AppFailure('tender.addendum-newer', `package ${packageDigest.slice(0, 16)} supersedes the bid's`, {
    addendum: {
      packageDigest,
      publishedAt,
      steps: seen.size - 1,
      changes: found === null ? [] : tenderChanges(tender, found),
    },
  })
}

/** What of a package is looked for. The digest binds it: whoever wrote it down, it is what the package says. */
interface PackageNote {
  readonly packageDigest: string
  readonly tenderId: string
  readonly lotId: string
  readonly publishedAt: string
  readonly supersedes?: string
}

async function notesOfOthers(ports: Ports, platform: Platform, tender: Tender): Promise<readonly PackageNote[]> {
  const earlier = await earlierThan(ports, tender)
  const { tenderId } = tender.fields
  const listed = (await platform.tenders()).filter(
    each => each.tenderId === tenderId && each.lotId === lotOf(tender) && !earlier.has(each.packageDigest),
  )
  const notes: PackageNote[] = []
  for (const { packageDigest } of listed) {
    const note = (await keptNote(ports, packageDigest)) ?? (await freshNote(ports, platform, packageDigest))
    if (note !== null && note.tenderId === tenderId && note.lotId === lotOf(tender)) notes.push(note)
  }
  return notes
}

/** The bid's package and those it amends, as far as this home knows them. */
async function earlierThan(ports: Ports, tender: Tender): Promise<ReadonlySet<string>> {
  const earlier = new Set([tender.packageDigest])
  for (let each = tender.fields.supersedes; each !== undefined && !earlier.has(each);) {
    earlier.add(each)
    const note = await keptNote(ports, each)
    const known = note ?? (await importedTender(ports, each).catch(() => null))?.fields
    each = known?.supersedes
  }
  return earlier
}

async function freshNote(ports: Ports, platform: Platform, packageDigest: string): Promise<PackageNote | null> {
  const tender = await packageOf(ports, platform, packageDigest)
  if (tender === null) return null
  const { tenderId, publishedAt, supersedes } = tender.fields
  const note: PackageNote = {
    ...{ packageDigest, tenderId, lotId: lotOf(tender), publishedAt },
    ...(supersedes === undefined ? {} : { supersedes }),
  }
  // Without it the package is read once more, and that is all.
  await writeJsonAtomic(notePath(ports, packageDigest), note).catch(() => undefined)
  return note
}

/** The package from this home, else from the platform; null when it cannot be read. */
async function packageOf(ports: Ports, platform: Platform, packageDigest: string): Promise<Tender | null> {
  const imported = await importedTender(ports, packageDigest).catch(() => null)
  if (imported !== null) return imported
  try {
    const { tender } = await readTenderPackage(bytesSource(await platform.tenderPackage(packageDigest)))
    return tender.packageDigest === packageDigest ? tender : null
  } catch (error) {
    if (isUnreadable(error)) return null
    throw error
  }
}

/** Whether it is the package that is no good, and not the way to it. */
function isUnreadable(error: unknown): boolean {
  if (error instanceof CryptoFailure) return true
  if (!(error instanceof AppFailure)) return false
  return error.code.startsWith('tender.') || error.code === 'platform.unknown' || error.code === 'platform.refused'
}

async function keptNote(ports: HomePorts, packageDigest: string): Promise<PackageNote | null> {
  // A name from outside becomes part of a path.
  if (!/^[0-9a-f]{64}$/.test(packageDigest)) return null
  const kept: unknown = await readJsonIfThere(notePath(ports, packageDigest)).catch(() => null)
  return isNote(kept) && kept.packageDigest === packageDigest ? kept : null
}

/** As the home keeps them of imported packages too. */
function notePath({ home }: HomePorts, packageDigest: string): string {
  return join(home.tenders, `${packageDigest}.note.json`)
}

function isNote(value: unknown): value is PackageNote {
  if (typeof value !== 'object' || value === null) return false
  const note = value as Readonly<Record<string, unknown>>
  return (
    ['packageDigest', 'tenderId', 'lotId', 'publishedAt'].every(name => typeof note[name] === 'string') &&
    (note['supersedes'] === undefined || typeof note['supersedes'] === 'string')
  )
}
