import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Tender } from '../../../../crypto/index.ts'
import {
  addDocument,
  bidHistory,
  checkBid,
  fillForm,
  keptRevisions,
  loadDraft,
  newBid,
  restoreRevision,
} from '../../../../main/services/index.ts'
import { removeDocument } from '../../../../main/services/bids/remove-document.ts'
import { tidyHistory } from '../../../../main/services/bids/revisions.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'

let tender: Tender
let root: string
let folder: string

beforeAll(async () => {
  tender = (await makeTender()).tender
})

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-history-'))
  folder = join(root, 'bid')
  await newBid({ folder, tender, bidder: { name: '云岭建设集团有限公司' } })
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const add = (name: string, content: string, documentId = 'letter', into = folder) => {
  const file = join(root, name)
  writeFileSync(file, content)
  return addDocument(tender, { folder: into, file, documentId, replace: true })
}
const price = (value: string, into = folder) =>
  fillForm(tender, { folder: into, formId: 'opening', values: new Map([['投标总价', value]]) })
const contents = async (): Promise<readonly string[]> =>
  (await loadDraft(folder)).draft.documents.map(({ path }) => readFileSync(join(folder, path), 'utf8'))
const live = (): readonly string[] =>
  readdirSync(join(folder, 'documents'), { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(({ name }) => name)

describe('the history of a bid', () => {
  it('has every state that was saved, each with the one before as its parent', async () => {
    await price('1')
    await price('2')
    const { present, earlier, forks, damaged } = await bidHistory(folder)
    expect([present, ...earlier].map(({ revision }) => revision)).toEqual([3, 2, 1])
    expect(present.draft.parent).toBe(earlier[0]?.digest)
    expect(forks).toEqual([])
    expect(damaged).toEqual([])
    expect(earlier[0]?.draft.forms[0]?.fields[0]?.value).toBe('1')
  })

  it('has the state of a bid that was begun before there were histories, and one whose saving was cut off', async () => {
    rmSync(join(folder, 'history'), { recursive: true })
    await price('1')
    rmSync(join(folder, 'history'), { recursive: true })
    await price('2')
    expect((await bidHistory(folder)).earlier.map(({ revision }) => revision)).toEqual([2])
  })

  it('keeps the last 50 revisions and no more', async () => {
    for (let value = 0; value < keptRevisions + 5; value += 1) await price(String(value))
    const { present, earlier } = await bidHistory(folder)
    expect(present.revision).toBe(keptRevisions + 6)
    expect(earlier).toHaveLength(keptRevisions)
    expect(readdirSync(join(folder, 'history')).filter(name => name.endsWith('.json'))).toHaveLength(keptRevisions + 1)
    await expect(restoreRevision(folder, '5')).rejects.toMatchObject({ code: 'arguments.bad' })
    expect((await restoreRevision(folder, '6')).draft.forms[0]?.fields[0]?.value).toBe('4')
  })

  it('names a state that cannot be read and still shows the others', async () => {
    await price('1')
    await price('2')
    const name = readdirSync(join(folder, 'history')).find(each => each.startsWith('000002')) ?? ''
    writeFileSync(join(folder, 'history', name), '{')
    const { damaged, earlier } = await bidHistory(folder)
    expect([damaged, earlier]).toEqual([[name], []])
  })
})

describe('restoring', () => {
  it('brings back documents and values as a new revision, whatever became of their files', async () => {
    await add('a.pdf', 'first')
    await add('a.pdf', 'second')
    await price('7')
    await removeDocument({ folder, id: 'd2' })
    expect(live()).toEqual([])
    await add('a.pdf', 'fourth')
    for (const [which, expected] of [
      ['2', ['first']],
      ['3', ['second']],
      ['5', []],
      ['6', ['fourth']],
      ['2', ['first']],
    ] as const) {
      const { draft, missing } = await restoreRevision(folder, which)
      expect([which, await contents(), missing]).toEqual([which, expected, []])
      expect(draft.revision).toBe((await loadDraft(folder)).draft.revision)
      expect(live()).toHaveLength(expected.length)
      expect((await checkBid(folder, draft, tender)).findings.map(({ code }) => code)).not.toContain('file-unlisted')
    }
    const { draft } = await loadDraft(folder)
    expect(draft.revision).toBe(11)
    expect(draft.forms).toEqual([])
  })

  it('leaves a document where it is that is still in the bid', async () => {
    await add('a.pdf', 'content')
    await price('1')
    const before = (await loadDraft(folder)).draft.documents
    expect((await restoreRevision(folder, '2')).draft.documents).toEqual(before)
  })

  it('takes a state by its digest, and refuses one that is not kept, is present, or is not one', async () => {
    await price('1')
    const { earlier, present } = await bidHistory(folder)
    await expect(restoreRevision(folder, '9')).rejects.toMatchObject({ code: 'arguments.bad' })
    await expect(restoreRevision(folder, '2')).rejects.toMatchObject({ code: 'arguments.bad' })
    await expect(restoreRevision(folder, present.digest)).rejects.toMatchObject({ code: 'arguments.bad' })
    await expect(restoreRevision(folder, '../1')).rejects.toMatchObject({ code: 'arguments.bad' })
    expect((await restoreRevision(folder, (earlier[0]?.digest ?? '').slice(0, 12))).draft.revision).toBe(3)
  })

  it('says which documents are no longer kept because they took too much room', async () => {
    await add('a.pdf', 'first')
    await add('a.pdf', 'second')
    await add('a.pdf', 'third')
    await tidyHistory(folder, { revisions: keptRevisions, bytes: 7 })
    const { files } = await bidHistory(folder)
    expect(files.map(({ until, dropped }) => [until, dropped])).toEqual([
      [2, true],
      [3, false],
    ])
    expect((await restoreRevision(folder, '2')).missing).toEqual(['a.pdf'])
    expect((await restoreRevision(folder, '3')).missing).toEqual([])
    expect(await contents()).toEqual(['second'])
  })

  it('drops documents with the last revision that named them', async () => {
    await add('a.pdf', 'first')
    await add('a.pdf', 'second')
    expect(existsSync(join(folder, 'history', 'documents', '000002', 'a.pdf'))).toBe(true)
    await price('1')
    await price('2')
    await tidyHistory(folder, { revisions: 2, bytes: 1000 })
    expect(existsSync(join(folder, 'history', 'documents'))).toBe(false)
  })
})

describe('a fork', () => {
  const goOn = async (): Promise<string> => {
    await add('a.pdf', 'common')
    const copy = join(root, 'other machine')
    cpSync(folder, copy, { recursive: true })
    await price('here')
    await price('there', copy)
    await add('b.pdf', 'there', 'technical', copy)
    return copy
  }
  const told = async (other?: string) =>
    (await bidHistory(folder, other)).forks.map(fork => ({
      other: fork.other.revision,
      common: fork.common?.revision,
      there: fork.there.map(({ about, to }) => `${about} ${to ?? ''}`),
      here: fork.here.map(({ about, to }) => `${about} ${to ?? ''}`),
    }))
  const expected = {
    other: 4,
    common: 2,
    there: ['technical b.pdf', 'opening/投标总价 there'],
    here: ['opening/投标总价 here'],
  }

  it('is found in a second folder of the bid, with what each side changed', async () => {
    const copy = await goOn()
    expect(await told()).toEqual([])
    expect(await told(copy)).toEqual([expected])
  })

  it('is found when the other machine wrote over the folder', async () => {
    const copy = await goOn()
    cpSync(copy, folder, { recursive: true })
    expect(await told()).toEqual([{ ...expected, other: 3, there: expected.here, here: expected.there }])
    const digest = (await bidHistory(folder)).forks[0]?.other.digest ?? ''
    await expect(restoreRevision(folder, '3')).rejects.toMatchObject({ code: 'arguments.bad' })
    const { draft } = await restoreRevision(folder, digest.slice(0, 12))
    expect([draft.revision, draft.forms[0]?.fields[0]?.value]).toEqual([5, 'here'])
    expect(await told()).toEqual([])
  })

  it('is found in the copy a synchronising program left beside the bid', async () => {
    const copy = await goOn()
    cpSync(join(copy, 'bid.json'), join(folder, 'bid (冲突副本 2026-03-01).json'))
    expect(await told()).toEqual([{ ...expected, common: undefined, here: [] }])
  })

  it('is taken over from a second folder with its documents', async () => {
    const copy = await goOn()
    await add('b.pdf', 'here', 'technical')
    const { draft, missing } = await restoreRevision(folder, '4', copy)
    expect([draft.revision, missing]).toEqual([5, []])
    expect(await contents()).toEqual(['common', 'there'])
    expect([...live()].sort()).toEqual(['a.pdf', 'b.pdf'])
    expect(await told(copy)).toEqual([])
    await restoreRevision(folder, '4')
    expect(await contents()).toEqual(['common', 'here'])
  })

  it('says of a document that both sides brought in under one name that it may be either', async () => {
    const copy = join(root, 'other machine')
    cpSync(folder, copy, { recursive: true })
    await add('a.pdf', 'here')
    await add('a.pdf', 'there', 'letter', copy)
    cpSync(join(copy, 'history'), join(folder, 'history'), { recursive: true })
    const digest = (await bidHistory(folder)).forks[0]?.other.digest ?? ''
    expect((await restoreRevision(folder, digest)).unsure).toEqual(['a.pdf'])
  })
})

describe('a folder from elsewhere', () => {
  it.each(['history', 'documents'])('moves and removes nothing through a link in the place of %s', async name => {
    await add('a.pdf', 'content')
    await price('1')
    const outside = join(root, 'outside')
    renameSync(join(folder, name), outside)
    symlinkSync(outside, join(folder, name))
    const before = readdirSync(outside, { recursive: true }).length
    await tidyHistory(folder, { revisions: 0, bytes: 0 })
    expect(readdirSync(outside, { recursive: true })).toHaveLength(before)
  })

  it('reads no state through a link', async () => {
    await price('1')
    const secret = join(root, 'secret.json')
    cpSync(join(folder, 'bid.json'), secret)
    symlinkSync(secret, join(folder, 'bid (2).json'))
    expect((await bidHistory(folder)).states).toHaveLength(2)
  })
})
