import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  makeRelease,
  nodeFiles,
  readSealedBid,
  throwIfCancelled,
  verifyPlatformDocument,
  verifySealedBid,
} from '../../../../crypto/index.ts'
import type { JobControl } from '../../../../crypto/index.ts'
import { benchResult, median } from '../measure.ts'
import type { BenchResult } from '../measure.ts'
import type { BenchJob, BenchPorts } from '../subject.ts'
import { randomDocument, signInLoadBid, startLoadRig, submitLoadBid } from './rig.ts'
import type { LoadBid, LoadRig } from './rig.ts'

/** What the reference is called. */
export const ofSmallBid = 'release of a 1 MiB bid'

/** seal-format allows twenty releases a bid; the first is not counted. */
const mostRuns = 19
const mebibyte = 2 ** 20

/**
 * The release of a bid of `sizeMiB` beside that of a bid of 1 MiB, from the asking for the challenge to the verified
 * releaseReceipt, in turns: the sealed file is opened, its header checked, the keys taken out and wrapped, the release
 * signed and sent. The ratio is that of the medians.
 */
export async function benchReleaseSize(
  ports: BenchPorts,
  job: BenchJob,
  program: string,
  control: Pick<JobControl, 'signal'>,
): Promise<BenchResult> {
  const root = await mkdtemp(join(tmpdir(), 'bidseal-release-size-'))
  const rig = await startLoadRig(ports, job.suite, program, root)
  try {
    const tender = await rig.publish('release-size')
    const submitted = async (number: number, sizeMiB: number): Promise<LoadBid> => {
      const document = await randomDocument(join(root, `${number}.pdf`), sizeMiB * mebibyte, ports, control)
      const bid = await submitLoadBid(rig, tender, number, document, true)
      await rm(document.path)
      return bid
    }
    const small = await submitted(0, 1)
    const large = await submitted(1, job.sizeMiB)
    // Never released, so that the opening stays open.
    await submitted(2, 1)
    await rig.begin()
    for (const bid of [small, large]) await signInLoadBid(rig, bid)
    const times: { readonly large: number; readonly small: number }[] = []
    const runs = Math.min(job.runs, mostRuns)
    for (let run = 0; run <= runs; run += 1) {
      throwIfCancelled(control.signal)
      const round = { large: await released(rig, large), small: await released(rig, small) }
      if (run > 0) times.push(round)
    }
    const seconds = median(times.map(time => time.large)) ?? Number.NaN
    const ofSmall = median(times.map(time => time.small))
    const ratio = ofSmall === null ? null : Number((seconds / ofSmall).toPrecision(4))
    const references = [{ name: ofSmallBid, seconds: ofSmall === null ? null : Number(ofSmall.toPrecision(4)), ratio }]
    const { what, suite, sizeMiB } = job
    return benchResult({ what, suite: suite.id, sizeMiB, runs }, { seconds, references }, { peakMiB: 0 })
  } finally {
    await rig.close()
    await rm(root, { recursive: true, force: true })
  }
}

/** Seconds. */
async function released({ platform, clock }: LoadRig, bid: LoadBid): Promise<number> {
  const { tender, receipt, openingId, sealDigest, bidder } = bid
  const started = performance.now()
  const challenge = await platform.challenge(openingId, sealDigest)
  const source = await nodeFiles.open(bid.path)
  try {
    const trust = { anchors: tender.anchors, tender, at: clock.now(), skipParts: true }
    const verified = await verifySealedBid(await readSealedBid(source), trust)
    const { opener, signer } = bidder
    const release = await makeRelease({ verified, tender, challenge, receipt, opener, signer, clock })
    const answer = await platform.release(openingId, release)
    if (answer.state !== 'receipt') throw new Error('the release waits in the queue')
    verifyPlatformDocument('releaseReceipt', answer.receipt, tender, 'opening', clock.now())
    return (performance.now() - started) / 1_000
  } finally {
    await source.close()
  }
}
