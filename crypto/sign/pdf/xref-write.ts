import { concat } from '../../der/writer.ts'
import { array, changed, name, type PdfDictionary, type PdfReference } from './objects.ts'
import { latin1, serialize, serializeIndirect } from './serialize.ts'
import type { XrefEntry } from './xref-entries.ts'

/** A row of a section that is written. */
export type WrittenEntry = Exclude<XrefEntry, { readonly kind: 'free' }>

/** A section of a cross-reference table with its trailer (ISO 32000-1, 7.5.4): rows of exactly 20 bytes. */
export function writeTableSection(rows: ReadonlyMap<number, WrittenEntry>, trailer: PdfDictionary): Uint8Array {
  const text = ['xref\n']
  const whole = trailer.entries.has('Prev') ? '' : '0 1\n0000000000 65535 f \n'
  if (whole !== '') text.push(whole)
  for (const run of runsOf(rows)) {
    text.push(`${run[0]?.number ?? 0} ${run.length}\n`)
    for (const { entry } of run) {
      // A table names only what is in the file itself; its writer was chosen because there is nothing else.
      const { offset, generation } = entry.kind === 'file' ? entry : { offset: 0, generation: 0 }
      text.push(`${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} n \n`)
    }
  }
  return concat(latin1(`${text.join('')}trailer\n`), serialize(trailer), latin1('\n'))
}

/** A section as a stream (7.5.8), which is an object of its own. */
export function writeStreamSection(
  rows: ReadonlyMap<number, WrittenEntry>,
  trailer: PdfDictionary,
  at: PdfReference | null,
): Uint8Array {
  const number = at?.number ?? 0
  const runs = runsOf(rows)
  let highest = 0
  for (const entry of rows.values()) highest = Math.max(highest, entry.kind === 'file' ? entry.offset : entry.stream)
  const width = Math.max(1, Math.ceil(Math.log2(highest + 1) / 8))
  const data = Buffer.alloc(rows.size * (width + 3))
  let position = 0
  for (const { entry } of runs.flat()) {
    data[position] = entry.kind === 'file' ? 1 : 2
    data.writeUIntBE(entry.kind === 'file' ? entry.offset : entry.stream, position + 1, Math.min(width, 6))
    data.writeUInt16BE(entry.kind === 'file' ? entry.generation : entry.index & 0xffff, position + 1 + width)
    position += width + 3
  }
  const dictionary = changed(trailer, {
    Type: name('XRef'),
    W: array([1, width, 2]),
    Index: array(runs.flatMap(run => [run[0]?.number ?? 0, run.length])),
  })
  const body = serialize({ kind: 'stream', dictionary, data: { at: 'hand', bytes: data } })
  return serializeIndirect(number, 0, body)
}

interface Row {
  readonly number: number
  readonly entry: WrittenEntry
}

/** Rows by number, in runs without holes. */
function runsOf(rows: ReadonlyMap<number, WrittenEntry>): readonly (readonly Row[])[] {
  const runs: Row[][] = []
  let last: number | null = null
  for (const [number, entry] of [...rows].sort(([a], [b]) => a - b)) {
    if (last !== null && number === last + 1) runs.at(-1)?.push({ number, entry })
    else runs.push([{ number, entry }])
    last = number
  }
  return runs
}
