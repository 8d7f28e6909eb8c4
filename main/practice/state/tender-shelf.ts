import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { bytesSource, lotOf } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import { readFileIfThere, writeFileAtomic } from '../../store/index.ts'
import type { PlatformKeys } from '../platform-keys.ts'
import { namesIn } from './folders.ts'

/** A tender this platform runs, or an older package of one. */
export interface ShelvedTender {
  readonly tender: Tender
  readonly openingId: string
  /** As it counts: the package's own, or the later one of an extension. */
  readonly deadline: Date
  /** As it counts, too. */
  readonly openingTime: Date
}

/** The tender packages of the platform. */
export interface TenderShelf {
  all(): readonly ShelvedTender[]
  byDigest(packageDigest: string): ShelvedTender | null
  /** The package in force for an opening: the one no other supersedes. */
  inForce(openingId: string): ShelvedTender | null
  /** The `.tender` file. Throws `platform.unknown`. */
  packageBytes(packageDigest: string): Promise<Uint8Array>
  /** Publishes a package; the same one again changes nothing. Throws `tender.invalid`. */
  add(packageBytes: Uint8Array): Promise<ShelvedTender>
  /** Lets later dates count for a package; the notice that says so is durable. Nothing for an unknown one. */
  extend(packageDigest: string, dates: Pick<ShelvedTender, 'deadline' | 'openingTime'>): void
}

/** The opening of a tender's lot. A later package of the same lot has the same opening. */
export function openingIdOf(tender: Tender): string {
  const lot = createHash('sha256')
    .update(`${tender.fields.tenderId}\0${lotOf(tender)}`)
    .digest('hex')
  return `opening-${lot.slice(0, 24)}`
}

/** The shelf over its folder, for the platform with these keys. */
export async function openTenderShelf(folder: string, keys: PlatformKeys): Promise<TenderShelf> {
  const tenders = new Map<string, ShelvedTender>()
  const path = (packageDigest: string): string => join(folder, `${packageDigest}.tender`)
  const ofOpening = (openingId: string): readonly ShelvedTender[] =>
    [...tenders.values()].filter(each => each.openingId === openingId)
  const inForce = (openingId: string): ShelvedTender | null => {
    const packages = ofOpening(openingId)
    const superseded = new Set(packages.map(({ tender }) => tender.fields.supersedes))
    return packages.find(({ tender }) => !superseded.has(tender.packageDigest)) ?? null
  }
  const shelve = (tender: Tender): ShelvedTender => {
    const { deadline, openingTime } = tender.fields
    const shelved = {
      tender,
      openingId: openingIdOf(tender),
      deadline: new Date(deadline),
      openingTime: new Date(openingTime),
    }
    tenders.set(tender.packageDigest, shelved)
    return shelved
  }

  for (const packageDigest of await namesIn(folder, '.tender')) {
    const bytes = await readFileIfThere(path(packageDigest))
    if (bytes !== null) shelve((await readTenderPackage(bytesSource(bytes))).tender)
  }

  return {
    all: () => [...tenders.values()],
    byDigest: packageDigest => tenders.get(packageDigest) ?? null,
    inForce,
    async packageBytes(packageDigest) {
      const bytes = tenders.has(packageDigest) ? await readFileIfThere(path(packageDigest)) : null
      if (bytes === null) throw new AppFailure('platform.unknown', 'no such tender package')
      return bytes
    },
    async add(packageBytes) {
      const { tender } = await readTenderPackage(bytesSource(packageBytes))
      const known = tenders.get(tender.packageDigest)
      if (known !== undefined) return known
      requirePublishable(tender, keys, inForce(openingIdOf(tender)))
      await writeFileAtomic(path(tender.packageDigest), packageBytes)
      return shelve(tender)
    },
    extend(packageDigest, { deadline, openingTime }) {
      const shelved = tenders.get(packageDigest)
      if (shelved !== undefined) tenders.set(packageDigest, { ...shelved, deadline, openingTime })
    },
  }
}

function requirePublishable(tender: Tender, keys: PlatformKeys, current: ShelvedTender | null): void {
  const { fields } = tender
  if (fields.suites.some(suite => suite !== keys.suite.id)) {
    throw invalid(`the tender accepts another suite than ${keys.suite.id}, which this platform has no keys for`)
  }
  if (fields.platformId !== keys.platformId) throw invalid('the tender is another platform’s')
  if (new Date(fields.deadline) > new Date(fields.openingTime)) throw invalid('the opening lies before the deadline')
  // What the tender promises must be in this platform's power: receipts, openings, the agency's trial of every share.
  for (const purpose of ['receipt', 'opening', 'agency'] as const) {
    const listed = tender.certificates(purpose)
    const needed = purpose !== 'agency' || fields.keyPolicy === 'split'
    const own = keys.certificates.find(each => each.purpose === purpose)?.certificate
    if (needed && listed.length === 0) throw invalid(`the tender lists no certificate for ${purpose}`)
    if (listed.some(({ der }) => own === undefined || Buffer.compare(der, own) !== 0)) {
      throw invalid(`the tender lists a certificate for ${purpose} that is not this platform's`)
    }
  }
  if (fields.supersedes !== current?.tender.packageDigest) {
    throw invalid('the tender does not supersede the package in force, or supersedes none')
  }
}

function invalid(detail: string): AppFailure {
  return new AppFailure('tender.invalid', detail)
}
