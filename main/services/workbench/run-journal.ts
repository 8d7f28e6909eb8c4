import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMissing, writeFailure } from '../../store/index.ts'
import type { Home } from '../../store/index.ts'
import type { Outcome, Status } from './case.ts'

/** What must be the same for a run to be taken up again. */
export interface RunIdentity {
  readonly version: string
  readonly sha256: string
  readonly serial: string
  /** Everything else that decides what the cases do: profile, rounds, consent. */
  readonly settings: string
}

/** A case that is done. */
export interface KeptResult {
  readonly id: string
  readonly ms: number
  readonly outcome: Outcome
  /** What was noted while it ran, by name. */
  readonly timings: Readonly<Record<string, readonly number[]>>
}

/** The journal of a run: one line a case, on the disk before the next one begins. */
export interface RunJournal {
  /** Cases that were done before the interruption, by id. */
  readonly kept: ReadonlyMap<string, KeptResult>
  /** How often a case was begun before without an end: the program, or the computer, has ended in it. */
  begunBefore(id: string): number
  begin(id: string): Promise<void>
  append(result: KeptResult): Promise<void>
  /** The case that was begun was stopped at the user's request: the next run begins it as if it never had been. */
  abandon(id: string): Promise<void>
  /** The run is over: there is nothing to be taken up. */
  finish(): Promise<void>
  /** Closes the file and leaves it for `--resume`. Harmless twice. */
  close(): Promise<void>
}

/** Where the journal of a run stands. */
export function journalPath(home: Home, { sha256, serial }: Pick<RunIdentity, 'sha256' | 'serial'>): string {
  // Serial numbers are the vendor's: only harmless ones become file names.
  const name = /^[0-9A-Za-z]{1,32}$/.test(serial) ? serial : digest(serial).slice(0, 16)
  return join(home.root, 'workbench', `${sha256}-${name}.run.jsonl`)
}

/**
 * Opens the journal of a run. With `resume` what an interrupted run of the same library, token and settings has left is
 * taken over; else, and where it is another run's, a new one begins. Throws `output.*`.
 */
export async function openRunJournal(home: Home, identity: RunIdentity, resume: boolean): Promise<RunJournal> {
  const path = journalPath(home, identity)
  const before = resume ? await readJournal(path, identity) : null
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(path, before === null ? 'w' : 'r+', 0o600)
    if (before !== null) await handle.truncate(before.length)
    const journal = writingTo(handle, path, before)
    if (before === null) await journal.write({ run: identity })
    return journal
  } catch (error) {
    throw writeFailure(error)
  }
}

interface Before {
  /** Bytes of whole lines. */
  readonly length: number
  readonly kept: ReadonlyMap<string, KeptResult>
  readonly begun: ReadonlyMap<string, number>
}

function writingTo(
  handle: FileHandle,
  path: string,
  before: Before | null,
): RunJournal & { write(line: object): Promise<void> } {
  let at = before?.length ?? 0
  let closed = false
  const write = async (line: object): Promise<void> => {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      await handle.write(bytes, 0, bytes.length, at)
      await handle.datasync()
    } catch (error) {
      throw writeFailure(error)
    }
    at += bytes.length
  }
  const close = async (): Promise<void> => {
    if (!closed) await handle.close()
    closed = true
  }
  return {
    kept: before?.kept ?? new Map(),
    begunBefore: id => before?.begun.get(id) ?? 0,
    write,
    begin: id => write({ begun: id }),
    append: result => write(result),
    abandon: id => write({ abandoned: id }),
    close,
    async finish() {
      await close()
      await rm(path, { force: true })
    },
  }
}

/** What an interrupted run has left; null where it is of no use. A line that was cut off counts as never written. */
async function readJournal(path: string, identity: RunIdentity): Promise<Before | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw writeFailure(error)
  })
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const lines = whole.split('\n').slice(0, -1).map(parsed)
  const [first, ...rest] = lines
  if (first === undefined || JSON.stringify(first['run']) !== JSON.stringify(identity)) return null
  const kept = new Map<string, KeptResult>()
  const begun = new Map<string, number>()
  for (const line of rest) {
    const result = resultOf(line)
    const { begun: started, abandoned } = line
    if (typeof started === 'string') begun.set(started, (begun.get(started) ?? 0) + 1)
    else if (typeof abandoned === 'string') begun.set(abandoned, (begun.get(abandoned) ?? 0) - 1)
    else if (result === null) return null
    else kept.set(result.id, result)
  }
  return { length: Buffer.byteLength(whole), kept, begun }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const statuses: readonly Status[] = ['pass', 'fail', 'skip', 'na']

/** Written by this program for itself: what could not be one of its lines is refused, the rest is believed. */
function resultOf(line: Readonly<Record<string, unknown>>): KeptResult | null {
  const { id, ms, outcome, timings } = line
  if (typeof id !== 'string' || typeof ms !== 'number') return null
  if (typeof outcome !== 'object' || outcome === null || typeof timings !== 'object' || timings === null) return null
  const { status, evidence } = outcome as Partial<Outcome>
  if (status === undefined || !statuses.includes(status) || !Array.isArray(evidence)) return null
  return line as unknown as KeptResult
}

/** SHA-256, hex, of what decides a run. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
