import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  completeCreditCode,
  headerArchive,
  nodeFiles,
  readSealedBid,
  sealBid,
  signDocument,
  systemRandomness,
} from '../../../crypto/index.ts'
import type { SealedBid, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { timeText } from '../context.ts'
import type { PracticeContext } from '../context.ts'
import { tenderOfOpening } from '../opening/window.ts'
import { beginSubmission } from '../submission/begin.ts'
import { completeSubmission } from '../submission/complete.ts'
import type { BidderAuthority, PlayedBidder } from './authority.ts'

/** The most bidders one request may ask for. */
export const mostBidders = 2_000

/**
 * Has other bidders submit to an opening: each seals a small bid with software keys, submits it through the same checks as
 * anybody and gets a receipt. Answers their sealDigests. Throws `tender.invalid` where the tender does not accept the
 * authority that certifies them, `platform.late`, `platform.unknown`.
 */
export async function playBidders(
  context: PracticeContext,
  authority: BidderAuthority,
  openingId: string,
  count: number,
): Promise<readonly string[]> {
  const { tender } = tenderOfOpening(context, openingId)
  if (!tender.anchors.some(({ der }) => Buffer.compare(der, authority.root) === 0)) {
    throw new AppFailure('tender.invalid', 'the tender does not accept the authority of the bidders played here')
  }
  const folder = await mkdtemp(join(tmpdir(), 'bidseal-bidders-'))
  try {
    const letter = join(folder, '投标函.txt')
    await writeFile(letter, '本投标文件由演练平台生成，仅用于演练。\n')
    const sealDigests: string[] = []
    for (const creditCode of freeCodes(context, count)) {
      const bidder = authority.bidder(`模拟投标人${creditCode.slice(-8, -1)}有限公司`, creditCode)
      sealDigests.push(await bidOnce(context, bidder, tender, folder, letter))
    }
    return sealDigests
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function bidOnce(
  context: PracticeContext,
  bidder: PlayedBidder,
  tender: Tender,
  folder: string,
  letter: string,
): Promise<string> {
  const output = join(folder, 'bid.sbid')
  await sealBid({
    suite: context.suite,
    tender,
    bidder: { name: bidder.name, creditCode: bidder.creditCode },
    forms: tender.fields.forms.map(({ id, fields }) => ({
      id,
      fields: fields.map(({ name }) => ({ name, value: '1' })),
    })),
    documents: [
      {
        id: 'letter',
        name: '投标函.txt',
        role: tender.fields.documents[0]?.id ?? 'letter',
        mediaType: 'text/plain',
        path: letter,
      },
    ],
    signer: bidder.signer,
    recipients: [{ role: 'main', certificate: bidder.encryptionCertificate, opener: bidder.opener }],
    output,
    files: nodeFiles,
    randomness: systemRandomness,
    clock: context.clock,
    // The platform's own checks follow at once.
    selfTest: false,
  })
  const source = await nodeFiles.open(output)
  try {
    return await submit(context, bidder, await readSealedBid(source))
  } finally {
    await source.close()
  }
}

async function submit(context: PracticeContext, bidder: PlayedBidder, bid: SealedBid): Promise<string> {
  const { header, sealDigest } = bid
  const authorisation = await signDocument(
    'submit',
    {
      platform: header.tender.platform,
      tenderId: header.tender.tenderId,
      lotId: header.tender.lotId,
      sealDigest,
      sealId: header.sealId,
      creditCode: bidder.creditCode,
      nonce: context.nonces.issue(),
      at: timeText(context.clock),
    },
    bidder.signer,
    context.suite,
    context.clock,
  )
  const record = await beginSubmission(context, { headerArchive: headerArchive(bid), authorisation })
  for (const part of record.parts) await context.uploads.fill(record, part, bid.partSource(part.name))
  await completeSubmission(context, record.submissionId)
  return sealDigest
}

/** Credit codes nobody has a bid under, well-formed to the check digit. */
function* freeCodes(context: PracticeContext, count: number): Generator<string> {
  const taken = new Set(context.bids.all().map(bid => bid.bidder.creditCode))
  for (let number = 1, given = 0; given < count; number++) {
    const code = completeCreditCode(`91530100MA${String(number).padStart(7, '0')}`)
    if (taken.has(code)) continue
    given += 1
    yield code
  }
}
