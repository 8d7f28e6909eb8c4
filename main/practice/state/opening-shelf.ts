import { join } from 'node:path'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import { namesIn } from './folders.ts'
import type { PracticeFolders } from './folders.ts'
import { decodeAttendance, decodeOpeningRecord, encodeAttendance, encodeOpeningRecord } from './opening-record.ts'
import type { Attendance, OpeningRecord } from './opening-record.ts'

/** The openings that have begun and what bidders have done at them. Reads answer what is durable. */
export interface OpeningShelf {
  all(): readonly OpeningRecord[]
  opening(openingId: string): OpeningRecord | null
  /** The caller holds the opening's lock. */
  save(opening: OpeningRecord): Promise<void>
  /** An empty attendance where the bidder has not come yet. */
  attendance(openingId: string, sealDigest: string): Attendance
  /** The caller holds the bid's lock. */
  saveAttendance(attendance: Attendance): Promise<void>
}

/** The shelf over its folders. Throws `input.unreadable` when a file is damaged. */
export async function openOpeningShelf(folders: PracticeFolders): Promise<OpeningShelf> {
  const openings = new Map<string, OpeningRecord>()
  const attendances = new Map<string, Attendance>()
  for (const openingId of await namesIn(folders.openings, '.json')) {
    openings.set(openingId, decodeOpeningRecord(await readJsonIfThere(join(folders.openings, `${openingId}.json`))))
  }
  for (const sealDigest of await namesIn(folders.attendances, '.json')) {
    attendances.set(
      sealDigest,
      decodeAttendance(await readJsonIfThere(join(folders.attendances, `${sealDigest}.json`))),
    )
  }
  return {
    all: () => [...openings.values()],
    opening: openingId => openings.get(openingId) ?? null,
    async save(opening) {
      await writeJsonAtomic(join(folders.openings, `${opening.openingId}.json`), encodeOpeningRecord(opening))
      openings.set(opening.openingId, opening)
    },
    attendance: (openingId, sealDigest) =>
      attendances.get(sealDigest) ?? { sealDigest, openingId, signIn: null, challenge: null, releases: [] },
    async saveAttendance(attendance) {
      await writeJsonAtomic(join(folders.attendances, `${attendance.sealDigest}.json`), encodeAttendance(attendance))
      attendances.set(attendance.sealDigest, attendance)
    },
  }
}
