import { lstat, open } from 'node:fs/promises'
import type { SignedDocument } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../contract/failure.ts'
import { base64, decodeSigned, fieldsOf, patterns } from '../../../platform/index.ts'
import { writeFileAtomic } from '../../../store/index.ts'
import type { Delivery } from '../../../store/index.ts'
import type { Ports } from '../../ports.ts'
import { requireFree } from '../../sealed/header-file.ts'
import { importedTender } from '../../tenders/tender-file.ts'
import { knownBid } from '../known-bid.ts'
import { keepReceipt, noteReplaced, requireStanding } from '../note-receipt.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import type { ReceiptFields } from '../receipt.ts'
import { keptReceipt, requireReceipt } from '../receipt.ts'

const type = 'bidseal/1 carried-receipt'
const longestFile = 1024 * 1024

/** A receipt that has been checked, of a bid this home knows. */
export interface CarriedReceipt {
  readonly receipt: ReceiptFields
  readonly document: SignedDocument
  readonly shortCode: string
}

/**
 * Writes the receipt of a bid that was submitted here, for the computer it came from. Throws `bid.not-delivered` without
 * one, `platform.seal-known` for a bid that no longer stands or may not, `output.*`.
 */
export async function exportReceipt(ports: Ports, sealId: string, output: string): Promise<CarriedReceipt> {
  await requireFree(output)
  const { delivery, bid } = await knownBid(ports, sealId)
  requireSurelyStanding(delivery)
  const tender = await importedTender(ports, bid.header.tender.packageDigest)
  const kept = tender === null ? null : await keptReceipt(ports, bid, tender)
  if (kept === null) throw new AppFailure('bid.not-delivered', 'this computer has no receipt of this bid')
  const { document, fields } = kept
  const json = {
    type,
    sealId,
    sealDigest: bid.sealDigest,
    document: base64(document.bytes),
    signature: base64(document.signature),
  }
  await writeFileAtomic(output, new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`))
  return { receipt: fields, document, shortCode: bid.shortCode }
}

/**
 * Takes in a receipt that was given to another computer: checked like one that comes from the platform, then kept, and the
 * bid counts as delivered. Throws `bid.not-delivered` for a bid that did not come from here, `platform.seal-known` for one
 * that no longer stands or may not, `platform.receipt`, `input.unreadable`.
 */
export async function importReceipt(ports: Ports, file: string): Promise<CarriedReceipt> {
  const { sealId, document } = await readReceiptFile(file)
  await knownBid(ports, sealId)
  return oneAtATime(ports, sealId, async () => {
    const { delivery, bid } = await knownBid(ports, sealId)
    const tender = await importedTender(ports, bid.header.tender.packageDigest)
    if (tender === null)
      throw new AppFailure('tender.invalid', 'the tender package of this bid is not on this computer')
    const fields = requireReceipt(document, bid, tender, 'received')
    requireSurelyStanding(delivery)
    const before = await keptReceipt(ports, bid, tender)
    if (before === null || delivery.state === 'submitting' || delivery.state === 'sealed') {
      await keepReceipt(ports, delivery, { document, fields })
    } else await noteReplaced(ports, fields)
    return { receipt: fields, document, shortCode: bid.shortCode }
  })
}

/** A receipt may be older than a withdrawal: where one was asked for, only the platform's own word settles it. */
function requireSurelyStanding(delivery: Delivery): void {
  requireStanding(delivery)
  if (delivery.withdrawing !== true) return
  throw new AppFailure('platform.seal-known', 'this bid may have been withdrawn; submit it again to ask the platform')
}

async function readReceiptFile(file: string): Promise<{ readonly sealId: string; readonly document: SignedDocument }> {
  const bytes = await readBounded(file)
  const fields = fieldsOf(parse(bytes), 'input.unreadable')
  fields.oneOf('type', [type])
  return { sealId: fields.text('sealId', patterns.uuid), document: decodeSigned(fields) }
}

/** A plain file from somebody else's stick: no link, no pipe, and no more of it than a receipt can be. */
async function readBounded(file: string): Promise<Uint8Array> {
  try {
    const found = await lstat(file)
    if (!found.isFile() || found.size > longestFile) throw unreadable()
    const handle = await open(file, 'r')
    try {
      const bytes = new Uint8Array(longestFile + 1)
      let length = 0
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length)
        length += bytesRead
        if (length > longestFile) throw unreadable()
        if (bytesRead === 0) return bytes.subarray(0, length)
      }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw error instanceof AppFailure ? error : unreadable(error)
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(cause?: unknown): AppFailure {
  return new AppFailure('input.unreadable', 'this is no receipt from another computer', { cause })
}
