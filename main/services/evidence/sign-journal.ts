import { sha256Hex, signDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument, Signer, Suite } from '../../../crypto/index.ts'
import type { KeptDocument } from '../../store/index.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { JournalKind } from './kinds.ts'

/** A moment at which the lock is at hand and the journal is worth a signature. */
export interface JournalMoment {
  readonly signer: Signer
  readonly suite: Suite
  readonly sealId: string
  readonly sealDigest: string
  readonly moment: 'sealed' | 'received' | 'withdrawn' | 'released' | 'confirmed' | 'objected'
}

/**
 * Signs the journal's head with the bidder's lock and keeps that beside the bid; call it when the act itself has been
 * written. A lock that refuses, or a journal that cannot be read, stops nothing: that it is unsigned is written down, and
 * the act stands. Never throws.
 */
export async function signJournal(ports: Ports, moment: JournalMoment): Promise<void> {
  const { sealId, sealDigest } = moment
  const about = { sealId, sealDigest, moment: moment.moment }
  try {
    const { document, fields } = await signHead(ports, moment)
    const { sequence } = fields
    await keepSignedHead(ports, sealId, sequence, document)
    await note(ports, 'journal-signed', { ...about, sequence, documentDigest: sha256Hex(document.bytes) })
  } catch (error) {
    await note(ports, 'journal-unsigned', { ...about, code: toFailure(error).code }).catch(() => undefined)
  }
}

/** A head of the journal that was signed, as it is kept beside a bid. */
export async function signedHead(ports: Ports, sealId: string, sequence: number): Promise<KeptDocument | null> {
  const bytes = await ports.deliveries.file(sealId, headName(sequence, 'json'))
  const signature = await ports.deliveries.file(sealId, headName(sequence, 'p7s'))
  return bytes === null || signature === null ? null : { bytes, signature }
}

async function keepSignedHead(ports: Ports, sealId: string, sequence: number, document: SignedDocument): Promise<void> {
  await ports.deliveries.keepFile(sealId, headName(sequence, 'json'), document.bytes)
  await ports.deliveries.keepFile(sealId, headName(sequence, 'p7s'), document.signature)
}

/** Signs what the journal holds now. */
async function signHead(
  ports: Ports,
  { signer, suite, sealDigest, moment }: JournalMoment,
): Promise<{ readonly document: SignedDocument; readonly fields: DocumentFields<'journal'> }> {
  const last = (await ports.journal.lines()).at(-1)
  const fields: DocumentFields<'journal'> = {
    sequence: last === undefined ? 0 : last.entry.n + 1,
    previous: last?.digest ?? '0'.repeat(64),
    at: ports.clock.now().toISOString(),
    event: moment,
    sealDigest,
    facts: [],
  }
  return { document: await signDocument('journal', fields, signer, suite, ports.clock), fields }
}

function headName(sequence: number, ending: 'json' | 'p7s'): string {
  return `journal-${String(sequence).padStart(6, '0')}.${ending}`
}

async function note(ports: Ports, kind: JournalKind, facts: Record<string, string | number>): Promise<void> {
  await ports.journal.append(kind, facts)
}
