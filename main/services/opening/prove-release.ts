import type { SignedDocument } from '../../../crypto/index.ts'
import type { JournalEntry } from '../../store/index.ts'
import { signJournal } from '../evidence/sign-journal.ts'
import { toFailure } from '../failure.ts'
import { stampAct } from '../time/stamp-act.ts'
import type { Attendance } from './attendance.ts'

/**
 * What follows a release or a twin the platform has taken: the journal's entry, the time stamp, the signed journal. Each is
 * written where it is missing, so that a run that was killed before them is made good by the next. Without the stamp or the
 * signature the release stands all the same.
 */
export async function proveRelease(
  attendance: Attendance,
  facts: JournalEntry['facts'],
  sent: SignedDocument | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { ports, attended, openingId } = attendance
  const { header, sealDigest } = attended.bid
  const { sealId } = header
  if (!(await isWritten(attendance, ['released']))) {
    await ports.journal.append('released', { sealId, sealDigest, openingId, ...facts })
  }
  if (sent !== null) await stampAct(ports, sealId, 'release', sent, signal)
  if (!(await isWritten(attendance, ['journal-signed', 'journal-unsigned']))) await signMoment(attendance, signal)
}

/** Whether the journal has such an entry about this bid's release. One that cannot be read is reported elsewhere. */
async function isWritten({ ports, attended, openingId }: Attendance, kinds: readonly string[]): Promise<boolean> {
  const { sealDigest } = attended.bid
  const entries = await ports.journal.entries()
  return entries.some(
    ({ kind, facts }) =>
      kinds.includes(kind) &&
      facts['sealDigest'] === sealDigest &&
      (kind === 'released' ? facts['openingId'] === openingId : facts['moment'] === 'released'),
  )
}

/** The lock may be gone by now: that is written down, and the next act's signature covers this entry too. */
async function signMoment({ ports, attended, signer }: Attendance, signal: AbortSignal | undefined): Promise<void> {
  const { suite, sealDigest, header } = attended.bid
  const moment = { sealId: header.sealId, sealDigest, moment: 'released' } as const
  try {
    await signJournal(ports, { ...moment, signer: await signer.offer(), suite })
  } catch (error) {
    const { code } = toFailure(error)
    if (signal?.aborted === true || !/^(token\.|cert\.|cancelled$)/.test(code)) throw error
    await ports.journal.append('journal-unsigned', { ...moment, code })
  }
}
