import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobControl, Randomness, Tender } from '../../../crypto/index.ts'
import { throwIfCancelled } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { addDocument } from '../bids/add-document.ts'
import { fillForm } from '../bids/fill-form.ts'
import { newBid } from '../bids/new-bid.ts'
import { figures, inWords } from './amount.ts'
import { rehearsalDocuments, renderDocument } from './documents.ts'
import { writeAttachment } from './pdf/attachment.ts'
import { bidPrice, project } from './project.ts'

export interface PracticeBidOptions {
  readonly folder: string
  /** Where the documents are drawn up before they are added. */
  readonly workshop: string
  readonly tender: Tender
  /** Path of the typeface, TrueType. */
  readonly font: string
  /** Bytes of an extra attachment; 0 for none. */
  readonly attachment: number
  readonly at: Date
  readonly randomness: Randomness
}

/** Draws up the documents as PDF and composes the bid as a bidder does: new, add, form. */
export async function composePracticeBid(options: PracticeBidOptions, control: JobControl): Promise<void> {
  const { folder, workshop, tender, at } = options
  await newBid({ folder, tender, bidder: { name: project.bidder } })
  const typeface = await readFile(options.font).catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the typeface for the practice documents is missing', { cause: error })
  })
  for (const document of rehearsalDocuments) {
    throwIfCancelled(control.signal)
    const file = join(workshop, document.fileName)
    await writeFileAtomic(file, await renderDocument(document, typeface, at))
    await addDocument(tender, { folder, file, documentId: document.documentId, replace: false })
  }
  if (options.attachment > 0) {
    const file = join(workshop, '06-其他资料.pdf')
    await writeAttachment(file, options.attachment, options.randomness, control.signal)
    await addDocument(tender, { folder, file, documentId: 'other', replace: false })
  }
  const values = new Map([
    ['bidder', project.bidder],
    ['price', figures(bidPrice)],
    ['priceInWords', inWords(bidPrice)],
    ['days', String(project.days)],
    ['quality', '合格'],
    ['manager', project.manager],
  ])
  await fillForm(tender, { folder, formId: 'opening', values })
}
