import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { AppFailure } from '../contract/failure.ts'

/** One act worth proving later. Values are plain data; never a PIN, a key, a plaintext or a path. */
export interface JournalEntry {
  /** Position, from 0. */
  readonly n: number
  /** SHA-256 of the line before (its bytes without the line end), hex; 64 zeros for the first. */
  readonly prev: string
  /** This computer's time, RFC 3339 UTC. A claim, not a proof. */
  readonly at: string
  readonly kind: string
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

/** An entry as it stands in the file. */
export interface JournalLine {
  readonly entry: JournalEntry
  /** Without the line end. */
  readonly bytes: Uint8Array
  /** SHA-256 of `bytes`, hex: what the next line names. */
  readonly digest: string
}

/** What has been checked of a journal: so many whole lines, ending at `length`. */
export interface JournalTail {
  readonly count: number
  /** SHA-256 of the last line; 64 zeros where there is none. */
  readonly last: string
  /** Where the next line goes. */
  readonly length: number
  /** SHA-256 over everything up to `length`, still running; copy it, never update it. */
  readonly digest: Hash
}

const lineEnd = 0x0a

/** A journal of which nothing has been read. */
export function noLines(): JournalTail {
  return { count: 0, last: '0'.repeat(64), length: 0, digest: createHash('sha256') }
}

/**
 * Checks the chain of what follows `from` in the bytes of a whole journal, and answers where it ends: behind the last
 * whole line. Throws `journal.damaged`.
 */
export function readLines(bytes: Uint8Array, from: JournalTail, onLine?: (line: JournalLine) => void): JournalTail {
  let { count, last, length: start } = from
  for (let end = bytes.indexOf(lineEnd, start); end >= 0; end = bytes.indexOf(lineEnd, start)) {
    const line = bytes.subarray(start, end)
    const entry = parseJournalLine(line)
    if (entry?.n !== count || entry.prev !== last) {
      throw new AppFailure('journal.damaged', `the journal's chain breaks at entry ${count}`)
    }
    count += 1
    last = createHash('sha256').update(line).digest('hex')
    start = end + 1
    onLine?.({ entry, bytes: line, digest: last })
  }
  return { count, last, length: start, digest: from.digest.copy().update(bytes.subarray(from.length, start)) }
}

/** One line of a journal; null for what is none. */
export function parseJournalLine(line: Uint8Array): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line))
    return isEntry(value) ? { n: value.n, prev: value.prev, at: value.at, kind: value.kind, facts: value.facts } : null
  } catch {
    return null
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false
  const entry = value as Readonly<Record<string, unknown>>
  return (
    entry['type'] === 'bidseal/1 journal' &&
    typeof entry['n'] === 'number' &&
    typeof entry['prev'] === 'string' &&
    typeof entry['at'] === 'string' &&
    typeof entry['kind'] === 'string' &&
    typeof entry['facts'] === 'object' &&
    entry['facts'] !== null
  )
}
