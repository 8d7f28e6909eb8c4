import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { renderSlip } from '../../../../main/services/sealing/slip.ts'
import type { SlipFacts } from '../../../../main/services/sealing/slip-facts.ts'

const font = fileURLToPath(new URL('../../../../out/fonts/NotoSansSC_400Regular.ttf', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bidseal-slip-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const lock = (role: 'main' | 'backup', label: string, proved: boolean) => ({
  role,
  label,
  subject: '云岭建设集团有限公司',
  serial: '5f3a9c2e7b104d8896aa01c4e2b7d913',
  notAfter: '2028-06-30T15:59:59.000Z',
  proved,
})
const facts: SlipFacts = {
  sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172',
  shortCode: '7K3QX9MD',
  sealDigest: '3ccb7ea6ad1f0e5b7c9a4de2680f135b'.repeat(2),
  suite: 'gm-1',
  size: 214_958_080,
  sealedAt: '2026-11-24T06:12:00.000Z',
  tender: {
    title: '滨河路改造工程施工（一标段）',
    platform: 'yn.ggzy.example',
    tenderId: 'E5300001000001001',
    lotId: 'E5300001000001001001',
    projectCode: '2026-530000-48-01-018437',
    deadline: '2026-12-01T01:00:00Z',
    openingTime: '2026-12-01T01:00:00Z',
    releaseEnds: '2026-12-01T02:00:00Z',
  },
  bidder: { name: '云岭建设集团有限公司', creditCode: '91530100MA6K000013' },
  locks: [lock('main', '公章锁 财务-03', true), lock('backup', '备用锁 经营-01', false)],
  hasRecoveryCode: false,
  hasPlainTwin: true,
  replaces: null,
}
const at = new Date('2026-11-24T06:12:00Z')

async function textOf(changes: Partial<SlipFacts>): Promise<{ readonly text: string; readonly pages: number }> {
  const path = join(folder, 'slip.pdf')
  writeFileSync(path, await renderSlip({ ...facts, ...changes }, readFileSync(font), at))
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' })
  return { text, pages: Number(/Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', [path], { encoding: 'utf8' }))?.[1]) }
}

test('the slip says on one page what was sealed, which locks open it, and what to bring', async () => {
  const { text, pages } = await textOf({})
  expect(pages).toBe(1)
  for (const said of [
    '封标回执单',
    '7K3Q X9MD',
    facts.sealId,
    '3ccb 7ea6 ad1f 0e5b',
    facts.tender.title,
    facts.bidder.creditCode,
    '公章锁 财务-03',
    '5f3a 9c2e',
    '2028-06-30',
    '已通过',
    '未试',
    '备用明文',
    '2026-12-01 09:00',
    '2026-11-24 14:12',
  ]) {
    expect(text).toContain(said)
  }
  expect(text).not.toContain('恢复码')
})

test('the longest names, sixteen locks and every line there is still make one page', async () => {
  const { text, pages } = await textOf({
    tender: { ...facts.tender, title: '改造'.repeat(500), platform: '平台'.repeat(100) },
    bidder: { ...facts.bidder, name: '建设'.repeat(500) },
    locks: Array.from({ length: 15 }, (_, index) =>
      lock(index === 0 ? 'main' : 'backup', '很长的锁名'.repeat(40), true),
    ),
    hasRecoveryCode: true,
    replaces: facts.sealDigest,
  })
  expect(pages).toBe(1)
  expect(text).toContain('另有 12 把')
  expect(text).toContain('恢复码')
})
