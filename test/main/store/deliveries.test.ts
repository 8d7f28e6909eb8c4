import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultHome, deliveriesAt, homeAt } from '../../../main/store/index.ts'
import type { Delivery } from '../../../main/store/index.ts'

const sealId = '0f8fad5b-d9cb-469f-a165-70867728950e'
const delivery: Delivery = {
  sealId,
  sealDigest: 'ab'.repeat(32),
  shortCode: '7K3M9QRT',
  packageDigest: 'cd'.repeat(32),
  tenderId: 'T',
  lotId: '',
  creditCode: '91530100MA6K000013',
  openingTime: '2026-12-01T01:00:00Z',
  state: 'sealed',
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-deliveries-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('keeps a delivery, its documents and its small files', async () => {
  const deliveries = deliveriesAt(folder)
  expect(await deliveries.list()).toEqual([])
  await deliveries.save(delivery)
  await deliveries.save({ ...delivery, state: 'received', platform: 'http://127.0.0.1:1' })
  await deliveries.keepDocument(sealId, 'receipt', { bytes: Buffer.from('{}'), signature: Buffer.from([1]) })
  await deliveries.keepFile(sealId, 'release.body.p7m', Buffer.from([2]))
  const again = deliveriesAt(folder)
  expect(await again.list()).toEqual([{ ...delivery, state: 'received', platform: 'http://127.0.0.1:1' }])
  expect((await again.document(sealId, 'receipt'))?.signature).toEqual(Buffer.from([1]))
  expect(await again.file(sealId, 'release.body.p7m')).toEqual(Buffer.from([2]))
  expect(await again.document(sealId, 'record')).toBeNull()
})

test('takes a document without its signature for not kept', async () => {
  const deliveries = deliveriesAt(folder)
  await deliveries.save(delivery)
  writeFileSync(join(folder, sealId, 'receipt.json'), '{}')
  expect(await deliveries.document(sealId, 'receipt')).toBeNull()
})

test('refuses names that would lead out of its folder', () => {
  expect(() => deliveriesAt(folder).file('../../etc', 'passwd')).toThrow()
  expect(() => deliveriesAt(folder).file(sealId, '../delivery.json')).toThrow()
})

test('refuses a damaged record', async () => {
  await deliveriesAt(folder).save(delivery)
  writeFileSync(join(folder, sealId, 'delivery.json'), JSON.stringify({ ...delivery, state: 'done' }))
  await expect(deliveriesAt(folder).get(sealId)).rejects.toMatchObject({ code: 'input.unreadable' })
})

test('a damaged record hides no other, and is named', async () => {
  const deliveries = deliveriesAt(folder)
  const other = '1f8fad5b-d9cb-469f-a165-70867728950e'
  await deliveries.save(delivery)
  await deliveries.save({ ...delivery, sealId: other })
  expect(await deliveries.damaged()).toEqual([])
  writeFileSync(join(folder, other, 'delivery.json'), '{"sealId":')
  expect(await deliveries.list()).toEqual([delivery])
  expect(await deliveries.damaged()).toEqual([other])
})

test('the home is where the window keeps its data', () => {
  expect(defaultHome('linux', { XDG_CONFIG_HOME: '/x' })).toBe(join('/x', 'BidSeal'))
  expect(defaultHome('win32', { APPDATA: 'roaming' })).toBe(join('roaming', 'BidSeal'))
  expect(defaultHome('darwin', {})).toMatch(/Application Support.BidSeal$/)
  expect(homeAt('/x').journal).toBe('/x/journal.jsonl')
})
