import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readinessIds } from '../../../main/services/index.ts'
import { objectOf, runCli } from '../../fixtures/cli.ts'
import { makeDeliveryRig, type DeliveryRig, type SealedFile } from '../../fixtures/delivery-rig.ts'

let rig: DeliveryRig
let sealed: SealedFile & { readonly openingTime: Date }

beforeAll(async () => {
  rig = await makeDeliveryRig(1000)
  const { file, openingTime } = await rig.newTender('E5301000020000001')
  const folder = await rig.newBid('bid-1', file, 1000)
  sealed = { ...(await rig.seal('bid-1.sbid', folder, file)), openingTime }
  expect((await run('submit', sealed.path, ...at())).code).toBe(0)
}, 120_000)

afterAll(async () => {
  await rig.close()
})

const run = async (...args: readonly string[]) => {
  const done = await runCli(['--json', ...rig.common, ...args], { env: rig.env })
  return { code: done.code, said: objectOf(done), told: done.stderr }
}
const at = (): string[] => ['--platform', rig.url, '--token', rig.lock, '--trust', rig.trust]

test('ready says a sentence about everything the opening needs, without a PIN', async () => {
  const noPin = { env: { BIDSEAL_PIN: undefined } }
  const args = [...rig.common, 'opening', 'ready', sealed.sealId, ...at()]
  const said = objectOf(await runCli(['--json', ...args], noPin))
  expect(said).toMatchObject({ ok: true, openingTime: sealed.openingTime.toISOString() })
  const lines = said['lines'] as readonly { id: string; status: string; message: string }[]
  expect(lines.map(({ id }) => id)).toEqual(readinessIds)
  expect(lines.every(({ message }) => message.length > 5)).toBe(true)
  const zh = await runCli(['--lang', 'zh', ...args], noPin)
  expect([zh.code, zh.stdout]).toEqual([0, expect.stringContaining('开标准备就绪')])
  expect(zh.stdout).not.toMatch(/undefined|\{/)
})

test('not ready ends in 1 and says what to see to', async () => {
  const noPlatform = ['--platform', 'http://127.0.0.1:1', '--token', rig.lock]
  const { code, said } = await run('opening', 'ready', sealed.sealId, ...noPlatform)
  expect([code, said['code']]).toEqual([1, 'platform.unreachable'])
})

test('waits, opens, shows the record as a table, and takes an objection in its place', async () => {
  await rig.advanceTo(sealed.openingTime)
  const open = ['open', sealed.sealId, ...at(), '--wait', '--no-confirm', '--yes']
  const zh = await runCli(['--lang', 'zh', ...rig.common, ...open], { env: rig.env })
  expect(zh.code).toBe(0)
  expect(zh.stdout).toMatch(/投标人\s+状态\s+原因\s+开标数据摘要/)
  expect(zh.stdout).toMatch(/\*\s+\S+\s+已开标/)
  expect(zh.stderr).toMatch(/平台存储的文件与回执一致，文件头已逐字节比对/)

  const { said: shown } = await run('opening', 'record', sealed.sealId, '--platform', rig.url)
  expect(shown).toMatchObject({ ok: true, holds: true, state: 'opened', confirmed: false, objected: false })
  const text = join(rig.folder, 'objection.txt')
  writeFileSync(text, '开标一览表中的工期\r\n与我方不符。\r\n')
  const object = ['opening', 'object', sealed.sealId, ...at()]
  expect((await run(...object)).said).toMatchObject({ code: 'arguments.bad' })
  expect((await run(...object, '--file', text)).said).toMatchObject({ ok: true, sent: true, objected: true })
  expect((await run(...object, '--file', text)).said).toMatchObject({ ok: true, sent: false })
  // Who has objected confirms only when a person says so.
  const confirm = ['opening', 'confirm', sealed.sealId, ...at()]
  expect((await run(...confirm)).said).toMatchObject({ code: 'opening.not-confirmed' })
  expect((await run(...confirm, '--yes')).said).toMatchObject({ ok: true, confirmed: true })
})

test('a remedy the tender does not allow is refused', async () => {
  const done = await runCli(['--json', ...rig.common, 'open', sealed.sealId, ...at(), '--recovery-code-stdin'], {
    ...{ env: rig.env, input: 'A'.repeat(40) },
  })
  expect(objectOf(done)).toMatchObject({ code: 'opening.remedy' })
})
