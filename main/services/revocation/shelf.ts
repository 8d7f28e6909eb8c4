import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RevocationSpan } from '../../../crypto/index.ts'
import { readFileIfThere, sweepTemporaries, writeFileAtomic } from '../../store/index.ts'

/** What is kept: revocation lists, OCSP answers, and certificates of authorities. */
export type ShelfKind = 'crl' | 'ocsp' | 'issuer'

/** Which series of issues a piece belongs to: of one issuer name, from one place (or about one certificate). */
export interface Series {
  readonly kind: ShelfKind
  /** The issuer's DER Name; of an authority's certificate its own. */
  readonly issuer: Uint8Array
  /** The distribution point's address, or the certificate asked about (DER). */
  readonly place: Uint8Array | string
}

/** One file as its name describes it. A name is no proof: whoever uses the bytes judges them. */
export interface Shelved {
  readonly kind: ShelfKind
  /** Digests of {@link Series.issuer} and {@link Series.place}, hex. */
  readonly issuer: string
  readonly place: string
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  readonly path: string
}

/** Bounds of the whole shelf; the least useful goes first. */
export interface ShelfLimits {
  readonly bytes: number
  readonly files: number
}

/** What was fetched once and serves offline from then on: one folder of files that are each written at once or not at all. */
export interface Shelf {
  list(): Promise<readonly Shelved[]>
  /** Null when it has gone meanwhile or cannot be read. */
  read(piece: Shelved): Promise<Uint8Array | null>
  /** Keeps a piece unless a newer one of its series is here: `older`. `same` was here already. Throws `output.*`. */
  put(series: Series, span: RevocationSpan, bytes: Uint8Array): Promise<'newer' | 'same' | 'older'>
}

/** 128 MiB: eight of the longest lists. */
const usualLimits: ShelfLimits = { bytes: 128 * 1024 * 1024, files: 512 }

/** The shelf in a folder, which is made when it is first needed. */
export function shelfAt(folder: string, limits: ShelfLimits = usualLimits): Shelf {
  const list = async (): Promise<readonly Shelved[]> =>
    (await readdir(folder).catch(() => [])).flatMap(name => shelved(folder, name))
  return {
    list,
    read: ({ path }) => readFileIfThere(path).catch(() => null),
    async put(series, { thisUpdate, nextUpdate }, bytes) {
      const [issuer, place] = [digestOf(series.issuer), digestOf(series.place)]
      const { kind } = series
      const same = (await list()).filter(one => one.kind === kind && one.issuer === issuer && one.place === place)
      const newest = Math.max(...same.map(one => one.thisUpdate.getTime()))
      const made = Math.floor(thisUpdate.getTime() / 1000) * 1000
      if (made < newest) return 'older'
      const name = [kind, issuer, place, compact(thisUpdate), compact(nextUpdate)].join('-')
      await writeFileAtomic(join(folder, `${name}.der`), bytes)
      await sweepTemporaries(folder)
      await makeRoom(await list(), limits)
      return made === newest ? 'same' : 'newer'
    },
  }
}

/** The hex digest by which a series is found. */
export function digestOf(value: Uint8Array | string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32)
}

const nameForm = /^(crl|ocsp|issuer)-([0-9a-f]{32})-([0-9a-f]{32})-(\d{14})-(\d{14})\.der$/

function shelved(folder: string, name: string): readonly Shelved[] {
  const [, kind, issuer = '', place = '', from = '', until = ''] = nameForm.exec(name) ?? []
  if (kind !== 'crl' && kind !== 'ocsp' && kind !== 'issuer') return []
  return [{ kind, issuer, place, thisUpdate: expanded(from), nextUpdate: expanded(until), path: join(folder, name) }]
}

/** `20261124080000`: sorts like the times and is a file name everywhere. */
function compact(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-T:]/g, '')
}

function expanded(text: string): Date {
  return new Date(text.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z'))
}

/** Removes what no time of judgement needs any more, then, while there is too much, what ran out first. */
async function makeRoom(pieces: readonly Shelved[], limits: ShelfLimits): Promise<void> {
  const series = [...grouped(pieces).values()].map(inOrder)
  const useful = series.map(usefulOf)
  const kept = new Set(useful.flat())
  await Promise.all(pieces.filter(piece => !kept.has(piece)).map(remove))
  const newest = new Set(useful.flatMap(each => each.slice(-1)))
  const byUse = [...kept].sort(
    (a, b) => Number(newest.has(a)) - Number(newest.has(b)) || a.nextUpdate.getTime() - b.nextUpdate.getTime(),
  )
  const sizes = await Promise.all(byUse.map(sizeOf))
  let bytes = sizes.reduce((sum, size) => sum + size, 0)
  let files = byUse.length
  for (const [index, piece] of byUse.entries()) {
    if (bytes <= limits.bytes && files <= limits.files) return
    await remove(piece)
    bytes -= sizes[index] ?? 0
    files -= 1
  }
}

function grouped(pieces: readonly Shelved[]): ReadonlyMap<string, readonly Shelved[]> {
  const groups = new Map<string, Shelved[]>()
  for (const piece of pieces) {
    const key = [piece.kind, piece.issuer, piece.place].join()
    groups.set(key, [...(groups.get(key) ?? []), piece])
  }
  return groups
}

/** The newest last. */
function inOrder(series: readonly Shelved[]): readonly Shelved[] {
  return [...series].sort((a, b) => a.thisUpdate.getTime() - b.thisUpdate.getTime())
}

/**
 * The newest issue, and the fewest older ones that together speak for every earlier time any of them speaks for: a bid is
 * judged at the time of its receipt, which may be long ago.
 */
function usefulOf(series: readonly Shelved[]): readonly Shelved[] {
  const kept: Shelved[] = []
  for (const piece of series) {
    for (;;) {
      const [before, last] = [kept.at(-2), kept.at(-1)]
      if (before === undefined || last === undefined) break
      if (before.nextUpdate < piece.thisUpdate || last.nextUpdate > piece.nextUpdate) break
      kept.pop()
    }
    kept.push(piece)
  }
  return kept
}

function sizeOf({ path }: Shelved): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

function remove({ path }: Shelved): Promise<void> {
  return rm(path, { force: true }).catch(() => undefined)
}
