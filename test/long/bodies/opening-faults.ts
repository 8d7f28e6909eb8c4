import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDocument, verifyPlatformDocument } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform } from '../../../main/platform/index.ts'
import type { CliRun } from '../../fixtures/cli.ts'
import { draftsUnder } from '../../fixtures/delivery-rig.ts'
import { type DeliveredBid, deliverBid, openCommand } from '../../fixtures/faults/delivered-bid.ts'
import { faultDeck } from '../../fixtures/faults/deck.ts'
import type { FaultRig } from '../../fixtures/faults/fault-rig.ts'
import { releasesAt } from '../../fixtures/faults/attendance.ts'
import { badEnding, failureOf, homeState, keptDocument } from '../../fixtures/faults/truth.ts'
import { randomFrom } from '../../setup/scale.ts'

/** What faults during openings came to. */
export interface OpeningReport {
  readonly fired: Readonly<Record<string, number>>
  readonly faults: number
  readonly openings: number
  /** Openings whose record says opened, with one release that counts. */
  readonly recorded: number
  readonly wrong: readonly string[]
  readonly longest: { readonly milliseconds: number; readonly faults: string }
}

export interface OpeningFaults {
  readonly faults: number
  /** Most faults that fall on one opening. */
  readonly most: number
  readonly patient: boolean
  readonly seed: number
}

/** Longer than any clock here jumps, so that the window for keys stays open. */
const threeDays = 3 * 24 * 60

/**
 * Attends openings with faults in the way until so many have happened; then the command is run again with nothing in the
 * way. Each must end with one release that the platform has, and a record that says opened.
 */
export async function openUnderFaults(rig: FaultRig, options: OpeningFaults): Promise<OpeningReport> {
  const random = randomFrom(options.seed)
  const deck = faultDeck(rig.kinds, random)
  const wrong: string[] = []
  let [openings, recorded] = [0, 0]
  let longest = { milliseconds: 0, faults: '' }
  while (deck.total < options.faults) {
    const kinds = deck.draw(Math.min(1 + random(options.most), options.faults - deck.total))
    const name = `E53000010000022${String(openings).padStart(3, '0')}`
    const bid = await deliverBid(rig, name, { hours: 1, releaseMinutes: threeDays })
    openings += 1
    await rig.advanceTo(bid.openingTime)
    const around = { bodyBytes: 24_000, requests: 12, last: /\/releases$/, patient: options.patient, random }
    const faulted = await rig.runWith(kinds, openCommand(rig, bid), around)
    for (const kind of kinds) {
      if (faulted.fired.some(fired => fired.kind === kind)) deck.note(kind)
      else deck.putBack(kind)
    }
    const faults = faulted.fired.map(({ kind, request }) => `${kind} at ${request}`).join(', ')
    if (faulted.milliseconds > longest.milliseconds) longest = { milliseconds: faulted.milliseconds, faults }
    const found = [
      ...badEnding(faulted.run),
      ...(await falseRelease(rig, bid, faulted.run)),
      ...(await finish(rig, bid, faulted.run)),
      ...(await unrecorded(rig, bid)),
    ]
    if (found.length === 0) recorded += 1
    wrong.push(...found.map(each => `opening ${openings} (${faults}): ${each}`))
  }
  const fired = Object.fromEntries([...deck.fired].sort(([a], [b]) => a.localeCompare(b)))
  return { fired, faults: deck.total, openings, recorded, wrong, longest }
}

/** A home or a run that says released where the platform has no release. */
async function falseRelease(rig: FaultRig, bid: DeliveredBid, run: CliRun): Promise<readonly string[]> {
  const state = homeState(rig, bid.sealed)
  const said = run.code === 0 || state === 'released' || state === 'closed'
  const has = (await releasesAt(rig, bid)).some(({ late }) => !late)
  return said && !has ? [`said released (${String(state)}) and the platform has no release`] : []
}

async function finish(rig: FaultRig, bid: DeliveredBid, first: CliRun): Promise<readonly string[]> {
  const wrong: string[] = []
  const codes: string[] = []
  let last = first
  for (let attempt = 0; attempt < 6; attempt += 1) {
    if (last.code === 0 && attempt > 0) break
    last = await rig.run(openCommand(rig, bid))
    wrong.push(...badEnding(last), ...(await falseRelease(rig, bid, last)))
    const failure = failureOf(last)
    if (failure !== null) codes.push(failure.code)
  }
  if (last.code !== 0) wrong.push(`did not end in six runs: ${codes.join(', ')} ${last.stdout}`)
  return wrong
}

/** What is missing of an opening that has ended: one release, a record that holds and says opened, documents, no drafts. */
async function unrecorded(rig: FaultRig, bid: DeliveredBid): Promise<readonly string[]> {
  const { sealed, tender, openingId } = bid
  const wrong = draftsUnder(join(rig.folder, 'home')).map(name => `half-made in the home: ${name}`)
  const releases = await releasesAt(rig, bid)
  if (releases.length !== 1 || releases.some(({ late }) => late)) {
    wrong.push(`the platform has ${releases.length} releases: ${JSON.stringify(releases.map(({ late }) => late))}`)
  }
  const record = await httpPlatform(rig.url, nodeHttp()).record(openingId)
  if (record === null) return [...wrong, 'there is no record']
  const at = new Date(decodeDocument('record', record.bytes).serverTime)
  const { bids } = verifyPlatformDocument('record', record, tender, 'opening', at)
  const own = bids.filter(({ sealDigest }) => sealDigest === sealed.sealDigest)
  if (own.length !== 1 || own[0]?.state !== 'opened') wrong.push(`the record says ${JSON.stringify(own)}`)
  const kept = keptDocument(rig, sealed, 'record')
  if (kept === null || Buffer.compare(kept.bytes, record.bytes) !== 0) wrong.push('the home has not kept the record')
  const opened = join(rig.folder, 'practice', 'opened', sealed.sealId, 'documents')
  if (readdirSync(opened).length === 0) wrong.push('no document was opened')
  return wrong
}
