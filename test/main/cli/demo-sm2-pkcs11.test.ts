import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askCli, objectOf, runCli } from '../../fixtures/cli.ts'
import { makeSoftPkcs11, type SoftPkcs11 } from '../../fixtures/soft-pkcs11.ts'

let folder: string
let p11: SoftPkcs11

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-demo-sm2-'))
  p11 = makeSoftPkcs11({ quirks: ['numbers=westone'] })
  p11.addBlank('KEY')
})

afterAll(() => {
  p11.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('without a profile the module’s SM2 keys are not used, and nothing is made', async () => {
  const dir = join(folder, 'none')
  const args = ['--json', 'demo', '--suite', 'gm', '--module', p11.modulePath, '--dir', dir]
  const run = await runCli(args, { env: p11.environment })
  expect(run.code).toBe(3)
  expect(objectOf(run)).toMatchObject({ ok: false, code: 'token.unsupported' })
  expect(p11.calls()).not.toContain('C_InitToken')
}, 60_000)

test('the whole path in SM2, SM3 and SM4 runs on a PKCS#11 lock whose profile is told', async () => {
  const dir = join(folder, 'demo')
  const args = ['demo', '--suite', 'gm', '--module', p11.modulePath, '--profile', p11.writeProfile(), '--dir', dir]
  const said = await askCli(args, { env: p11.environment })
  expect(said).toMatchObject({ ok: true, suite: 'gm-1', digestsEqual: true, receipt: { kind: 'received' } })
  const opened = join(dir, 'opened', String(said['sealId']), 'documents')
  for (const name of readdirSync(opened)) {
    expect(readFileSync(join(opened, name))).toEqual(readFileSync(join(dir, 'bid/documents', name)))
  }
  expect(existsSync(join(dir, 'locks/bidder.p12'))).toBe(false)
}, 120_000)
