import { rmSync, statSync } from 'node:fs'
import { type Tender, bytesSource } from '../../../crypto/index.ts'
import { readFileSync } from 'node:fs'
import { readTenderPackage } from '../../../main/platform/index.ts'
import { objectOf, type CliRun } from '../../fixtures/cli.ts'
import type { SealedFile } from '../../fixtures/delivery-rig.ts'
import { faultDeck } from '../../fixtures/faults/deck.ts'
import type { FaultedOutcome, FaultRig, RunOptions } from '../../fixtures/faults/fault-rig.ts'
import type { FaultKind } from '../../fixtures/faults/kinds.ts'
import { badEnding, failureOf, leftovers, platformHas, untruths } from '../../fixtures/faults/truth.ts'
import { randomFrom } from '../../setup/scale.ts'

const mebibyte = 2 ** 20

/** What faults during submissions came to. */
export interface SubmitReport {
  /** How often each kind of fault happened. */
  readonly fired: Readonly<Record<string, number>>
  readonly faults: number
  readonly bids: number
  /** Bids that ended complete and receipted. */
  readonly complete: number
  /** Bids that ended refused, with the code. */
  readonly refused: readonly string[]
  /** Everything that must not be; each with the faults it came from. */
  readonly wrong: readonly string[]
  /** Most bytes of bodies that passed again, for one fault of a bid. */
  readonly resent: number
  /** The longest run of the client, in milliseconds, and with what in its way. */
  readonly longest: { readonly milliseconds: number; readonly faults: string }
}

export interface SubmitFaults {
  readonly faults: number
  /** MiB of the bids, taken in turn by chance. */
  readonly sizes: readonly number[]
  /** Most faults that fall on one bid. */
  readonly most: number
  readonly patient: boolean
  readonly seed: number
}

/**
 * Submits bids with faults in the way until so many have happened. After each run of the client nothing untrue may be said;
 * then the command is run again with nothing in the way, as a person would, and the bid must end complete and receipted or
 * refused with a code.
 */
export async function submitUnderFaults(rig: FaultRig, options: SubmitFaults): Promise<SubmitReport> {
  const random = randomFrom(options.seed)
  const deck = faultDeck(rig.kinds, random)
  const folders = new Map<number, string>()
  for (const size of new Set(options.sizes)) {
    folders.set(size, await rig.newBid(`bid-of-${size}`, rig.tenderFile, size * mebibyte))
  }
  const { tender } = await readTenderPackage(bytesSource(readFileSync(rig.tenderFile)))
  const wrong: string[] = []
  const refused: string[] = []
  let [bids, complete, resent] = [0, 0, 0]
  let longest = { milliseconds: 0, faults: '' }
  while (deck.total < options.faults) {
    const kinds = deck.draw(Math.min(1 + random(options.most), options.faults - deck.total))
    const size = options.sizes[random(options.sizes.length)] ?? 1
    const sealed = await rig.seal(`bid-${bids}.sbid`, folders.get(size) ?? '', rig.tenderFile)
    bids += 1
    const one = await submitOne({ rig, tender, sealed, kinds, random, patient: options.patient })
    for (const kind of kinds) {
      if (one.faulted.fired.some(fired => fired.kind === kind)) deck.note(kind)
      else deck.putBack(kind)
    }
    const faults = one.faulted.fired.map(({ kind, request }) => `${kind} at ${request}`).join(', ')
    wrong.push(...one.wrong.map(each => `bid ${bids} of ${size} MiB (${faults}): ${each}`))
    if (one.refused === null) complete += 1
    else refused.push(`${one.refused} (${faults})`)
    if (one.faulted.milliseconds > longest.milliseconds) longest = { milliseconds: one.faulted.milliseconds, faults }
    const flips = kinds.some(kind => kind === 'bit-flip')
    if (!flips) resent = Math.max(resent, one.resent / Math.max(1, one.faulted.fired.length))
    rmSync(sealed.path)
  }
  const fired = Object.fromEntries([...deck.fired].sort(([a], [b]) => a.localeCompare(b)))
  return { fired, faults: deck.total, bids, complete, refused, wrong, resent, longest }
}

interface Submission {
  readonly rig: FaultRig
  readonly tender: Tender
  readonly sealed: SealedFile
  readonly kinds: readonly FaultKind[]
  readonly random: (limit: number) => number
  readonly patient: boolean
}

interface SubmissionEnd {
  readonly faulted: FaultedOutcome
  readonly wrong: readonly string[]
  /** The code it was refused with; null when it is complete. */
  readonly refused: string | null
  readonly resent: number
}

async function submitOne({ rig, tender, sealed, kinds, random, patient }: Submission): Promise<SubmissionEnd> {
  const command = submitCommand(rig, sealed)
  const size = statSync(sealed.path).size
  const from = rig.proxy.seen.length
  const options = { bodyBytes: size + 40_000, requests: 8, last: /\/complete$/, patient, random }
  const faulted = await rig.runWith(kinds, command, options)
  const wrong = [...badEnding(faulted.run), ...(await untruths(rig, tender, sealed, faulted.run))]
  const again = await finish(rig, tender, sealed, command, faulted.run)
  wrong.push(...again.wrong, ...(await leftovers(rig, sealed)))
  const sent = rig.proxy.seen.slice(from).filter(({ method }) => method === 'PATCH')
  const resent = sent.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0) - size
  if (again.refused === null) wrong.push(...(await withdrawn(rig, sealed)))
  return { faulted, wrong, refused: again.refused, resent: Math.max(0, resent) }
}

/** The command that submits a bid through the bad network. */
export function submitCommand(rig: FaultRig, { path }: SealedFile): readonly string[] {
  return ['submit', path, '--platform', rig.proxy.url, '--token', rig.lock, '--trust', rig.trust]
}

/**
 * Runs the command again until it succeeds, as a person would who has mended what was wrong: at most six times. What is
 * refused twice with the same code is refused.
 */
async function finish(
  rig: FaultRig,
  tender: Tender,
  sealed: SealedFile,
  command: readonly string[],
  first: CliRun,
): Promise<{ readonly wrong: readonly string[]; readonly refused: string | null }> {
  const wrong: string[] = []
  const codes: string[] = []
  let last = first
  for (let attempt = 0; attempt < 6; attempt += 1) {
    if (last.code === 0 && attempt > 0) break
    last = await rig.run(command)
    wrong.push(...badEnding(last), ...(await untruths(rig, tender, sealed, last)))
    const failure = failureOf(last)
    if (failure === null) continue
    codes.push(failure.code)
    if (!failure.retriable && codes.at(-2) === failure.code) return { wrong, refused: failure.code }
  }
  if (last.code === 0) {
    if ((objectOf(last)['receipt'] as { sealDigest: string }).sealDigest !== sealed.sealDigest) {
      wrong.push('the receipt that was printed is for another bid')
    }
    return { wrong, refused: null }
  }
  const says = (objectOf(last)['detail'] ?? '') as string
  wrong.push(`did not end in six runs: ${codes.join(', ')} ${says}`)
  return { wrong, refused: codes.at(-1) ?? 'none' }
}

async function withdrawn(rig: FaultRig, sealed: SealedFile): Promise<readonly string[]> {
  const command = ['withdraw', sealed.sealId, ...submitCommand(rig, sealed).slice(2)]
  const run = await rig.run(command)
  return run.code === 0 ? [] : [`could not be withdrawn afterwards: ${run.stdout}`]
}

/**
 * The platform's clock passes the deadline while a bid is on its way, and stays there: the bid is refused as late, or it was
 * complete in time. Answers how many were refused, and everything that was untrue.
 */
export async function submitPastDeadline(
  rig: FaultRig,
  rounds: number,
  start: number,
): Promise<{ readonly late: number; readonly inTime: number; readonly wrong: readonly string[] }> {
  const random = randomFrom(start)
  const wrong: string[] = []
  let [late, inTime] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    const { file } = await rig.newTender(`E53000010000021${String(round).padStart(3, '0')}`, { hours: 12 })
    const sealed = await rig.seal(`late-${round}.sbid`, await rig.newBid(`late-${round}`, file, 3 * mebibyte), file)
    const { tender } = await readTenderPackage(bytesSource(readFileSync(file)))
    const command = submitCommand(rig, sealed)
    const bodyBytes = statSync(sealed.path).size + 40_000
    const run = await runAcross(rig, command, { bodyBytes, requests: 8, last: /\/complete$/, patient: false, random })
    for (const each of [run, await rig.run(command), await rig.run(command)]) {
      wrong.push(...badEnding(each), ...(await untruths(rig, tender, sealed, each)))
      const code = failureOf(each)?.code
      if (each.code !== 0 && code !== 'platform.late') wrong.push(`round ${round}: ended with ${String(code)}`)
    }
    if (await platformHas(rig, sealed)) inTime += 1
    else late += 1
    rig.platformClock?.jump(0)
  }
  return { late, inTime, wrong }
}

/** A run in which the platform's clock goes on by a day, and stays there. */
async function runAcross(rig: FaultRig, command: readonly string[], options: RunOptions): Promise<CliRun> {
  const { run } = await rig.runWith(['platform-clock-ahead'], command, options)
  rig.platformClock?.jump(1)
  return run
}
