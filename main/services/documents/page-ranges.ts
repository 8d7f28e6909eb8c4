/** Pages from one to another, counted from 1. */
export type PageRange = readonly [from: number, to: number]

/** Pages as people write them: `1-3, 7`; also with ～, 、 and a dash of another length. Null for what is none, or in disorder. */
export function readPageRanges(text: string): readonly PageRange[] | null {
  const ranges: PageRange[] = []
  for (const piece of text.normalize('NFKC').split(/[,、;]/u)) {
    const match = /^\s*(\d{1,6})\s*(?:[-–—~至]\s*(\d{1,6}))?\s*$/u.exec(piece)
    if (match === null) return null
    const from = Number(match[1])
    const to = match[2] === undefined ? from : Number(match[2])
    if (from < 1 || to < from) return null
    ranges.push([from, to])
  }
  return joined(ranges)
}

/** `1–3、7`. */
export function pageRangesText(ranges: readonly PageRange[]): string {
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join('、')
}

/** In order, with overlapping and neighbouring ones as one. */
export function joined(ranges: readonly PageRange[]): readonly PageRange[] {
  const result: PageRange[] = []
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && range[0] <= last[1] + 1)
      result[result.length - 1] = [last[0], Math.max(last[1], range[1])]
    else result.push(range)
  }
  return result
}
