import type { LibraryEntry } from './entry.ts'

/** How an entry's last day lies to the day it is needed. */
export interface Expiry {
  readonly entry: LibraryEntry
  readonly validUntil: string
  /** `expired`: before today. `too-early`: before the day it is needed. `soon`: within the margin after it. */
  readonly state: 'expired' | 'too-early' | 'soon'
  /** Days from the day it is needed to its last day; negative when it ends before. */
  readonly days: number
}

/** How long a paper should still be valid after the opening: bids are evaluated for weeks after it. In days. */
export const usualMargin = 30

/**
 * The entries that are no longer valid, or not long enough: held against today and against `needed`, the opening of a
 * tender. The most urgent come first. Days are those of China, in which the papers are dated; on its last day a paper is valid.
 */
export function expiries(
  entries: readonly LibraryEntry[],
  { now, needed = now, margin = usualMargin }: { readonly now: Date; readonly needed?: Date; readonly margin?: number },
): readonly Expiry[] {
  const [today, day] = [dayNumber(chineseDay(now)), dayNumber(chineseDay(needed))]
  return entries
    .flatMap((entry): readonly Expiry[] => {
      if (entry.validUntil === undefined) return []
      const last = dayNumber(entry.validUntil)
      const state = last < today ? 'expired' : last < day ? 'too-early' : last < day + margin ? 'soon' : null
      return state === null ? [] : [{ entry, validUntil: entry.validUntil, state, days: last - day }]
    })
    .sort((a, b) => a.days - b.days)
}

/** The day it is in China at a moment, `2026-03-01`. */
export function chineseDay(time: Date): string {
  return new Date(time.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
}

function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000)
}
