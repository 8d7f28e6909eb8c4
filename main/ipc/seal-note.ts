import type { BidId } from '../contract/ids.ts'
import { isBidId } from '../contract/ids.ts'
import type { RevocationView, SealedBidView } from '../contract/views.ts'
import { fieldsOf, patterns } from '../platform/index.ts'
import type { Fields } from '../platform/index.ts'
import type { SealReport } from '../services/index.ts'
import type { Deliveries } from '../store/index.ts'

/** What the window keeps of a sealing beside the delivery: what only the run that sealed could know. */
export interface SealNote {
  readonly bid: BidId
  readonly sealedAt: string
  readonly size: number
  readonly recipients: SealedBidView['recipients']
  /** Null in notes of before it was kept. */
  readonly signerRevocation: RevocationView | null
}

const fileName = 'seal-note.json'
const roles = ['main', 'backup', 'agency', 'recovery'] as const

/** Keeps the note of a bid that has just been sealed. */
export function keepSealNote(deliveries: Deliveries, bid: BidId, report: SealReport, sealedAt: Date): Promise<void> {
  const note: SealNote = {
    bid,
    sealedAt: sealedAt.toISOString(),
    size: report.size,
    recipients: report.recipients.map(({ role, label = '', proved }) => {
      const revoked = report.revokedRecipients.find(each => each.role === role && each.label === label)
      return { role, label, proved, revokedSince: revoked?.since ?? null }
    }),
    signerRevocation: revocationOf(report),
  }
  return deliveries.keepFile(report.sealId, fileName, new TextEncoder().encode(`${JSON.stringify(note)}\n`))
}

/** The note of a sealed bid; null for one that was sealed elsewhere, by the command line for example. */
export async function readSealNote(deliveries: Deliveries, sealId: string): Promise<SealNote | null> {
  const bytes = await deliveries.file(sealId, fileName)
  if (bytes === null) return null
  const fields = fieldsOf(JSON.parse(new TextDecoder().decode(bytes)), 'input.unreadable')
  const bid = fields.text('bid', /^[0-9a-f]{32}$/)
  if (!isBidId(bid)) return null
  return {
    bid,
    sealedAt: fields.time('sealedAt').toISOString(),
    size: fields.count('size'),
    recipients: fields.objects('recipients', 64).map(recipient => ({
      role: recipient.oneOf('role', roles),
      label: recipient.text('label', patterns.lineOrNone),
      proved: recipient.flag('proved'),
      revokedSince: recipient.timeOrNull('revokedSince')?.toISOString() ?? null,
    })),
    signerRevocation: readRevocation(fields.objectOrNull('signerRevocation')),
  }
}

/** A revoked signer seals nothing: what is left is good or not known. */
function revocationOf({ revocation: [signer] }: SealReport): RevocationView {
  if (signer?.status !== 'good') return { status: 'not-checked' }
  return { status: 'good', asOf: signer.asOf, source: signer.source }
}

function readRevocation(fields: Fields | null): RevocationView | null {
  if (fields === null) return null
  if (fields.oneOf('status', ['good', 'not-checked']) === 'not-checked') return { status: 'not-checked' }
  return { status: 'good', asOf: fields.time('asOf').toISOString(), source: fields.oneOf('source', ['crl', 'ocsp']) }
}
