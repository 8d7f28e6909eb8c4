import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { isMissing, readFileIfThere, syncFolder, writeFailure } from './atomic-file.ts'
import { noLines, readLines } from './journal-lines.ts'
import type { JournalEntry, JournalLine, JournalTail } from './journal-lines.ts'
import { withLock } from './lock.ts'

export interface Journal {
  /** Appends and flushes before it answers. Throws `journal.damaged` when the chain before it does not hold. */
  append(kind: string, facts: JournalEntry['facts']): Promise<JournalEntry>
  /** Every entry, oldest first, the chain checked. Throws `journal.damaged`. */
  entries(): Promise<readonly JournalEntry[]>
  /** {@link entries} with the exact bytes of their lines, for whoever passes them on. */
  lines(): Promise<readonly JournalLine[]>
}

type File = Awaited<ReturnType<typeof open>>

/** The journal's file as this process last checked or wrote it: while its state is the same, so is its content. */
interface Known {
  /** Inode, size, times of change; a text, to be compared. */
  readonly state: string
  readonly tail: JournalTail
}

/**
 * The journal in a file: JSON lines, each holding the digest of the one before, so that a line taken out or changed
 * shows. A last line torn by a power cut was never acknowledged and is cut off at the next append. What has been checked is
 * remembered: only when the file was touched by somebody else is it read again, and then the part that was checked must
 * have stayed byte for byte what it was.
 */
export function journalAt(path: string, now: () => Date): Journal {
  let known: Known | null = null
  const lines = async (): Promise<readonly JournalLine[]> => {
    const lines: JournalLine[] = []
    readLines((await readFileIfThere(path)) ?? new Uint8Array(0), noLines(), line => lines.push(line))
    return lines
  }
  return {
    lines,
    entries: async () => (await lines()).map(({ entry }) => entry),
    append: (kind, facts) =>
      withLock(`${path}.lock`, async () => {
        const before = known
        // Should this append fail half-way, the next one reads the file again.
        known = null
        const appended = await append(path, before, { at: now().toISOString(), kind, facts })
        known = appended.known
        return appended.entry
      }),
  }
}

async function append(
  path: string,
  known: Known | null,
  said: Pick<JournalEntry, 'at' | 'kind' | 'facts'>,
): Promise<{ readonly entry: JournalEntry; readonly known: Known }> {
  try {
    await mkdir(dirname(path), { recursive: true })
    const { file, isNew } = await openForAppend(path)
    try {
      const tail = await checkedTail(file, known)
      const entry: JournalEntry = { n: tail.count, prev: tail.last, ...said }
      const line = new TextEncoder().encode(JSON.stringify({ type: 'bidseal/1 journal', ...entry }))
      await file.truncate(tail.length)
      await writeAll(file, Buffer.concat([line, lineEnd]), tail.length)
      await file.datasync()
      if (isNew) await syncFolder(dirname(path))
      return { entry, known: { state: await stateOf(file), tail: tailAfter(tail, line) } }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw writeFailure(error)
  }
}

const lineEnd = Uint8Array.of(0x0a)

async function openForAppend(path: string): Promise<{ readonly file: File; readonly isNew: boolean }> {
  try {
    return { file: await open(path, 'r+'), isNew: false }
  } catch (error) {
    if (!isMissing(error)) throw error
    return { file: await open(path, 'w+', 0o600), isNew: true }
  }
}

/** Where the next line goes, after everything before it has been checked, now or earlier. Throws `journal.damaged`. */
async function checkedTail(file: File, known: Known | null): Promise<JournalTail> {
  if (known !== null && known.state === (await stateOf(file))) return known.tail
  const bytes = await readWhole(file)
  if (known === null) return readLines(bytes, noLines())
  const { length, digest } = known.tail
  const checked = createHash('sha256').update(bytes.subarray(0, length)).digest()
  if (bytes.length < length || !checked.equals(digest.copy().digest())) {
    throw new AppFailure('journal.damaged', 'lines that were written earlier have been changed')
  }
  return readLines(bytes, { ...known.tail, digest: digest.copy() })
}

async function readWhole(file: File): Promise<Uint8Array> {
  const bytes = new Uint8Array((await file.stat()).size)
  let done = 0
  for (let read = -1; read !== 0 && done < bytes.length; done += read) {
    read = (await file.read(bytes, done, bytes.length - done, done)).bytesRead
  }
  return bytes.subarray(0, done)
}

async function stateOf(file: File): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true })
  return [ino, size, mtimeNs, ctimeNs].join()
}

function tailAfter(tail: JournalTail, line: Uint8Array): JournalTail {
  const digest = tail.digest.copy().update(line).update(lineEnd)
  const last = createHash('sha256').update(line).digest('hex')
  return { count: tail.count + 1, last, length: tail.length + line.length + 1, digest }
}

async function writeAll(handle: File, bytes: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten
  }
}
