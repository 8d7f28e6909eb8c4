import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BidDocument } from '../../../../crypto/index.ts'
import { draftFolder } from '../../../../main/services/sealed/folder-sink.ts'

let parent = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'bidseal-sink-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const named = (name: string): BidDocument => {
  return { id: name, name, role: 'letter', size: 3, digest: '0'.repeat(64), mediaType: 'application/pdf' }
}

test('documents given as files stand beside those that were streamed, under names that are all different', async () => {
  const folder = await draftFolder(join(parent, 'opened'))
  const writer = await folder.sink.document(named('方案.pdf'))
  await writer.write(Buffer.from('one'))
  await writer.close()
  for (const name of ['方案.PDF', 'con.txt']) {
    const file = await folder.sink.file?.(named(name))
    if (file === undefined || file === null) return expect.fail('the sink takes files')
    expect(readFileSync(file.path).length).toBe(0)
    appendFileSync(file.path, 'two')
    await file.close()
  }
  expect(readdirSync(parent)).toEqual(['opened.part'])
  await folder.commit()
  expect(readdirSync(join(parent, 'opened', 'documents')).sort()).toEqual(['2-方案.PDF', '_con.txt', '方案.pdf'].sort())
})

test('a folder that is given up leaves nothing of its files', async () => {
  const folder = await draftFolder(join(parent, 'opened'))
  await folder.sink.file?.(named('方案.pdf'))
  await folder.discard()
  expect(readdirSync(parent)).toEqual([])
})
