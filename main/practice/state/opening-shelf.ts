import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import { namesIn } from './folders.ts'
import type { PracticeFolders } from './folders.ts'
import { openOpeningLog, readOpeningLog } from './opening-log.ts'
import {
  attendanceWith,
  decodeAttendance,
  decodeChange,
  decodeOpeningRecord,
  encodeAttendance,
  encodeChange,
  encodeOpeningRecord,
  isReleased,
  noAttendance,
} from './opening-record.ts'
import type { Attendance, AttendanceChange, OpeningRecord } from './opening-record.ts'

/** The openings that have begun and what bidders have done at them. Reads answer what is durable. */
export interface OpeningShelf {
  all(): readonly OpeningRecord[]
  opening(openingId: string): OpeningRecord | null
  /** The caller holds the opening's lock. */
  save(opening: OpeningRecord): Promise<void>
  /** An empty attendance where the bidder has not come yet. */
  attendance(openingId: string, sealDigest: string): Attendance
  /** Every attendance with a release in the queue. */
  waiting(): readonly Attendance[]
  /** Bids of an opening whose keys have all come and matched. */
  releasedCount(openingId: string): number
  /** Writes down what a bidder has done. The caller holds the bid's lock. */
  note(openingId: string, sealDigest: string, change: AttendanceChange): Promise<void>
  /** Gives each attendance of an opening a file of its own again; until then its changes stand in a common log. */
  settle(openingId: string): Promise<void>
  /** Waits for what is being written. */
  close(): Promise<void>
}

/** How many files are written at a time. */
const writers = 16

/**
 * The shelf over its folders. Each attendance has a file; what has happened since that was written stands in the log
 * beside them, which is emptied when it is read. Throws `input.unreadable` when a file is damaged.
 */
export async function openOpeningShelf(folders: PracticeFolders): Promise<OpeningShelf> {
  const openings = new Map<string, OpeningRecord>()
  const attendances = new Map<string, Attendance>()
  const released = new Map<string, Set<string>>()
  const waiting = new Set<string>()
  /** Attendances with changes in the log that are not in their files, with a number that grows with each. */
  const logged = new Map<string, number>()
  let pending = 0

  const index = (attendance: Attendance): void => {
    const { openingId, sealDigest } = attendance
    attendances.set(sealDigest, attendance)
    if (isReleased(attendance)) setOf(released, openingId).add(sealDigest)
    if (attendance.waiting.length > 0) waiting.add(sealDigest)
    else waiting.delete(sealDigest)
  }
  const attendanceOf = (openingId: string, sealDigest: string): Attendance =>
    attendances.get(sealDigest) ?? noAttendance(openingId, sealDigest)
  const write = async (sealDigest: string): Promise<void> => {
    const attendance = attendances.get(sealDigest)
    const changes = logged.get(sealDigest)
    if (attendance === undefined || changes === undefined) return
    await writeJsonAtomic(join(folders.attendances, `${sealDigest}.json`), encodeAttendance(attendance))
    if (logged.get(sealDigest) === changes) logged.delete(sealDigest)
  }

  for (const openingId of await namesIn(folders.openings, '.json')) {
    openings.set(openingId, decodeOpeningRecord(await readJsonIfThere(join(folders.openings, `${openingId}.json`))))
  }
  for (const sealDigest of await namesIn(folders.attendances, '.json')) {
    index(decodeAttendance(await readJsonIfThere(join(folders.attendances, `${sealDigest}.json`))))
  }
  const logPath = join(folders.attendances, 'changes.log')
  for await (const line of readOpeningLog(logPath)) {
    const { openingId, sealDigest, change } = decodeChange(line)
    index(attendanceWith(attendanceOf(openingId, sealDigest), change))
    logged.set(sealDigest, 1)
  }
  await inTurns([...logged.keys()], write)
  await rm(logPath, { force: true })
  const log = await openOpeningLog(logPath)

  return {
    all: () => [...openings.values()],
    opening: openingId => openings.get(openingId) ?? null,
    async save(opening) {
      await writeJsonAtomic(join(folders.openings, `${opening.openingId}.json`), encodeOpeningRecord(opening))
      openings.set(opening.openingId, opening)
    },
    attendance: attendanceOf,
    waiting: () => [...waiting].flatMap(sealDigest => attendances.get(sealDigest) ?? []),
    releasedCount: openingId => released.get(openingId)?.size ?? 0,
    async note(openingId, sealDigest, change) {
      pending += 1
      try {
        await log.append(encodeChange(openingId, sealDigest, change))
        index(attendanceWith(attendanceOf(openingId, sealDigest), change))
        logged.set(sealDigest, (logged.get(sealDigest) ?? 0) + 1)
      } finally {
        pending -= 1
      }
    },
    async settle(openingId) {
      const due = [...logged.keys()].filter(sealDigest => attendances.get(sealDigest)?.openingId === openingId)
      await inTurns(due, write)
      const isDone = (): boolean => logged.size === 0 && pending === 0
      if (isDone()) await log.clear(isDone)
    },
    close: () => log.close(),
  }
}

async function inTurns(sealDigests: readonly string[], write: (sealDigest: string) => Promise<void>): Promise<void> {
  const left = [...sealDigests]
  const next = async (): Promise<void> => {
    for (let sealDigest = left.pop(); sealDigest !== undefined; sealDigest = left.pop()) await write(sealDigest)
  }
  await Promise.all(Array.from({ length: writers }, next))
}

function setOf(sets: Map<string, Set<string>>, openingId: string): Set<string> {
  const found = sets.get(openingId) ?? new Set<string>()
  sets.set(openingId, found)
  return found
}
