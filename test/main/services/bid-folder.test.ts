import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Tender } from '../../../crypto/index.ts'
import { addDocument, checkBid, fillForm, loadDraft, newBid } from '../../../main/services/index.ts'
import type { Finding } from '../../../main/services/index.ts'
import { makeSealedBid, makeTender } from '../../fixtures/sealed-bid.ts'

let tender: Tender
let other: Tender
let root: string
let folder: string

beforeAll(async () => {
  tender = (await makeTender({ fields: { limits: { fileBytes: 1000, bidBytes: 1500 } } })).tender
  other = (await makeTender({ fields: { tenderId: 'another' } })).tender
})

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-bid-'))
  folder = join(root, '投标 文件')
  await newBid({ folder, tender, bidder: { name: '云岭建设集团有限公司' } })
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const file = (name: string, content: string | Uint8Array = name): string => {
  const path = join(root, name)
  writeFileSync(path, content)
  return path
}
const add = (name: string, documentId = 'letter', replace = false, content: string | Uint8Array = name) =>
  addDocument(tender, { folder, file: file(name, content), documentId, replace })
const findings = async (): Promise<readonly Finding[]> =>
  (await checkBid(folder, (await loadDraft(folder)).draft, tender)).findings
const codes = async (): Promise<readonly string[]> => (await findings()).map(({ code, about }) => `${code} ${about}`)
const edit = (change: (draft: Record<string, unknown>) => void): void => {
  const path = join(folder, 'bid.json')
  const draft = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(draft)
  writeFileSync(path, JSON.stringify(draft))
}

test('every save is a revision whose parent is the save before', async () => {
  const before = readFileSync(join(folder, 'bid.json'))
  const draft = await add('投标函 终稿.pdf')
  expect(draft.revision).toBe(2)
  expect(draft.parent).toBe(createHash('sha256').update(before).digest('hex'))
  expect(draft.documents).toMatchObject([{ id: 'd1', path: 'documents/投标函 终稿.pdf', documentId: 'letter' }])
  expect(draft.documents[0]?.digest).toBe(createHash('sha256').update('投标函 终稿.pdf').digest('hex'))
  expect(readFileSync(join(folder, 'documents', '投标函 终稿.pdf'), 'utf8')).toBe('投标函 终稿.pdf')
})

test('begins only in a new or empty folder', async () => {
  await expect(newBid({ folder, tender })).rejects.toMatchObject({ code: 'output.exists' })
  mkdirSync(join(root, 'empty'))
  expect((await newBid({ folder: join(root, 'empty'), tender })).revision).toBe(1)
})

test('refuses a document the tender does not ask for, a second one in one place, and a name that is taken', async () => {
  await expect(add('a.pdf', 'nosuch')).rejects.toMatchObject({ code: 'arguments.bad' })
  await add('a.pdf')
  await expect(add('b.pdf')).rejects.toMatchObject({ code: 'output.exists' })
  await expect(add('a.pdf', 'technical')).rejects.toMatchObject({ code: 'output.exists' })
  expect(readdirSync(join(folder, 'documents'))).toEqual(['a.pdf'])
})

test('a replacement takes the place and the file of the old one', async () => {
  await add('a.pdf')
  const draft = await add('b.pdf', 'letter', true)
  expect(draft.documents.map(({ path }) => path)).toEqual(['documents/b.pdf'])
  expect(readdirSync(join(folder, 'documents'))).toEqual(['b.pdf'])
})

test('a corrected file of the same name takes the place of the old one and keeps its name', async () => {
  await add('a.pdf', 'letter', false, 'old')
  const read = (path = ''): string => readFileSync(join(folder, path), 'utf8')
  for (const content of ['new', 'newer', 'newest']) {
    const { documents } = await add('a.pdf', 'letter', true, content)
    expect(documents).toHaveLength(1)
    expect(documents[0]?.path).toMatch(/^documents\/(\d+\/)?a\.pdf$/)
    expect(read(documents[0]?.path)).toBe(content)
    const files = readdirSync(join(folder, 'documents'), { recursive: true, withFileTypes: true })
    expect(files.filter(each => each.isFile())).toHaveLength(1)
    expect(await codes()).not.toEqual(expect.arrayContaining([expect.stringContaining('unlisted')]))
  }
})

test('a replacement that cannot be saved loses nothing and leaves nothing', async () => {
  await add('a.pdf', 'letter', false, 'old')
  const { documents } = (await loadDraft(folder)).draft
  const path = join(folder, 'bid.json')
  const saved = readFileSync(path)
  const adding = add('a.pdf', 'letter', true, 'new')
  const refused = expect(adding).rejects.toMatchObject({ code: 'bid.invalid' })
  // The draft is damaged once the copy has begun.
  while (!existsSync(join(folder, 'documents', '2'))) await immediate()
  writeFileSync(path, '{')
  await refused
  writeFileSync(path, saved)
  expect((await loadDraft(folder)).draft.documents).toEqual(documents)
  expect(readdirSync(join(folder, 'documents'))).toEqual(['a.pdf'])
  expect(readFileSync(join(folder, 'documents', 'a.pdf'), 'utf8')).toBe('old')
})

test('beside a document of another place that has its name a file is given a number', async () => {
  await add('a.pdf', 'letter', true)
  const { documents } = await add('a.pdf', 'technical', true)
  expect(documents.map(({ path }) => path)).toEqual(['documents/a.pdf', 'documents/a (2).pdf'])
})

test('a file nobody listed is found in a numbered folder too', async () => {
  mkdirSync(join(folder, 'documents', '2'))
  writeFileSync(join(folder, 'documents', '2', 'stray.txt'), '')
  expect(await codes()).toEqual(expect.arrayContaining(['file-unlisted stray.txt']))
})

test('of changes that two programs save at once the later is refused, and no earlier one is lost', async () => {
  const tried = await Promise.allSettled(
    ['1', '2', '3', '4', '5', '6'].map(price =>
      fillForm(tender, { folder, formId: 'opening', values: new Map([['投标总价', price]]) }),
    ),
  )
  const saved = tried.filter(({ status }) => status === 'fulfilled')
  expect((await loadDraft(folder)).draft.revision).toBe(1 + saved.length)
  for (const each of tried) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'input.changed' })
})

test('refuses to add what is sealed already', async () => {
  const sealed = await makeSealedBid()
  const request = { folder, file: sealed.path, documentId: 'letter', replace: false }
  await expect(addDocument(tender, request)).rejects.toMatchObject({ code: 'seal.already-sealed' })
  sealed.remove()
})

test.each(['a.pdf.', 'b:c.pdf', 'q?.pdf', 'tab\t.pdf'])(
  'refuses the name %j, which not every system can store',
  async name => {
    await expect(add(name)).rejects.toMatchObject({ code: 'input.unreadable' })
    expect(readdirSync(join(folder, 'documents'))).toEqual([])
  },
)

test('fills in forms field by field and refuses strangers', async () => {
  await fillForm(tender, { folder, formId: 'opening', values: new Map([['投标总价', '1,000.00']]) })
  const draft = await fillForm(tender, { folder, formId: 'opening', values: new Map([['工期', '365']]) })
  expect(draft.forms).toEqual([
    {
      id: 'opening',
      fields: [
        { name: '投标总价', value: '1,000.00' },
        { name: '工期', value: '365' },
      ],
    },
  ])
  for (const request of [
    { folder, formId: 'nosuch', values: new Map() },
    { folder, formId: 'opening', values: new Map([['nosuch', '1']]) },
    { folder, formId: 'opening', values: new Map([['工期', 'x'.repeat(65_537)]]) },
  ]) {
    await expect(fillForm(tender, request)).rejects.toMatchObject({ code: 'arguments.bad' })
  }
  await fillForm(tender, { folder, formId: 'opening', values: new Map([['工期', 'x'.repeat(65_536)]]) })
  expect((await loadDraft(folder)).draft.forms[0]?.fields[1]?.value).toHaveLength(65_536)
})

test('the check names what is missing, empty, too large, unlisted and gone', async () => {
  expect(await codes()).toContain('document-missing letter 投标函')
  await add('a.pdf', 'letter', false, '')
  await add('b.pdf', 'technical', false, 'x'.repeat(1001))
  writeFileSync(join(folder, 'documents', 'stray.txt'), '')
  expect(await codes()).toEqual(
    expect.arrayContaining(['document-empty a.pdf', 'document-too-large b.pdf', 'file-unlisted stray.txt']),
  )
  writeFileSync(join(folder, 'documents', 'a.pdf'), 'x'.repeat(900))
  truncateSync(join(folder, 'documents', 'b.pdf'), 900)
  expect(await codes()).toContain('bid-too-large 滇中引水工程二期配套管网施工')
  rmSync(join(folder, 'documents', 'b.pdf'))
  expect(await codes()).toContain('document-gone b.pdf')
})

test('a bid for another tender is not checked but refused', async () => {
  const { draft } = await loadDraft(folder)
  await expect(checkBid(folder, draft, other)).rejects.toMatchObject({ code: 'seal.foreign-tender' })
})

test.each([
  '../outside.pdf',
  '/etc/passwd',
  'documents/../../outside.pdf',
  'documents\\a.pdf',
  'documents//a.pdf',
  'C:/a',
])('refuses the path %j in a draft from elsewhere', async path => {
  file('outside.pdf')
  edit(draft => (draft['documents'] = [{ id: 'd1', path, documentId: 'letter' }]))
  await expect(findings()).rejects.toMatchObject({ code: 'bid.invalid' })
})

test('refuses links, for a document and for the folder it stands in', async () => {
  symlinkSync(file('outside.pdf'), join(folder, 'documents', 'a.pdf'))
  edit(draft => (draft['documents'] = [{ id: 'd1', path: 'documents/a.pdf', documentId: 'letter' }]))
  await expect(findings()).rejects.toMatchObject({ code: 'bid.invalid' })
  rmSync(join(folder, 'documents'), { recursive: true })
  symlinkSync(root, join(folder, 'documents'))
  edit(draft => (draft['documents'] = [{ id: 'd1', path: 'documents/outside.pdf', documentId: 'letter' }]))
  await expect(findings()).rejects.toMatchObject({ code: 'bid.invalid' })
})

test.each([
  ['no JSON', (text: string) => text.slice(1)],
  ['another format', (text: string) => text.replace('bidseal-draft/1', 'bidseal-draft/2')],
  ['no bidder', (text: string) => text.replace('"bidder"', '"somebody"')],
  ['a list that is none', (text: string) => text.replace('"documents": []', '"documents": {}')],
])('refuses a bid.json with %s', async (_what, damage) => {
  const path = join(folder, 'bid.json')
  writeFileSync(path, damage(readFileSync(path, 'utf8')))
  await expect(loadDraft(folder)).rejects.toMatchObject({ code: 'bid.invalid' })
  expect(existsSync(path)).toBe(true)
})

test('does not overwrite what another program saved meanwhile', async () => {
  const { saveDraft } = await import('../../../main/services/bids/draft.ts')
  const loaded = await loadDraft(folder)
  await add('a.pdf')
  await expect(saveDraft(folder, loaded.draft, loaded)).rejects.toMatchObject({ code: 'input.changed' })
  expect((await loadDraft(folder)).draft.documents).toHaveLength(1)
})
