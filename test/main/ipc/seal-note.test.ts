import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BidId } from '../../../main/contract/ids.ts'
import { keepSealNote, readSealNote } from '../../../main/ipc/seal-note.ts'
import type { SealReport } from '../../../main/services/index.ts'
import { deliveriesAt } from '../../../main/store/index.ts'

const bid = 'ab'.repeat(16) as BidId
const sealId = '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172'
const since = '2026-11-01T00:00:00.000Z'
const report: SealReport = {
  ...{ sealId, sealDigest: '00'.repeat(32), shortCode: '7K3QX9MD', size: 10, parts: [] },
  recipients: [
    { id: '1', role: 'main', label: '公章锁', proved: true },
    { id: '2', role: 'backup', label: '副锁', proved: false },
  ],
  ...{ suite: 'intl-1', bidder: { name: '云岭', creditCode: 'x' }, findings: [], traces: [] },
  revocation: [{ subject: 'CN=云岭', serial: '01', status: 'good', asOf: since, source: 'ocsp' }],
  revokedRecipients: [{ role: 'backup', label: '副锁', serial: '02', since, reason: 'superseded', asOf: since }],
}
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-note-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function kept(of: SealReport) {
  const deliveries = deliveriesAt(folder)
  await keepSealNote(deliveries, bid, of, new Date(since))
  return readSealNote(deliveries, sealId)
}

test('keeps what was known of revocation when the bid was sealed', async () => {
  expect(await kept(report)).toEqual({
    bid,
    sealedAt: since,
    size: 10,
    recipients: [
      { role: 'main', label: '公章锁', proved: true, revokedSince: null },
      { role: 'backup', label: '副锁', proved: false, revokedSince: since },
    ],
    signerRevocation: { status: 'good', asOf: since, source: 'ocsp' },
  })
  expect((await kept({ ...report, revocation: [] }))?.signerRevocation).toEqual({ status: 'not-checked' })
})

test('reads a note of before that was kept', async () => {
  const old = { bid, sealedAt: since, size: 10, recipients: [{ role: 'main', label: '公章锁', proved: true }] }
  const deliveries = deliveriesAt(folder)
  await deliveries.keepFile(sealId, 'seal-note.json', new TextEncoder().encode(JSON.stringify(old)))
  expect(await readSealNote(deliveries, sealId)).toMatchObject({
    recipients: [{ revokedSince: null }],
    signerRevocation: null,
  })
})
