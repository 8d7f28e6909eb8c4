import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { isMissing, readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import type { Delivery, DeliveryState } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { importedTender } from './tender-file.ts'
import type { TenderChange } from './tender-changes.ts'
import { tenderChanges } from './tender-changes.ts'

/** A later package of a tender, and what it changes for a bid made for the earlier one. */
export interface Addendum {
  readonly newest: Tender
  /** How many packages later it is; 1 for the next one. */
  readonly steps: number
  readonly changes: readonly TenderChange[]
}

/**
 * The newest package this home has imported that amends a tender, over however many steps; null when there is none. Of two
 * that amend the same one the later published counts.
 */
export async function newestAddendum(ports: Ports, tender: Tender): Promise<Addendum | null> {
  const notes = (await importedNotes(ports)).filter(
    each => each.tenderId === tender.fields.tenderId && each.lotId === lotOf(tender),
  )
  const seen = new Set([tender.packageDigest])
  let newest = tender.packageDigest
  for (;;) {
    const next = notes
      .filter(each => each.supersedes === newest && !seen.has(each.packageDigest))
      .sort((a, b) => b.publishedAt.localeCompare(a.publishedAt))[0]
    if (next === undefined) break
    newest = next.packageDigest
    seen.add(newest)
  }
  if (newest === tender.packageDigest) return null
  const found = await importedTender(ports, newest)
  // A note without its package, as after a clean-up of the folder, says nothing.
  return found === null ? null : { newest: found, steps: seen.size - 1, changes: tenderChanges(tender, found) }
}

/**
 * The bids this home sealed for an earlier package of a tender's lot and that still stand, in whatever state: what a
 * newly imported addendum makes worth a look.
 */
export async function sealedForEarlier(ports: Ports, tender: Tender): Promise<readonly Delivery[]> {
  const earlier = new Set<string>()
  const notes = new Map((await importedNotes(ports)).map(each => [each.packageDigest, each.supersedes]))
  for (let each = tender.fields.supersedes; each !== undefined && !earlier.has(each); each = notes.get(each)) {
    earlier.add(each)
  }
  return (await ports.deliveries.list()).filter(
    ({ packageDigest, state }) => earlier.has(packageDigest) && !over.includes(state),
  )
}

const over: readonly DeliveryState[] = ['withdrawn', 'replaced']

/** What of an imported package is looked for; kept beside it, so that not every package must be read for every question. */
interface ImportedNote {
  readonly packageDigest: string
  readonly tenderId: string
  readonly lotId: string
  readonly publishedAt: string
  readonly supersedes?: string
}

async function importedNotes(ports: Ports): Promise<readonly ImportedNote[]> {
  const names = await readdir(ports.home.tenders).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const digests = names.flatMap(name => /^([0-9a-f]{64})\.tender$/.exec(name)?.[1] ?? [])
  const notes = await Promise.all(digests.map(digest => noteOf(ports, digest).catch(() => null)))
  return notes.filter((note): note is ImportedNote => note !== null)
}

async function noteOf(ports: Ports, packageDigest: string): Promise<ImportedNote | null> {
  const path = join(ports.home.tenders, `${packageDigest}.note.json`)
  const kept: unknown = await readJsonIfThere(path).catch(() => null)
  if (isNote(kept) && kept.packageDigest === packageDigest) return kept
  const tender = await importedTender(ports, packageDigest)
  if (tender === null) return null
  const { tenderId, publishedAt, supersedes } = tender.fields
  const note: ImportedNote = {
    ...{ packageDigest, tenderId, lotId: lotOf(tender), publishedAt },
    ...(supersedes === undefined ? {} : { supersedes }),
  }
  await writeJsonAtomic(path, note).catch(() => undefined)
  return note
}

function isNote(value: unknown): value is ImportedNote {
  if (typeof value !== 'object' || value === null) return false
  const note = value as Readonly<Record<string, unknown>>
  const texts = ['packageDigest', 'tenderId', 'lotId', 'publishedAt'] as const
  return (
    texts.every(name => typeof note[name] === 'string') &&
    (note['supersedes'] === undefined || typeof note['supersedes'] === 'string')
  )
}
