import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCanonicalZip, writeCanonicalZip } from '../../../../main/services/evidence/canonical-zip.ts'
import { toFailure } from '../../../../main/services/index.ts'
import { runShell } from '../../../fixtures/evidence.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const files = new Map([
  ['b/two.txt', bytes('second')],
  ['a.txt', bytes('first')],
  ['c-empty', new Uint8Array(0)],
])

it('gives the same bytes whatever the order the files came in', () => {
  const other = new Map([...files].reverse())
  expect(writeCanonicalZip(other)).toEqual(writeCanonicalZip(files))
  expect([...readCanonicalZip(writeCanonicalZip(files)).keys()]).toEqual(['a.txt', 'b/two.txt', 'c-empty'])
})

it('is read by unzip without a complaint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-zip-'))
  try {
    writeFileSync(join(folder, 'made.zip'), writeCanonicalZip(files))
    expect(await runShell('unzip -tq made.zip && unzip -p made.zip b/two.txt', folder)).toEqual({
      ok: true,
      output: 'No errors detected in compressed data of made.zip.\nsecond',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('refuses every other value of every byte, and names the entry it lies in', () => {
  const archive = writeCanonicalZip(files)
  const missed: string[] = []
  for (let at = 0; at < archive.length; at += 1) {
    for (const by of [1, 0x20, 0x80, 0xff]) {
      const changed = Uint8Array.from(archive)
      changed[at] = ((changed[at] ?? 0) ^ by) & 0xff
      const failure = refusalOf(changed)
      if (failure?.code !== 'evidence.broken' || !/^[\w./ -]+: /.test(failure.detail ?? ''))
        missed.push(`${at} ^ ${by}`)
    }
  }
  expect(missed).toEqual([])
})

it.each([
  ['bytes after its end', (archive: Uint8Array) => Buffer.concat([archive, Uint8Array.of(0)])],
  ['bytes before its beginning', (archive: Uint8Array) => Buffer.concat([Uint8Array.of(0x50), archive])],
  ['a missing end', (archive: Uint8Array) => archive.subarray(0, -1)],
  ['nothing at all', () => new Uint8Array(0)],
  [
    'a claim of four gigabytes',
    (archive: Uint8Array) => Uint8Array.from(archive, (b, at) => (at >= 18 && at < 26 ? 0xff : b)),
  ],
])('refuses an archive with %s', (_what, change) => {
  expect(refusalOf(change(writeCanonicalZip(files)))).toMatchObject({ code: 'evidence.broken' })
})

it('names the entry whose content was changed', () => {
  const archive = Buffer.from(writeCanonicalZip(files))
  archive[archive.indexOf('second')] = 0x53
  expect(refusalOf(archive)?.detail).toMatch(/^b\/two\.txt: /)
})

function refusalOf(archive: Uint8Array) {
  try {
    readCanonicalZip(archive)
    return null
  } catch (error) {
    return toFailure(error)
  }
}
