import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { Contestant } from './measure.ts'

/** A program to be run once. */
export interface ProgramRun {
  readonly command: string
  readonly args: readonly string[]
  /** A file its output overwrites in place; without one it is answered as text. */
  readonly output?: string
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

/** What came of it; both times from its start to its end. */
export interface ProgramEnd {
  readonly seconds: number
  readonly printed: string
}

/** Runs a program to its end. Null where it can't be started, fails or is stopped. */
export async function finished({ command, args, output, env, signal }: ProgramRun): Promise<ProgramEnd | null> {
  // Never truncated: contestants overwrite what is there.
  const file = output === undefined ? null : await open(output, 'r+')
  try {
    const started = performance.now()
    const child = spawn(command, args, {
      stdio: ['ignore', file?.fd ?? 'pipe', 'ignore'],
      windowsHide: true,
      ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
      ...(signal === undefined ? {} : { signal }),
    })
    let printed = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes.toString()
    })
    const code = await new Promise<number | null>(resolve => {
      // One that was stopped is waited for: its files are about to be removed.
      child.once('error', () => {
        if (child.pid === undefined) resolve(null)
      })
      child.once('close', resolve)
    })
    return code === 0 ? { seconds: (performance.now() - started) / 1000, printed } : null
  } finally {
    await file?.close()
  }
}

/** A program whose whole run is timed. */
export function program(name: string, command: string, args: readonly string[], output?: string): Contestant {
  return {
    name,
    run: async ({ signal }) => {
      const end = await finished({ command, args, signal, ...(output === undefined ? {} : { output }) })
      return end?.seconds ?? null
    },
  }
}

/** A program that measures for itself and prints its seconds, which `scale` makes out of its text. */
export function measuredElsewhere(
  name: string,
  command: string,
  args: readonly string[],
  scale: (printed: string) => number = Number,
): Contestant {
  return {
    name,
    async run({ signal }) {
      const end = await finished({ command, args, signal })
      const seconds = end === null ? Number.NaN : scale(end.printed)
      return Number.isFinite(seconds) && seconds > 0 ? seconds : null
    },
  }
}
