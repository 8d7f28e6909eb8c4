import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Failure } from '../contract/failure.ts'
import { toFailure } from '../services/index.ts'

/** Turns what was thrown into what may cross the bridge; keeps a note of faults of the program. */
export type ReportFailure = (error: unknown) => Failure

/**
 * Failures for the pages: expected ones with their code, faults of the program as `internal` with an incident number that
 * is also in the log. `incident` makes the numbers.
 * SECURITY: the log has where a fault happened and never its text, which may hold anything.
 */
export function incidentLog(path: string, incident: () => string, now: () => Date): ReportFailure {
  return error => {
    const failure = toFailure(error)
    if (failure.code !== 'internal') return failure
    const number = incident()
    void note(path, { at: now().toISOString(), incident: number, ...traceOf(error) })
    return { code: 'internal', detail: `incident ${number}` }
  }
}

async function note(path: string, line: object): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, `${JSON.stringify(line)}\n`, { mode: 0o600 })
  } catch {
    // A log that can't be written must not become a second fault.
  }
}

interface Trace {
  readonly name: string
  readonly code?: string
  readonly frames: readonly string[]
}

function traceOf(error: unknown): Trace {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const stack = error.stack ?? ''
  // The message stands before the places, and may have lines that look like one.
  const places = stack.slice(Math.max(0, stack.indexOf(error.message)) + error.message.length)
  const frames = places.split('\n').filter(line => /^\s+at .*:\d+:\d+\)?$/.test(line))
  // Of a place in the program its file's name is enough; the folders are the user's.
  return {
    name: error.name,
    ...code,
    frames: frames.slice(0, 12).map(line => line.trim().replace(/[^\s(]*[/\\]/g, '')),
  }
}
