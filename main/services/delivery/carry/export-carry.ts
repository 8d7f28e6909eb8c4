import { createHash } from 'node:crypto'
import { CryptoFailure, headerArchive, sha256Hex, verifySealedBid } from '../../../../crypto/index.ts'
import type { JobControl, SealedBid } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import type { Delivery } from '../../../store/index.ts'
import type { Ports } from '../../ports.ts'
import { requireFree } from '../../sealed/header-file.ts'
import { judgementOf, withSealedBid } from '../../sealed/sealed-file.ts'
import { effectiveDates } from '../../tenders/notices.ts'
import { importedTender, importedPackage } from '../../tenders/tender-file.ts'
import type { Trust } from '../../trust.ts'
import { isSealId } from '../known-bid.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { reached } from '../progress.ts'
import { piecesOfSource, writeCarry } from './carry-archive.ts'
import { encodeManifest } from './carry-manifest.ts'
import { carryReadMe } from './carry-read-me.ts'

export interface ExportCarryRequest {
  /** A sealId this home knows, or the sealed file. */
  readonly bid: string
  readonly output: string
  readonly trust: Trust
}

export interface ExportedCarry {
  readonly sealId: string
  readonly shortCode: string
  /** Of the carry file, in bytes. */
  readonly size: number
  /** Bytes the platform may have already are not sent again from the other computer. */
  readonly submissionId: string | null
  /** RFC 3339 UTC. */
  readonly deadline: string
}

/**
 * Writes what another computer needs to submit a bid. The bid is verified first, and counts as on its way from then on: who
 * knows where it is carried. Throws `bid.not-delivered` for a sealId without its file here, `tender.invalid` when the tender
 * package is not here, `platform.seal-known` for a bid that does not stand any more, `seal.*`, `output.*`.
 */
export async function exportCarry(
  ports: Ports,
  request: ExportCarryRequest,
  control: JobControl,
): Promise<ExportedCarry> {
  await requireFree(request.output)
  const file = isSealId(request.bid) ? await fileOf(ports, request.bid) : request.bid
  return withSealedBid(ports, file, bid => {
    if (bid.kind === 'header') throw new CryptoFailure('seal.container', 'this is the header alone; the bid is needed')
    if (isSealId(request.bid) && bid.header.sealId !== request.bid) {
      throw new AppFailure('input.changed', 'another bid stands where the sealed file was')
    }
    return oneAtATime(ports, bid.header.sealId, () => exportOne(ports, bid, request, control))
  })
}

async function exportOne(
  ports: Ports,
  bid: SealedBid,
  { output, trust }: ExportCarryRequest,
  control: JobControl,
): Promise<ExportedCarry> {
  const { sealId } = bid.header
  const { packageDigest } = bid.header.tender
  const tender = await importedTender(ports, packageDigest)
  const packageBytes = await importedPackage(ports, packageDigest)
  if (tender === null || packageBytes === null) {
    throw new AppFailure('tender.invalid', 'the tender package of this bid is not on this computer; import it first')
  }
  await verifySealedBid(bid, { ...control, ...(await judgementOf(ports, bid, trust)), tender })
  const digest = createHash('sha256')
  for await (const piece of piecesOfSource(bid.source)) {
    requireGoing(control)
    digest.update(piece)
  }
  const known = await ports.deliveries.get(sealId)
  const before = known?.sealDigest === bid.sealDigest ? known : null
  if (before?.state === 'withdrawn' || before?.state === 'replaced') {
    throw new AppFailure('platform.seal-known', `this sealed bid has been ${before.state}`)
  }
  const deadline = (await effectiveDates(ports, tender)).deadline.toISOString()
  // An exchange folder is of this computer: what went into it is no submission the other one could go on with.
  const platform = before?.platform !== undefined && /^https?:/i.test(before.platform) ? before.platform : null
  const submissionId = platform === null ? null : (before?.submissionId ?? null)
  const manifest = encodeManifest({
    ...{ sealId, sealDigest: bid.sealDigest, shortCode: bid.shortCode, packageDigest, platform, submissionId },
    madeAt: ports.clock.now().toISOString(),
    tender: { size: packageBytes.length, sha256: sha256Hex(packageBytes) },
    bid: { size: bid.source.size, sha256: digest.digest('hex') },
  })
  const { title, tenderId } = tender.fields
  const readMe = carryReadMe({ shortCode: bid.shortCode, sealId, title, tenderId, deadline, platform })
  const contents = { readMe, manifest, tender: packageBytes, bid: bid.source }
  const { size } = await writeCarry(ports.files, output, contents, () => {
    requireGoing(control)
  })
  await ports.deliveries.keepFile(sealId, 'bid.header', headerArchive(bid))
  await ports.deliveries.save(reached(before ?? deliveryOf(bid), 'submitting'))
  return { sealId, shortCode: bid.shortCode, size, submissionId, deadline }
}

/** How a home that has never seen a bid writes it down. */
export function deliveryOf(bid: SealedBid): Delivery {
  const { sealId, tender, bidder } = bid.header
  return {
    sealId,
    sealDigest: bid.sealDigest,
    shortCode: bid.shortCode,
    packageDigest: tender.packageDigest,
    tenderId: tender.tenderId,
    lotId: tender.lotId,
    creditCode: bidder.creditCode,
    openingTime: tender.openingTime,
    state: 'sealed',
  }
}

async function fileOf(ports: Ports, sealId: string): Promise<string> {
  const path = (await ports.deliveries.get(sealId))?.sealedPath
  if (path === undefined) throw new AppFailure('bid.not-delivered', 'the sealed file is not known here; name the file')
  return path
}

function requireGoing({ signal }: JobControl): void {
  if (signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
}
