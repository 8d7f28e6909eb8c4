import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { isMissing, readFileIfThere, syncFolder, writeFailure } from './atomic-file.ts'
import { withLock } from './lock.ts'

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

export interface Journal {
  /** Appends and flushes before it answers. Throws `journal.damaged` when the chain before it does not hold. */
  append(kind: string, facts: JournalEntry['facts']): Promise<JournalEntry>
  /** Every entry, oldest first, the chain checked. Throws `journal.damaged`. */
  entries(): Promise<readonly JournalEntry[]>
}

const lineEnd = 0x0a
const firstPrevious = '0'.repeat(64)

/**
 * The journal in a file: JSON lines, each holding the digest of the one before, so that a line taken out or changed
 * shows. A last line torn by a power cut was never acknowledged and is cut off at the next append.
 */
export function journalAt(path: string, now: () => Date): Journal {
  return {
    entries: async () => read((await readFileIfThere(path)) ?? new Uint8Array(0)).entries,
    append: (kind, facts) => withLock(`${path}.lock`, () => append(path, now(), kind, facts)),
  }
}

async function append(path: string, at: Date, kind: string, facts: JournalEntry['facts']): Promise<JournalEntry> {
  const bytes = await readFileIfThere(path)
  const { entries, last, length } = read(bytes ?? new Uint8Array(0))
  const entry: JournalEntry = { n: entries.length, prev: last, at: at.toISOString(), kind, facts }
  const line = new TextEncoder().encode(`${JSON.stringify({ type: 'bidseal/1 journal', ...entry })}\n`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await openForAppend(path)
    try {
      await handle.truncate(length)
      await writeAll(handle, line, length)
      await handle.datasync()
    } finally {
      await handle.close()
    }
    if (bytes === null) await syncFolder(dirname(path))
  } catch (error) {
    throw writeFailure(error)
  }
  return entry
}

async function openForAppend(path: string): ReturnType<typeof open> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (!isMissing(error)) throw error
    return open(path, 'w+', 0o600)
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten
  }
}

/** Checks the chain. `length` is where the next line goes: behind the last whole line. */
function read(bytes: Uint8Array): { entries: JournalEntry[]; last: string; length: number } {
  const entries: JournalEntry[] = []
  let last = firstPrevious
  let start = 0
  for (let end = bytes.indexOf(lineEnd, start); end >= 0; end = bytes.indexOf(lineEnd, start)) {
    const line = bytes.subarray(start, end)
    const entry = parseLine(line)
    if (entry?.n !== entries.length || entry.prev !== last) {
      throw new AppFailure('journal.damaged', `the journal's chain breaks at entry ${entries.length}`)
    }
    entries.push(entry)
    last = createHash('sha256').update(line).digest('hex')
    start = end + 1
  }
  return { entries, last, length: start }
}

function parseLine(line: Uint8Array): JournalEntry | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
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
