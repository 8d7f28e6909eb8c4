import { decodeDocument } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import {
  decodeRelease,
  decodeSigned,
  encodeRelease,
  encodeSigned,
  fieldsOf,
  partNames,
  patterns,
} from '../../platform/index.ts'
import type { Fields, Json, PartName } from '../../platform/index.ts'
import type { Release } from '../../../crypto/index.ts'
import { signedOrNull } from './bid-record.ts'

/** An opening that has begun; before that there is no file. */
export interface OpeningRecord {
  readonly openingId: string
  /** The package in force when it began. */
  readonly packageDigest: string
  readonly openedAt: Date
  readonly closesAt: Date
  /** Digest over the standing bids, which every challenge carries, hex. */
  readonly list: string
  /** The standing bids at that moment, in byte order. Nothing joins or leaves afterwards. */
  readonly standing: readonly string[]
  readonly closedAt: Date | null
  /** The signed record, once everything has been decrypted. */
  readonly record: SignedDocument | null
}

/** What one bidder has done at the opening. */
export interface Attendance {
  readonly sealDigest: string
  readonly openingId: string
  readonly signIn: SignedDocument | null
  /** The challenge that was given; always the same one. */
  readonly challenge: SignedDocument | null
  /** Every release that was judged, in the order they came. */
  readonly releases: readonly ReleaseAttempt[]
  /** Releases that were taken and wait to be judged. */
  readonly waiting: readonly WaitingRelease[]
  readonly twin: TwinState | null
  /** Digest of the opening data, hex, once the bid has been opened: it stands in its folder. */
  readonly opened: string | null
}

/** A release in the queue: it came in time, whatever the hour when its turn comes. */
export interface WaitingRelease {
  /** SHA-256 of `release.json`, hex. */
  readonly releaseDigest: string
  readonly release: Release
  readonly receivedAt: Date
  /** Lower comes first, over all openings. */
  readonly place: number
}

/** `awaited`: its parts are taken. `complete`: it is the bid's, and came in time. */
export type TwinState = 'awaited' | 'complete'

export interface ReleaseAttempt {
  /** SHA-256 of `release.json`, hex: the same bytes are the same attempt. */
  readonly releaseDigest: string
  readonly release: Release
  readonly receivedAt: Date
  /** After the close: recorded, never opened. */
  readonly late: boolean
  /** Which parts' keys matched their commitments; empty for a late one. */
  readonly matched: readonly PartName[]
  /** Whether every part's key matched: this release opens the bid. */
  readonly whole: boolean
  /** The releaseReceipt; null for a late one. */
  readonly receipt: SignedDocument | null
}

export function encodeOpeningRecord(opening: OpeningRecord): Json {
  return {
    openingId: opening.openingId,
    packageDigest: opening.packageDigest,
    openedAt: opening.openedAt.toISOString(),
    closesAt: opening.closesAt.toISOString(),
    list: opening.list,
    standing: opening.standing,
    closedAt: opening.closedAt?.toISOString() ?? null,
    record: opening.record === null ? null : encodeSigned(opening.record),
  }
}

export function decodeOpeningRecord(value: unknown): OpeningRecord {
  const fields = fieldsOf(value, 'input.unreadable')
  return {
    openingId: fields.text('openingId', patterns.openingId),
    packageDigest: fields.text('packageDigest', patterns.digest),
    openedAt: fields.time('openedAt'),
    closesAt: fields.time('closesAt'),
    list: fields.text('list', patterns.digest),
    standing: fields.texts('standing', patterns.digest, 100_000),
    closedAt: fields.timeOrNull('closedAt'),
    record: signedOrNull(fields, 'record'),
  }
}

/** One thing that has happened to an attendance. Taking note of it twice changes nothing. */
export type AttendanceChange =
  | { readonly kind: 'signIn'; readonly signIn: SignedDocument }
  | { readonly kind: 'challenge'; readonly challenge: SignedDocument }
  | { readonly kind: 'waiting'; readonly waiting: WaitingRelease }
  | { readonly kind: 'release'; readonly release: ReleaseAttempt }
  | { readonly kind: 'twin'; readonly twin: TwinState }
  | { readonly kind: 'opened'; readonly opened: string }

/** Of a bidder who has not come yet. */
export function noAttendance(openingId: string, sealDigest: string): Attendance {
  return { sealDigest, openingId, signIn: null, challenge: null, releases: [], waiting: [], twin: null, opened: null }
}

/** The attendance after a change. What stands there already stays: a change may come again from a log. */
export function attendanceWith(attendance: Attendance, change: AttendanceChange): Attendance {
  switch (change.kind) {
    case 'signIn':
      return attendance.signIn === null ? { ...attendance, signIn: change.signIn } : attendance
    case 'challenge':
      return attendance.challenge === null ? { ...attendance, challenge: change.challenge } : attendance
    case 'twin':
      return attendance.twin === 'complete' ? attendance : { ...attendance, twin: change.twin }
    case 'opened':
      return { ...attendance, opened: change.opened }
    case 'waiting':
      return isKnown(attendance, change.waiting.releaseDigest)
        ? attendance
        : { ...attendance, waiting: [...attendance.waiting, change.waiting] }
    case 'release': {
      const { releaseDigest } = change.release
      const waiting = attendance.waiting.filter(each => each.releaseDigest !== releaseDigest)
      const judged = attendance.releases.some(each => each.releaseDigest === releaseDigest)
      return {
        ...attendance,
        waiting,
        releases: judged ? attendance.releases : [...attendance.releases, change.release],
      }
    }
  }
}

/** Whether an attendance has a release that opens the bid. */
export function isReleased({ releases }: Attendance): boolean {
  return releases.some(attempt => !attempt.late && attempt.whole)
}

export function encodeAttendance(attendance: Attendance): Json {
  return {
    sealDigest: attendance.sealDigest,
    openingId: attendance.openingId,
    signIn: attendance.signIn === null ? null : encodeSigned(attendance.signIn),
    challenge: attendance.challenge === null ? null : encodeSigned(attendance.challenge),
    releases: attendance.releases.map(encodeAttempt),
    waiting: attendance.waiting.map(encodeWaiting),
    twin: attendance.twin,
    opened: attendance.opened,
  }
}

/** Throws `input.unreadable` when a file is not what was written. */
export function decodeAttendance(value: unknown): Attendance {
  const fields = fieldsOf(value, 'input.unreadable')
  return {
    sealDigest: fields.text('sealDigest', patterns.digest),
    openingId: fields.text('openingId', patterns.openingId),
    signIn: signedOrNull(fields, 'signIn'),
    challenge: signedOrNull(fields, 'challenge'),
    releases: fields.objects('releases', 1_000).map(decodeAttempt),
    // An attendance of the first version has neither a queue nor a twin.
    waiting: Object.hasOwn(Object(value) as object, 'waiting')
      ? fields.objects('waiting', 1_000).map(decodeWaiting)
      : [],
    twin: twinOf(fields),
    opened: fields.textOrNull('opened', patterns.digest),
  }
}

/** A change as a line of the log has it. */
export function encodeChange(openingId: string, sealDigest: string, change: AttendanceChange): Json {
  const whose = { openingId, sealDigest, kind: change.kind }
  switch (change.kind) {
    case 'signIn':
      return { ...whose, signIn: encodeSigned(change.signIn) }
    case 'challenge':
      return { ...whose, challenge: encodeSigned(change.challenge) }
    case 'twin':
      return { ...whose, twin: change.twin }
    case 'opened':
      return { ...whose, opened: change.opened }
    case 'waiting':
      return { ...whose, waiting: encodeWaiting(change.waiting) }
    case 'release':
      return { ...whose, release: encodeAttempt(change.release) }
  }
}

/** Throws `input.unreadable` when a line is not what was written. */
export function decodeChange(value: unknown): {
  readonly openingId: string
  readonly sealDigest: string
  readonly change: AttendanceChange
} {
  const fields = fieldsOf(value, 'input.unreadable')
  return {
    openingId: fields.text('openingId', patterns.openingId),
    sealDigest: fields.text('sealDigest', patterns.digest),
    change: changeIn(fields),
  }
}

function changeIn(fields: Fields): AttendanceChange {
  const kind = fields.oneOf('kind', ['signIn', 'challenge', 'twin', 'opened', 'waiting', 'release'] as const)
  switch (kind) {
    case 'signIn':
      return { kind, signIn: decodeSigned(fields.object('signIn')) }
    case 'challenge':
      return { kind, challenge: decodeSigned(fields.object('challenge')) }
    case 'twin':
      return { kind, twin: fields.oneOf('twin', twinStates) }
    case 'opened':
      return { kind, opened: fields.text('opened', patterns.digest) }
    case 'waiting':
      return { kind, waiting: decodeWaiting(fields.object('waiting')) }
    case 'release':
      return { kind, release: decodeAttempt(fields.object('release')) }
  }
}

const twinStates = ['awaited', 'complete'] as const

function twinOf(fields: Fields): TwinState | null {
  return fields.textOrNull('twin', /^[a-z]{1,20}$/) === null ? null : fields.oneOf('twin', twinStates)
}

function isKnown({ releases, waiting }: Attendance, releaseDigest: string): boolean {
  return [...releases, ...waiting].some(each => each.releaseDigest === releaseDigest)
}

function encodeAttempt(attempt: ReleaseAttempt): Json {
  return {
    releaseDigest: attempt.releaseDigest,
    release: encodeRelease(attempt.release),
    receivedAt: attempt.receivedAt.toISOString(),
    late: attempt.late,
    matched: attempt.matched,
    receipt: attempt.receipt === null ? null : encodeSigned(attempt.receipt),
  }
}

function decodeAttempt(fields: Fields): ReleaseAttempt {
  const matched = fields.texts('matched', /^(opening|body)$/, partNames.length)
  const release = decodeRelease(fields.object('release'))
  return {
    releaseDigest: fields.text('releaseDigest', patterns.digest),
    release,
    receivedAt: fields.time('receivedAt'),
    late: fields.flag('late'),
    matched: partNames.filter(name => matched.includes(name)),
    whole: matched.length > 0 && matched.length === decodeDocument('release', release.bytes).parts.length,
    receipt: signedOrNull(fields, 'receipt'),
  }
}

function encodeWaiting({ releaseDigest, release, receivedAt, place }: WaitingRelease): Json {
  return { releaseDigest, release: encodeRelease(release), receivedAt: receivedAt.toISOString(), place }
}

function decodeWaiting(fields: Fields): WaitingRelease {
  return {
    releaseDigest: fields.text('releaseDigest', patterns.digest),
    release: decodeRelease(fields.object('release')),
    receivedAt: fields.time('receivedAt'),
    place: fields.count('place'),
  }
}
