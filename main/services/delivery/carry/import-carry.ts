import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CryptoFailure, headerArchive, readSealedBid, verifySealedBid } from '../../../../crypto/index.ts'
import type { JobControl, Tender } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { writeFailure } from '../../../store/index.ts'
import type { Ports } from '../../ports.ts'
import { evidenceForBid } from '../../revocation/bid-evidence.ts'
import { requireFree } from '../../sealed/header-file.ts'
import { effectiveDates } from '../../tenders/notices.ts'
import { importTender, trustTender } from '../../tenders/tender-file.ts'
import type { Trust } from '../../trust.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { reached } from '../progress.ts'
import { withCarry } from './carry-archive.ts'
import type { OpenCarry } from './carry-archive.ts'
import { decodeManifest } from './carry-manifest.ts'
import type { CarryManifest } from './carry-manifest.ts'
import { deliveryOf } from './export-carry.ts'

export interface ImportCarryRequest {
  readonly file: string
  /** Where the sealed bid goes; into the home without it. */
  readonly output?: string | undefined
  readonly trust: Trust
}

export interface ImportedCarry {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  /** Where the sealed bid stands now. */
  readonly file: string
  readonly platform: string | null
  readonly submissionId: string | null
  /** RFC 3339 UTC. */
  readonly deadline: string
}

/**
 * Takes in a carry file: everything in it is held against its digests and against each other, the bid verified whole, the
 * tender's signer judged, before anything stands under its name here. Throws `input.unreadable` for a damaged or mixed one,
 * `seal.*`, `cert.*`, `tender.invalid`, `output.*`.
 */
export async function importCarry(
  ports: Ports,
  request: ImportCarryRequest,
  control: JobControl,
): Promise<ImportedCarry> {
  if (request.output !== undefined) await requireFree(request.output)
  return withCarry(request.file, async carry => {
    const manifest = decodeManifest(carry.manifest)
    const output = resolve(request.output ?? join(ports.home.root, 'carried', `${manifest.sealId}.sbid`))
    const packageBytes = await carry.tender(manifest.tender)
    const trusted = await trustTender(ports, packageBytes, request.trust, { sealedFor: manifest.packageDigest })
    const { tender } = trusted
    if (tender.packageDigest !== manifest.packageDigest) throw mixed('tender package')
    if (manifest.bid.size > tender.fields.limits.bidBytes) {
      throw new AppFailure('seal.too-large', 'the bid is larger than the tender allows')
    }
    return oneAtATime(ports, manifest.sealId, async () => {
      await takeIn(ports, carry, manifest, tender, output, control)
      await importTender(ports, trusted)
      const { sealId, sealDigest, shortCode, platform, submissionId } = manifest
      const deadline = (await effectiveDates(ports, tender)).deadline.toISOString()
      return { sealId, sealDigest, shortCode, file: output, platform, submissionId, deadline }
    })
  })
}

async function takeIn(
  ports: Ports,
  carry: OpenCarry,
  manifest: CarryManifest,
  tender: Tender,
  output: string,
  control: JobControl,
): Promise<void> {
  await mkdir(dirname(output), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error)
  })
  const draft = await ports.files.create(output, manifest.bid.size)
  try {
    let size = 0
    for await (const piece of carry.bid(manifest.bid)) {
      if (control.signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
      await draft.write(size, piece)
      size += piece.length
    }
    await draft.flush()
    const source = await ports.files.open(draft.draftPath)
    try {
      const bid = await readSealedBid(source)
      if (bid.kind === 'header') throw new CryptoFailure('seal.container', 'the carry file holds a header alone')
      if (
        bid.sealDigest !== manifest.sealDigest ||
        bid.header.sealId !== manifest.sealId ||
        bid.shortCode !== manifest.shortCode
      ) {
        throw mixed('sealed bid')
      }
      const at = ports.clock.now()
      const revocation = await evidenceForBid(ports, bid, at)
      const judged = { anchors: tender.anchors, tender, at, revocation, pipeline: ports.pipeline }
      await verifySealedBid(bid, { ...control, ...judged })
      const known = await ports.deliveries.get(manifest.sealId)
      if (known !== null && known.sealDigest !== bid.sealDigest) throw mixed('sealed bid')
      await draft.commit()
      const { platform, submissionId } = manifest
      const from = {
        ...deliveryOf(bid),
        ...(platform === null ? {} : { platform }),
        ...(submissionId === null ? {} : { submissionId }),
        ...(known ?? {}),
        sealedPath: output,
      }
      await ports.deliveries.keepFile(manifest.sealId, 'bid.header', headerArchive(bid))
      // It has left a computer: the platform is asked for it before anything is sent, and nobody opens it early.
      await ports.deliveries.save(reached(from, 'submitting'))
    } finally {
      await source.close()
    }
  } finally {
    await draft.discard()
  }
}

function mixed(what: string): AppFailure {
  return new AppFailure('input.unreadable', `the ${what} is not the one this carry file speaks of`)
}
