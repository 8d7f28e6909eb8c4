import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesSource, openPlainTwin, readSealedBid } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform, readTenderPackage } from '../../../main/platform/index.ts'
import { attendanceAt } from '../../fixtures/faults/attendance.ts'
import { type DeliveredBid, openCommand } from '../../fixtures/faults/delivered-bid.ts'
import { flipped } from '../../fixtures/faults/exchange.ts'
import type { FaultRig } from '../../fixtures/faults/fault-rig.ts'
import { badEnding, failureOf } from '../../fixtures/faults/truth.ts'
import { randomFrom } from '../../setup/scale.ts'

/** Seals of one and the same bid folder, of which the first is delivered. */
interface TwoRuns {
  readonly delivered: DeliveredBid
  readonly twin: string
  /** Sealed file and twin of the other run. */
  readonly other: { readonly sealed: string; readonly twin: string }
}

/** What twins that are not the bid's came to. */
export interface OtherRunReport {
  readonly refused: readonly string[]
  readonly wrong: readonly string[]
}

/**
 * Seals the same documents twice and delivers the first. At the opening the other's twin, the other's sealed file and a
 * changed twin are refused with their own codes, by the client before a byte is sent and by the platform from whoever sends
 * them; then the bid's own twin opens it.
 */
export async function refuseOtherRuns(rig: FaultRig, changed: number, start: number): Promise<OtherRunReport> {
  const random = randomFrom(start)
  const wrong: string[] = []
  const refused: string[] = []
  const runs = await sealTwice(rig)
  const { delivered } = runs
  await rig.advanceTo(delivered.openingTime)
  const refuse = async (what: string, command: readonly string[], codes: RegExp): Promise<void> => {
    const from = rig.proxy.seen.length
    const run = await rig.run(command)
    const code = failureOf(run)?.code ?? 'ok'
    refused.push(`${what}: ${code}`)
    wrong.push(...badEnding(run).map(each => `${what}: ${each}`))
    if (!codes.test(code)) wrong.push(`${what}: ended with ${code}: ${run.stdout.slice(0, 300)}`)
    const sent = rig.proxy.seen.slice(from).filter(({ path }) => /twins|uploads|releases/.test(path))
    if (sent.length > 0) wrong.push(`${what}: something was sent: ${sent.map(({ path }) => path).join()}`)
    const attendance = await attendanceAt(rig, delivered)
    if (attendance.releases.length > 0 || attendance.twin !== null) wrong.push(`${what}: the platform has taken it`)
  }
  const withTwin = (twin: string): readonly string[] => [
    ...openCommand(rig, delivered),
    '--twin',
    twin,
    '--hand-over-plaintext',
  ]
  await refuse('the twin of another run', withTwin(runs.other.twin), /^opening\.other-run$/)
  const another = ['open', runs.other.sealed, ...openCommand(rig, delivered).slice(2)]
  await refuse('the sealed file of another run', another, /^(bid\.not-delivered|platform\.unknown|opening\.other-run)$/)
  for (let each = 0; each < changed; each += 1) {
    const bytes = readFileSync(runs.twin)
    const file = join(rig.folder, 'changed.twin')
    writeFileSync(file, flipped(bytes, random(bytes.length), random(8)))
    await refuse('a twin with one bit changed', withTwin(file), /^(opening\.other-run|input\.unreadable)$/)
  }
  wrong.push(...(await sentByHand(rig, runs)))
  const handed = await rig.run([...withTwin(runs.twin), '--no-follow'])
  if (handed.code !== 0) wrong.push(`its own twin is not taken: ${handed.stdout.slice(0, 400)}`)
  // A twin is no release: the opening closes when its window ends.
  await rig.advanceTo(new Date(delivered.openingTime.getTime() + releaseMinutes * 60_000 + 60_000))
  const own = await rig.run(withTwin(runs.twin))
  if (!own.stdout.includes('"opened"')) wrong.push(`its own twin does not open it: ${own.stdout.slice(0, 400)}`)
  return { refused, wrong }
}

/** How long keys are taken. */
const releaseMinutes = 3 * 24 * 60

async function sealTwice(rig: FaultRig): Promise<TwoRuns> {
  const terms = { hours: 1, releaseMinutes, remedy: { kind: 'plain-twin' }, brief: true } as const
  const { file, openingTime } = await rig.newTender('E53000010000024001', terms)
  const folder = await rig.newBid('bid-of-twins', file, 100_000)
  const twinOf = (name: string): string => join(rig.folder, `${name}.twin`)
  const seal = (name: string) => rig.seal(`${name}.sbid`, folder, file, ['--plain-twin-to', twinOf(name)])
  const sealed = await seal('one')
  const other = await seal('other')
  const to = ['--platform', rig.proxy.url, '--token', rig.lock, '--trust', rig.trust]
  const run = await rig.run(['submit', sealed.path, ...to])
  if (run.code !== 0) throw new Error(`the bid could not be submitted: ${run.stdout}${run.stderr}`)
  const openingId = (await rig.admin.bids()).find(bid => bid.sealDigest === sealed.sealDigest)?.openingId ?? ''
  const { tender } = await readTenderPackage(bytesSource(readFileSync(file)))
  rmSync(folder, { recursive: true })
  const delivered = { sealed, tender, openingId, openingTime }
  return { delivered, twin: twinOf('one'), other: { sealed: other.path, twin: twinOf('other') } }
}

/** The parts of the other run's twin, sent by a client that does not look: the platform must look. */
async function sentByHand(rig: FaultRig, { delivered, twin, other }: TwoRuns): Promise<readonly string[]> {
  await signInOnly(rig, delivered, twin)
  const platform = httpPlatform(rig.url, nodeHttp())
  const sealed = await readSealedBid(bytesSource(readFileSync(other.sealed)))
  const parts = await openPlainTwin(sealed, bytesSource(readFileSync(other.twin)))
  const { openingId } = delivered
  try {
    for (const part of await platform.beginTwin(openingId, delivered.sealed.sealDigest)) {
      const source = parts.get(part.name)
      if (source !== undefined) await platform.sendPart(part, source, {})
    }
    await platform.completeTwin(openingId, delivered.sealed.sealDigest)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return code === 'opening.other-run' ? [] : [`sent by hand: ${code}`]
  }
  return ['the platform took the twin of another run']
}

/** Twins are taken from who has signed in: the bidder does, and gets no further. */
async function signInOnly(rig: FaultRig, delivered: DeliveredBid, twin: string): Promise<void> {
  rig.proxy.answerAll(
    ({ path }) => path.includes('/twins/'),
    () => ({ status: 403, headers: {}, body: Buffer.alloc(0) }),
  )
  await rig.run([...openCommand(rig, delivered), '--twin', twin, '--hand-over-plaintext'])
  await rig.proxy.calm()
}
