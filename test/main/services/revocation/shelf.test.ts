import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ShelfLimits, shelfAt } from '../../../../main/services/revocation/shelf.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-shelf-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const issuer = Buffer.from('CN=标封演练签发 CA')
const day = (number: number): Date => new Date(Date.UTC(2026, 0, 1 + number))
const span = (from: number, until: number) => ({ thisUpdate: day(from), nextUpdate: day(until) })
const series = (place = 'http://ca/1.crl', name: Uint8Array = issuer) => ({
  kind: 'crl' as const,
  issuer: name,
  place,
})
const at = (limits?: ShelfLimits) => shelfAt(join(folder, 'revocation'), limits)
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const days = async () =>
  (await at().list())
    .map(({ thisUpdate, nextUpdate }) =>
      [thisUpdate, nextUpdate].map(time => (time.getTime() - day(0).getTime()) / 864e5),
    )
    .sort(([a = 0], [b = 0]) => a - b)

test('is empty before anything was kept, and makes no folder by being looked at', async () => {
  expect(await at().list()).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('keeps what it is given under the digests of issuer and place, whole or not at all', async () => {
  expect(await at().put(series(), span(0, 7), bytes('list'))).toBe('newer')
  const [kept] = await at().list()
  expect(kept).toMatchObject({ kind: 'crl', thisUpdate: day(0), nextUpdate: day(7) })
  expect(kept && (await at().read(kept))).toEqual(Buffer.from('list'))
  expect(readdirSync(join(folder, 'revocation')).join()).toMatch(
    /^crl-[0-9a-f]{32}-[0-9a-f]{32}-20260101000000-20260108000000\.der$/,
  )
})

test('takes no older issue than the one it has, of the same issuer and place', async () => {
  await at().put(series(), span(5, 12), bytes('new'))
  expect(await at().put(series(), span(4, 30), bytes('old'))).toBe('older')
  expect(await days()).toEqual([[5, 12]])
  expect(await at().put(series('http://ca/2.crl'), span(4, 11), bytes('of another place'))).toBe('newer')
  expect(await at().put(series(undefined, Buffer.from('CN=other')), span(3, 10), bytes('of another'))).toBe('newer')
  expect(await at().put(series(), span(5, 12), bytes('mended'))).toBe('same')
  const kept = (await at().list()).find(({ thisUpdate }) => thisUpdate.getTime() === day(5).getTime())
  expect(kept && (await at().read(kept))).toEqual(Buffer.from('mended'))
})

test('keeps the fewest older issues that speak for every earlier time', async () => {
  for (const from of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) await at().put(series(), span(from, from + 4), bytes('x'))
  expect(await days()).toEqual([
    [0, 4],
    [4, 8],
    [8, 12],
    [9, 13],
  ])
  // After a gap nothing older may go: each speaks for a time of its own.
  await at().put(series(), span(40, 44), bytes('x'))
  expect(await days()).toEqual([
    [0, 4],
    [4, 8],
    [8, 12],
    [9, 13],
    [40, 44],
  ])
})

test('drops the issues that ran out first when there is too much, the newest of a series last', async () => {
  const limits = { bytes: 30, files: 100 }
  await at(limits).put(series(), span(0, 4), bytes('0123456789'))
  await at(limits).put(series(), span(40, 44), bytes('0123456789'))
  await at(limits).put(series('http://ca/2.crl'), span(2, 6), bytes('0123456789'))
  await at(limits).put(series(), span(80, 84), bytes('0123456789'))
  expect(await days()).toEqual([
    [2, 6],
    [40, 44],
    [80, 84],
  ])
  await at({ bytes: 1000, files: 1 }).put(series(), span(90, 94), bytes('x'))
  expect(await days()).toEqual([[90, 94]])
})

test('passes over files that are not its own and sweeps up what a killed process left', async () => {
  mkdirSync(join(folder, 'revocation'))
  writeFileSync(join(folder, 'revocation', 'notes.txt'), 'mine')
  writeFileSync(join(folder, 'revocation', 'crl-x.der.4194303.0123456789ab.tmp'), 'half')
  await at().put(series(), span(0, 7), bytes('list'))
  expect((await at().list()).length).toBe(1)
  expect(readdirSync(join(folder, 'revocation')).sort()).toEqual([expect.stringMatching(/^crl-/), 'notes.txt'])
})
