import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bytesSource,
  headerArchive,
  makeRelease,
  nodeFiles,
  readSealedBid,
  sealBid,
  signDocument,
  systemRandomness,
  throwIfCancelled,
  toBase64,
  verifySealedBid,
} from '../../../../crypto/index.ts'
import type { Clock, JobControl, Release, SignedDocument, Suite, Tender } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../http/index.ts'
import { httpPlatform, readTenderPackage } from '../../../platform/index.ts'
import type { Platform } from '../../../platform/index.ts'
import { practiceAdmin, spawnPracticePlatform } from '../../../practice/index.ts'
import type { SpawnedPlatform, TenderSpec } from '../../../practice/index.ts'
import { project } from '../../rehearsal/project.ts'
import { openingFields } from '../stored-bid.ts'
import type { BenchPorts } from '../subject.ts'
import { loadAuthority, loadPlaces } from './bidders.ts'
import type { LoadAuthority, LoadBidder, LoadPlaces } from './bidders.ts'

/** A practice platform in a process of its own, with many bidders. */
export interface LoadRig {
  readonly places: LoadPlaces
  readonly authority: LoadAuthority
  readonly url: string
  readonly platform: Platform
  readonly suite: Suite
  /** Follows the platform's. */
  readonly clock: Clock
  /** Publishes a tender; its opening comes with {@link LoadRig.begin}. */
  publish(name: string): Promise<LoadTender>
  /** Moves on to the opening of all that was published. */
  begin(): Promise<void>
  close(): Promise<void>
}

export interface LoadTender {
  readonly tender: Tender
  readonly openingId: string
}

/** A bid that stands. */
export interface LoadBid extends LoadTender {
  readonly bidder: LoadBidder
  readonly sealDigest: string
  /** The sealed file; gone where it was not to be kept. */
  readonly path: string
  readonly header: Uint8Array
  readonly receipt: SignedDocument
}

const hour = 3_600_000

/** Starts a platform under a folder; its keys and those of its bidders are `authorityAt`'s. */
export async function startLoadRig(
  ports: BenchPorts,
  suite: Suite,
  program: string,
  root: string,
  authorityAt: (places: LoadPlaces) => Promise<LoadAuthority> = places => loadAuthority(ports, suite, places),
): Promise<LoadRig> {
  const places = loadPlaces(root)
  await mkdir(places.bids, { recursive: true })
  const authority = await authorityAt(places)
  const running: SpawnedPlatform = await spawnPracticePlatform({ program, dir: places.platform, opened: places.opened })
  const http = nodeHttp()
  const platform = httpPlatform(running.url, http)
  const admin = practiceAdmin(running, http)
  const openingTime = new Date(ports.clock.now().getTime() + 24 * hour)
  let ahead = 0
  return {
    places,
    authority,
    platform,
    suite,
    url: running.url,
    clock: { now: () => new Date(ports.clock.now().getTime() + ahead) },
    async publish(name) {
      const spec = tenderOf(name, openingTime, authority.root, suite, ports.clock)
      const { packageDigest, openingId } = await admin.makeTender(spec)
      const { tender } = await readTenderPackage(bytesSource(await platform.tenderPackage(packageDigest)))
      return { tender, openingId }
    },
    async begin() {
      ahead = openingTime.getTime() - ports.clock.now().getTime() + 60_000
      await admin.advanceClock(ahead)
    },
    close: () => running.close(),
  }
}

/** A bid with one document of so many bytes, sealed and submitted. */
export async function submitLoadBid(
  rig: LoadRig,
  { tender, openingId }: LoadTender,
  number: number,
  document: { readonly path: string },
  keep: boolean,
): Promise<LoadBid> {
  const { platform, suite, clock } = rig
  const bidder = rig.authority.bidder(number)
  const { name, creditCode } = bidder
  const path = join(rig.places.bids, `${number}.sbid`)
  await sealBid({
    suite,
    tender,
    clock,
    bidder: { name, creditCode },
    forms: [{ id: 'opening', fields: openingFields() }],
    documents: [{ id: 'd1', name: '投标文件.pdf', role: 'd1', mediaType: 'application/pdf', path: document.path }],
    signer: bidder.signer,
    recipients: [{ role: 'main', label: '主锁', certificate: bidder.certificate, opener: bidder.opener }],
    output: path,
    files: nodeFiles,
    randomness: systemRandomness,
    selfTest: false,
  })
  const source = await nodeFiles.open(path)
  try {
    const bid = await readSealedBid(source)
    const header = headerArchive(bid)
    const { tenderId, lotId } = bid.header.tender
    const authorisation = await signDocument(
      'submit',
      {
        platform: bid.header.tender.platform,
        tenderId,
        lotId,
        sealDigest: bid.sealDigest,
        sealId: bid.header.sealId,
        creditCode,
        nonce: await platform.nonce(),
        at: clock.now().toISOString(),
      },
      bidder.signer,
      suite,
      clock,
    )
    const submission = await platform.beginSubmission({ headerArchive: header, authorisation })
    for (const part of submission.parts) await platform.sendPart(part, bid.partSource(part.name), {})
    const receipt = await platform.completeSubmission(submission.submissionId)
    return { tender, openingId, bidder, path, header, receipt, sealDigest: bid.sealDigest }
  } finally {
    await source.close()
    if (!keep) await rm(path, { force: true })
  }
}

/** Signs a bidder in. */
export async function signInLoadBid({ platform, suite, clock }: LoadRig, bid: LoadBid): Promise<void> {
  const { openingId, sealDigest, bidder } = bid
  const fields = {
    openingId,
    sealDigest,
    creditCode: bidder.creditCode,
    nonce: await platform.nonce(),
    at: clock.now().toISOString(),
  }
  await platform.signIn(openingId, await signDocument('signIn', fields, bidder.signer, suite, clock))
}

/** Answers the challenge of a bid as a client does; nothing is sent. */
export async function prepareLoadRelease(rig: LoadRig, bid: LoadBid): Promise<Release> {
  const { tender, receipt, bidder } = bid
  const challenge = await rig.platform.challenge(bid.openingId, bid.sealDigest)
  const sealed = await readSealedBid(bytesSource(bid.header))
  const trust = { anchors: tender.anchors, tender, at: rig.clock.now(), skipParts: true }
  const verified = await verifySealedBid(sealed, trust)
  const { opener, signer } = bidder
  return makeRelease({ verified, tender, challenge, receipt, opener, signer, clock: rig.clock })
}

/** A file of random bytes. */
export async function randomDocument(
  path: string,
  bytes: number,
  { randomness }: BenchPorts,
  { signal }: Pick<JobControl, 'signal'>,
): Promise<{ readonly path: string }> {
  const file = await open(path, 'wx')
  try {
    for (let left = bytes; left > 0; left -= 2 ** 20) {
      throwIfCancelled(signal)
      await file.writeFile(randomness.bytes(Math.min(left, 2 ** 20)))
    }
  } finally {
    await file.close()
  }
  return { path }
}

/** Does something for each number, so many at a time. */
export async function forEach(
  count: number,
  atOnce: number,
  control: Pick<JobControl, 'signal'>,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) {
      throwIfCancelled(control.signal)
      const number = next
      next += 1
      await work(number)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

function tenderOf(name: string, openingTime: Date, root: Uint8Array, suite: Suite, clock: Clock): TenderSpec {
  const time = openingTime.toISOString()
  return {
    tenderId: name,
    projectCode: project.projectCode,
    title: project.title,
    publishedAt: clock.now().toISOString(),
    deadline: time,
    openingTime: time,
    // The same prepared openings are run several times.
    releaseMinutes: 24 * 60,
    limits: { fileBytes: 2 ** 33 - 1, bidBytes: 2 ** 33 },
    suites: [suite.id],
    acceptedCas: [toBase64(root)],
    documents: [{ id: 'd1', title: '投标文件', required: true }],
    forms: [
      {
        id: 'opening',
        title: '开标一览表',
        part: 'opening',
        fields: openingFields().map(({ name: field }) => ({ name: field })),
      },
    ],
    clauses: [],
    keyPolicy: 'bidder',
    parts: 'separate',
    remedy: { kind: 'none' },
    traces: [],
  }
}
