import type { SignedDocument } from '../../../crypto/index.ts'
import { decodeRelease, encodeRelease, encodeSigned, fieldsOf, partNames, patterns } from '../../platform/index.ts'
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
  /** Every release that came, in the order it came. */
  readonly releases: readonly ReleaseAttempt[]
}

export interface ReleaseAttempt {
  /** SHA-256 of `release.json`, hex: the same bytes are the same attempt. */
  readonly releaseDigest: string
  readonly release: Release
  readonly receivedAt: Date
  /** After the close: recorded, never opened. */
  readonly late: boolean
  /** Which parts' keys matched their commitments; empty for a late one. */
  readonly matched: readonly PartName[]
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

export function encodeAttendance(attendance: Attendance): Json {
  return {
    sealDigest: attendance.sealDigest,
    openingId: attendance.openingId,
    signIn: attendance.signIn === null ? null : encodeSigned(attendance.signIn),
    challenge: attendance.challenge === null ? null : encodeSigned(attendance.challenge),
    releases: attendance.releases.map(attempt => ({
      releaseDigest: attempt.releaseDigest,
      release: encodeRelease(attempt.release),
      receivedAt: attempt.receivedAt.toISOString(),
      late: attempt.late,
      matched: attempt.matched,
      receipt: attempt.receipt === null ? null : encodeSigned(attempt.receipt),
    })),
  }
}

export function decodeAttendance(value: unknown): Attendance {
  const fields = fieldsOf(value, 'input.unreadable')
  return {
    sealDigest: fields.text('sealDigest', patterns.digest),
    openingId: fields.text('openingId', patterns.openingId),
    signIn: signedOrNull(fields, 'signIn'),
    challenge: signedOrNull(fields, 'challenge'),
    releases: fields.objects('releases', 1_000).map(decodeAttempt),
  }
}

function decodeAttempt(fields: Fields): ReleaseAttempt {
  const matched = fields.texts('matched', /^(opening|body)$/, partNames.length)
  return {
    releaseDigest: fields.text('releaseDigest', patterns.digest),
    release: decodeRelease(fields.object('release')),
    receivedAt: fields.time('receivedAt'),
    late: fields.flag('late'),
    matched: partNames.filter(name => matched.includes(name)),
    receipt: signedOrNull(fields, 'receipt'),
  }
}
