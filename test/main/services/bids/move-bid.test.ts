import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addDocument, checkBid, fillForm, loadDraft, moveBid, newBid } from '../../../../main/services/index.ts'
import type { Tender } from '../../../../crypto/index.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'

let root: string
let folder: string
let older: Tender

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-move-'))
  folder = join(root, 'bid')
  older = (await makeTender()).tender
  await newBid({ folder, tender: older })
  for (const [name, documentId] of [
    ['投标函.pdf', 'letter'],
    ['方案.pdf', 'technical'],
  ] as const) {
    writeFileSync(join(root, name), name)
    await addDocument(older, { folder, file: join(root, name), documentId, replace: false })
  }
  await fillForm(older, {
    folder,
    formId: 'opening',
    values: new Map([
      ['投标总价', '1,200.00'],
      ['工期', '365'],
    ]),
  })
  await fillForm(older, { folder, formId: 'summary', values: new Map([['项目经理', '李明远']]) })
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

it('keeps what still fits and says what does not', async () => {
  const { tender } = await makeTender({
    fields: {
      supersedes: older.packageDigest,
      documents: [
        { id: 'letter', title: '投标函', required: true },
        { id: 'safety', title: '安全生产许可证', required: true },
      ],
      forms: [{ id: 'opening', title: '开标一览表', fields: [{ name: '投标总价', kind: 'amount', max: '1000' }] }],
    },
  })
  const moved = await moveBid({ folder, tender, from: older })
  expect(moved.kept).toEqual(['letter'])
  expect(moved.dropped).toEqual([{ documentId: 'technical', name: '方案.pdf' }])
  expect(moved.droppedFields).toEqual([
    { field: 'opening/工期', value: '365' },
    { field: 'summary/项目经理', value: '李明远' },
  ])
  expect(moved.misfits).toEqual([{ field: 'opening/投标总价', value: '1,200.00', misfit: 'too-large' }])
  expect(moved.missing).toEqual([{ documentId: 'safety', title: '安全生产许可证' }])
  const { draft } = await loadDraft(folder)
  expect(draft).toEqual(moved.draft)
  expect([draft.revision, draft.tender.packageDigest]).toEqual([6, tender.packageDigest])
  expect(readdirSync(join(folder, 'documents'))).toEqual(['投标函.pdf'])
  const { findings } = await checkBid(folder, draft, tender)
  expect(findings.map(({ code }) => code)).toContain('document-missing')
  expect(findings.map(({ code }) => code)).not.toContain('file-unlisted')
})

it('changes nothing for another tender or lot, for the same package, and for the one the bid’s own amends', async () => {
  const before = await loadDraft(folder)
  const refused = async (fields: Partial<Tender['fields']>, code: string, from: Tender | null = older) =>
    expect(moveBid({ folder, tender: (await makeTender({ fields })).tender, from })).rejects.toMatchObject({ code })
  await refused({ lotId: '02' }, 'seal.foreign-tender')
  await refused({ tenderId: 'another' }, 'seal.foreign-tender')
  await expect(moveBid({ folder, tender: older, from: older })).rejects.toMatchObject({ code: 'arguments.bad' })
  const { tender: earlier } = await makeTender({ fields: { title: '第一版' } })
  const own = { ...older, fields: { ...older.fields, supersedes: earlier.packageDigest } }
  await refused({ title: '第一版' }, 'tender.addendum-newer', own)
  expect(await loadDraft(folder)).toEqual(before)
})
