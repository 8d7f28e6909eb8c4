import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Failure } from '../../../../main/contract/failure.ts'
import { checkExtract, extractOf } from '../../../../main/services/evidence/extract.ts'
import type { JournalExtract } from '../../../../main/services/evidence/extract.ts'
import { toFailure } from '../../../../main/services/index.ts'
import { journalAt } from '../../../../main/store/index.ts'
import type { JournalLine } from '../../../../main/store/index.ts'

const bid = { sealId: 'mine', sealDigest: 'aa'.repeat(32), packageDigest: 'bb'.repeat(32) }
let folder: string
let lines: readonly JournalLine[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-extract-'))
  const journal = journalAt(join(folder, 'journal.jsonl'), () => new Date('2026-11-24T01:02:03Z'))
  await journal.append('tender-imported', { packageDigest: bid.packageDigest })
  await journal.append('sealed', { sealId: 'other', packageDigest: bid.packageDigest })
  await journal.append('sealed', { sealId: 'mine', packageDigest: bid.packageDigest })
  await journal.append('received', { sealId: 'other', secret: '竞争对手' })
  await journal.append('replaced', { sealId: 'earlier', by: bid.sealDigest })
  await journal.append('received', { sealId: 'mine' })
  lines = await journal.lines()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('keeps the lines about the bid whole and of the others the digest alone', () => {
  const extract = extractOf(lines, bid)
  const { entries, digests } = checkExtract(extract)
  expect(entries.map(({ n }) => n)).toEqual([0, 2, 4, 5])
  expect(digests).toEqual(lines.map(({ digest }) => digest))
  expect(Buffer.concat([extract.lines, extract.chain]).toString()).not.toContain('竞争对手')
})

const edit = (part: keyof JournalExtract, change: (text: string) => string) => (extract: JournalExtract) => ({
  ...extract,
  [part]: Buffer.from(change(Buffer.from(extract[part]).toString())),
})

it.each([
  ['a kept line that was changed', edit('lines', text => text.replace('"sealId":"mine"', '"sealId":"mime"'))],
  ['a kept line that is missing', edit('lines', text => text.split('\n').slice(1).join('\n'))],
  ['a kept line that stands twice', edit('lines', text => text + (text.split('\n')[0] ?? '') + '\n')],
  ['a last line without an end', edit('lines', text => text.slice(0, -1))],
  ['a line taken out of the chain', edit('chain', text => text.replace(/^1 .*\n/m, ''))],
  ['another digest of a skipped line', edit('chain', text => text.replace(/^1 ../m, '1 00'))],
  ['a skipped line that is called kept', edit('chain', text => text.replace(/^(3 .*) skipped/m, '$1 kept'))],
  ['a kept line that is called skipped', edit('chain', text => text.replace(/^(2 .*) kept/m, '$1 skipped'))],
  ['another number', edit('chain', text => text.replace(/^5 /m, '6 '))],
])('refuses %s', (_what, change) => {
  expect(refusalOf(change(extractOf(lines, bid)))).toMatchObject({ code: 'evidence.broken' })
})

function refusalOf(extract: JournalExtract): Failure | null {
  try {
    checkExtract(extract)
    return null
  } catch (error) {
    return toFailure(error)
  }
}
