import { readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CryptoFailure } from '../../../crypto/index.ts'
import { AppFailure, isFailureCode } from '../../contract/failure.ts'
import type { FailureCode } from '../../contract/failure.ts'
import { isMissing, readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import { isSealedBid } from '../bids/sealed-magic.ts'
import type { Ports } from '../ports.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import { effectiveDates } from '../tenders/notices.ts'
import { importedTender } from '../tenders/tender-file.ts'

/** A sealed bid that waits to be submitted. Holds where things are and never a PIN. */
export interface QueuedBid {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly packageDigest: string
  /** Of the platform as the tender names it, with the next two: what only one bid of a bidder can stand for. */
  readonly platformId: string
  readonly tenderId: string
  readonly lotId: string
  readonly creditCode: string
  /** Absolute. */
  readonly file: string
  readonly platform: string
  /** URI of the lock that authorises. */
  readonly token: string
  /** RFC 3339 UTC. */
  readonly addedAt: string
  /** RFC 3339 UTC; the opening time while the tender package is not here. */
  readonly until: string
  /** What its last attempt came to, where that was not a receipt. */
  readonly last?: QueuedFailure
}

export interface QueuedFailure {
  readonly code: FailureCode
  readonly platformSays?: string
  readonly at: string
}

/** What is to be queued. */
export interface QueueRequest {
  readonly file: string
  readonly platformUrl: string
  readonly token: string
  /** Takes the place of whatever bid of the same bidder waits for the same lot. */
  readonly replace?: boolean | undefined
}

/**
 * Puts a sealed bid into the queue; once more under the same sealId it takes the earlier one's place. Nothing is sent. Throws
 * `output.exists` when another bid of this bidder waits for the same lot, unless it is to be replaced.
 */
export async function addToQueue(ports: Ports, request: QueueRequest): Promise<QueuedBid> {
  // Asked for its refusal of what is no address.
  ports.platformAt(request.platformUrl)
  if (!(await isSealedBid(request.file))) {
    await (await ports.files.open(request.file)).close()
    throw new AppFailure('platform.unsealed', 'the file is not a sealed bid')
  }
  const queued = await withSealedBid(ports, request.file, async bid => {
    if (bid.kind === 'header') throw new CryptoFailure('seal.container', 'this is the header alone; the bid is needed')
    const { sealId, tender, bidder } = bid.header
    const known = await importedTender(ports, tender.packageDigest)
    const until = known === null ? tender.openingTime : (await effectiveDates(ports, known)).deadline.toISOString()
    return {
      ...{ sealId, sealDigest: bid.sealDigest, shortCode: bid.shortCode, packageDigest: tender.packageDigest },
      ...{ platformId: tender.platform, tenderId: tender.tenderId, lotId: tender.lotId, creditCode: bidder.creditCode },
      ...{ file: resolve(request.file), platform: request.platformUrl, token: request.token },
      addedAt: ports.clock.now().toISOString(),
      until,
    }
  })
  const others = (await queuedBids(ports)).bids.filter(each => each.sealId !== queued.sealId && isForSame(each, queued))
  const [other] = others
  if (other !== undefined && request.replace !== true) {
    throw new AppFailure('output.exists', `bid ${other.shortCode} of this bidder waits for the same lot already`)
  }
  await saveQueued(ports, queued)
  for (const { sealId } of others) await removeFromQueue(ports, sealId)
  return queued
}

function isForSame(a: QueuedBid, b: QueuedBid): boolean {
  return (['platformId', 'tenderId', 'lotId', 'creditCode'] as const).every(name => a[name] === b[name])
}

/** One entry as it stands now; null when it is not in the queue any more, or can't be read. */
export async function queuedBid(ports: Pick<Ports, 'home'>, sealId: string): Promise<QueuedBid | null> {
  const found = await readJsonIfThere(pathOf(ports, sealId)).catch(() => null)
  return isQueued(found) && found.sealId === sealId ? found : null
}

/** What waits, the earliest deadline first. Files that can't be read are named apart: they hide no other. */
export async function queuedBids(
  ports: Pick<Ports, 'home'>,
): Promise<{ readonly bids: readonly QueuedBid[]; readonly damaged: readonly string[] }> {
  const names = await readdir(folderOf(ports)).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw new AppFailure('input.unreadable', 'the queue cannot be read', { cause: error })
  })
  const ids = names.flatMap(name => /^([0-9a-f-]{36})\.json$/.exec(name)?.[1] ?? [])
  const bids: QueuedBid[] = []
  const damaged: string[] = []
  for (const sealId of ids) {
    const found = await readJsonIfThere(pathOf(ports, sealId)).catch(() => undefined)
    if (found === null) continue
    if (isQueued(found) && found.sealId === sealId) bids.push(found)
    else damaged.push(sealId)
  }
  bids.sort((a, b) => Date.parse(a.until) - Date.parse(b.until) || a.addedAt.localeCompare(b.addedAt))
  return { bids, damaged }
}

/** Takes a bid out of the queue, a damaged entry too; false when it was not in it. Throws `arguments.bad` for no sealId. */
export async function removeFromQueue(ports: Pick<Ports, 'home'>, sealId: string): Promise<boolean> {
  if (!/^[0-9a-f-]{36}$/.test(sealId)) throw new AppFailure('arguments.bad', 'this is not a sealId')
  try {
    await rm(pathOf(ports, sealId))
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw new AppFailure('output.unwritable', 'the entry cannot be removed', { cause: error })
  }
}

/** Writes an entry, whole or not at all. */
export function saveQueued(ports: Pick<Ports, 'home'>, queued: QueuedBid): Promise<void> {
  return writeJsonAtomic(pathOf(ports, queued.sealId), { type: 'bidseal/1 queued', ...queued }, 0o600)
}

/** The lock file under which one program at a time works the queue off. */
export function queueLock(ports: Pick<Ports, 'home'>): string {
  return join(folderOf(ports), 'run.lock')
}

function folderOf({ home }: Pick<Ports, 'home'>): string {
  return join(home.root, 'queue')
}

function pathOf(ports: Pick<Ports, 'home'>, sealId: string): string {
  return join(folderOf(ports), `${sealId}.json`)
}

const texts = [
  ...['sealId', 'sealDigest', 'shortCode', 'packageDigest'],
  ...['platformId', 'tenderId', 'lotId', 'creditCode'],
  ...['file', 'platform', 'token', 'addedAt', 'until'],
]

function isQueued(value: unknown): value is QueuedBid {
  if (typeof value !== 'object' || value === null) return false
  const entry = value as Readonly<Record<string, unknown>>
  return (
    entry['type'] === 'bidseal/1 queued' &&
    texts.every(name => typeof entry[name] === 'string') &&
    !Number.isNaN(Date.parse(String(entry['until']))) &&
    (entry['last'] === undefined || isFailure(entry['last']))
  )
}

function isFailure(value: unknown): value is QueuedFailure {
  if (typeof value !== 'object' || value === null) return false
  const last = value as Readonly<Record<string, unknown>>
  return (
    isFailureCode(last['code']) &&
    typeof last['at'] === 'string' &&
    (last['platformSays'] === undefined || typeof last['platformSays'] === 'string')
  )
}
