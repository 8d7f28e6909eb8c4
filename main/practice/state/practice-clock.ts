import type { Clock } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { fieldsOf } from '../../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'

/** The platform's own clock: the machine's, moved forward by as much as a rehearsal has asked for. */
export interface PracticeClock extends Clock {
  /** Moves on by so many milliseconds, durably before it takes effect; never back. Throws `arguments.bad`. */
  advance(milliseconds: number): Promise<void>
}

/** Ten years: more is a slip of a test, and dates stay printable. */
const furthest = 10 * 366 * 86_400_000

/** The clock kept in a file, over the machine's. */
export async function openPracticeClock(path: string, machine: Clock): Promise<PracticeClock> {
  const stored = await readJsonIfThere(path)
  let offset = stored === null ? 0 : fieldsOf(stored, 'input.unreadable').count('offsetMilliseconds')
  return {
    now: () => new Date(machine.now().getTime() + offset),
    async advance(milliseconds) {
      const next = offset + milliseconds
      if (!Number.isSafeInteger(milliseconds) || milliseconds < 0 || next > furthest) {
        throw new AppFailure('arguments.bad', 'the practice clock only moves forward, by whole milliseconds')
      }
      await writeJsonAtomic(path, { offsetMilliseconds: next })
      offset = next
    },
  }
}
