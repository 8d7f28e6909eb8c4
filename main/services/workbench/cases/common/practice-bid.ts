import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bytesSource,
  completeCreditCode,
  listDigest,
  parseCertificate,
  readSealedBid,
  sealBid,
  sha256Hex,
  signDocument,
  suiteById,
  toHex,
  verifySealedBid,
} from '../../../../../crypto/index.ts'
import type {
  KeyOpener,
  SignedDocument,
  Signer,
  Suite,
  Tender,
  TokenSession,
  VerifiedBid,
} from '../../../../../crypto/index.ts'
import { loadPlatformKeys, type PlatformKeys, setupPracticePlatform } from '../../../../practice/index.ts'
import { makeAuthority, type RehearsalAuthority } from '../../../rehearsal/authority.ts'
import { rehearsalFolders } from '../../../rehearsal/folders.ts'
import { makePracticeTender } from '../../../rehearsal/practice-tender.ts'
import { project } from '../../../rehearsal/project.ts'
import type { Bench } from '../../case.ts'
import { type ReadKey, readKeys } from './attempt.ts'

/**
 * A practice tender and what bids for it: the token's own keys under certificates of a practice authority, made for this run and
 * kept in memory. Nothing on the token is touched, and it does not matter who issued its certificates, or when they expire.
 */
export interface PracticeDesk {
  readonly suite: Suite
  readonly authority: RehearsalAuthority
  readonly platform: PlatformKeys
  readonly tender: Tender
  readonly openingTime: Date
  /** The bidder, through the shared session. */
  signer(session: TokenSession): Promise<Signer>
  opener(session: TokenSession): KeyOpener
}

const desks = new WeakMap<Bench, Promise<PracticeDesk | null>>()

/** The desk of this run, made when it is first asked for; null for keys that no suite has. */
export function practiceDesk(bench: Bench): Promise<PracticeDesk | null> {
  const desk = desks.get(bench) ?? makeDesk(bench)
  desks.set(bench, desk)
  return desk
}

const hour = 3_600_000

async function makeDesk(bench: Bench): Promise<PracticeDesk | null> {
  const pair = pairOf(bench)
  if (pair === null) return null
  const { suite, sign, decrypt } = pair
  const folders = rehearsalFolders(join(bench.folder, 'practice'))
  for (const folder of [folders.ca, folders.platform, folders.tender]) await mkdir(folder, { recursive: true })
  const authority = await makeAuthority(folders.ca, suite, { clock: bench.ports.clock, randomness: bench.random })
  await setupPracticePlatform({
    dir: folders.platform,
    platformId: project.platformId,
    suite,
    authority: {
      issue: ({ commonName, publicKey }) =>
        Promise.resolve(authority.issue({ commonName, publicKey, profile: 'platform' })),
      intermediates: [authority.issuing],
    },
  })
  const openingTime = new Date(Math.ceil((bench.ports.clock.now().getTime() + hour) / 60_000) * 60_000)
  const documents = [{ id: 'letter', title: '投标函', required: true }]
  const terms = { openingTime, keyPolicy: 'bidder', remedy: 'none', signed: false, documents } as const
  const { tender } = await makePracticeTender(folders, authority.root, terms, bench.ports.clock)
  const common = { commonName: project.bidder, creditCode: completeCreditCode(project.creditCodeStem) }
  const { publicKeyInfo } = sign.certificate
  const signing = authority.issue({ ...common, profile: 'sign', publicKey: publicKeyInfo })
  const opening = authority.issue({ ...common, profile: 'decrypt', publicKey: decrypt.certificate.publicKeyInfo })
  return {
    ...{ suite, authority, tender, openingTime },
    platform: await loadPlatformKeys(folders.platform),
    signer: async session => ({
      certificate: signing,
      intermediates: [authority.issuing],
      algorithms: await session.algorithms(sign.keyId),
      sign: (algorithm, digest, message) => session.sign(sign.keyId, algorithm, digest, message),
    }),
    opener: session => ({ certificate: opening, open: transport => session.open(decrypt.keyId, transport) }),
  }
}

interface KeyPair {
  readonly suite: Suite
  readonly sign: ReadKey
  readonly decrypt: ReadKey
}

/** The first signing and the first encryption key that one suite has both. */
function pairOf({ keys }: Bench): KeyPair | null {
  for (const sign of readKeys(keys.sign)) {
    for (const decrypt of readKeys(keys.decrypt)) {
      const [one, other] = [suiteOf(sign), suiteOf(decrypt)]
      if (one !== null && one.id === other?.id) return { suite: one, sign, decrypt }
    }
  }
  return null
}

function suiteOf({ certificate }: ReadKey): Suite | null {
  const { kind } = certificate.key
  return kind === 'other' ? null : suiteById(kind === 'sm2' ? 'gm-1' : 'intl-1')
}

/** A small bid, sealed by the token's keys. */
export interface PracticeBid {
  readonly verified: VerifiedBid
  readonly contents: Uint8Array
  /** Whether the lock has opened its own envelopes in the self-test. */
  readonly proved: boolean
}

/** Seals a bid of one small document, and verifies it without a key. Throws what sealing throws. */
export async function sealPracticeBid(
  bench: Bench,
  desk: PracticeDesk,
  session: TokenSession,
  selfTest: boolean,
): Promise<PracticeBid> {
  const { suite, tender } = desk
  const contents = bench.random.bytes(4096)
  const path = join(bench.folder, `${toHex(bench.random.bytes(8))}.bin`)
  const output = `${path}.sbid`
  await writeFile(path, contents)
  const opener = desk.opener(session)
  const { recipients } = await sealBid({
    ...{ suite, tender, output, selfTest, signal: bench.signal, files: bench.ports.files, clock: bench.ports.clock },
    randomness: bench.random,
    bidder: { name: project.bidder, creditCode: completeCreditCode(project.creditCodeStem) },
    forms: [{ id: 'opening', fields: [{ name: 'price', value: '1.00' }] }],
    documents: [{ id: 'd1', name: '投标函.bin', role: 'letter', mediaType: 'application/octet-stream', path }],
    signer: await desk.signer(session),
    recipients: [{ role: 'main', certificate: opener.certificate, opener }],
  })
  const source = await bench.ports.files.open(output)
  const bytes = new Uint8Array(source.size)
  try {
    await source.read(0, bytes)
  } finally {
    await source.close()
  }
  const verified = await verifySealedBid(await readSealedBid(bytesSource(bytes)), {
    ...{ anchors: [parseCertificate(desk.authority.root)], tender, at: bench.ports.clock.now() },
  })
  return { verified, contents, proved: recipients.every(({ proved }) => proved) }
}

/** What the platform would have answered: the receipt, and at the opening the challenge. */
export async function platformAnswers(
  bench: Bench,
  { platform, suite, openingTime }: PracticeDesk,
  { bid }: VerifiedBid,
): Promise<{ readonly receipt: SignedDocument; readonly challenge: SignedDocument }> {
  const { header, sealDigest } = bid
  const { platform: platformId, tenderId, lotId } = header.tender
  const tender = { platform: platformId, tenderId, lotId }
  const now = bench.ports.clock.now()
  const parts = header.parts.map(({ name, sealedSize, root }) => ({ name, sealedSize, root }))
  const received = {
    kind: 'received',
    sealDigest,
    sealId: header.sealId,
    tender,
    parts,
    size: bid.source.size,
  } as const
  const receipt = await signDocument(
    'receipt',
    { ...received, receivedAt: now.toISOString() },
    platform.receipt,
    suite,
    bench.ports.clock,
  )
  const challenge = await signDocument(
    'challenge',
    {
      ...{ openingId: 'workbench', tender, sealDigest, receiptDigest: sha256Hex(receipt.bytes) },
      recipient: sha256Hex(platform.opening.certificate),
      list: listDigest([sealDigest]),
      openedAt: new Date(openingTime.getTime() + 1_000).toISOString(),
      closesAt: new Date(openingTime.getTime() + hour).toISOString(),
      nonce: toHex(bench.random.bytes(32)),
    },
    platform.opening,
    suite,
    { now: () => new Date(openingTime.getTime() + 1_000) },
  )
  return { receipt, challenge }
}
