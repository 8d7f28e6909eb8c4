import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSoftSkf, type SoftSkf } from '../../fakes/skf/soft-skf.ts'
import { askCli, objectOf, runCli } from '../../fixtures/cli.ts'

const pin = '12345678'
let folder: string
let skf: SoftSkf

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-demo-skf-'))
  skf = makeSoftSkf('packed')
})

afterAll(() => {
  skf.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('the whole path in SM2, SM3 and SM4 runs on an SKF lock', async () => {
  skf.addBlank('KEY')
  const dir = join(folder, 'demo')
  const args = ['demo', '--suite', 'gm', '--module', skf.modulePath, '--dir', dir]
  const said = await askCli(args, { env: skf.environment })
  expect(said).toMatchObject({ ok: true, suite: 'gm-1', digestsEqual: true, receipt: { kind: 'received' } })
  const opened = join(dir, 'opened', String(said['sealId']), 'documents')
  for (const name of readdirSync(opened)) {
    expect(readFileSync(join(opened, name))).toEqual(readFileSync(join(dir, 'bid/documents', name)))
  }
  expect(existsSync(join(dir, 'locks/bidder.p12'))).toBe(false)

  const env = { ...skf.environment, BIDSEAL_PIN: pin, BIDSEAL_HOME: join(folder, 'home') }
  const listed = await askCli(['token', 'list', '--module', skf.modulePath], { env })
  expect(listed['modules']).toMatchObject([{ kind: 'skf', tokens: [{ kind: 'skf', serial: 'KEY-0001' }] }])
  // The name that is printed finds the lock again, its library included.
  const out = join(folder, 'out')
  const uri = /URI: (\S+)/.exec(readFileSync(join(dir, 'locks/README.txt'), 'utf8'))?.[1] ?? ''
  expect(uri).toMatch(/^skf:/)
  const trust = ['--trust', join(dir, 'ca/root.pem')]
  await askCli(['unseal', String(said['sealed']), '--token', uri, ...trust, '-o', out], { env })
  for (const name of readdirSync(opened)) expect(existsSync(join(out, 'documents', name))).toBe(true)
}, 120_000)

test('without a blank device it says so and makes nothing', async () => {
  const dir = join(folder, 'none')
  const args = ['--json', 'demo', '--suite', 'gm', '--module', skf.modulePath, '--dir', dir]
  const run = await runCli(args, { env: skf.environment })
  expect(run.code).toBe(3)
  expect(objectOf(run)).toMatchObject({ ok: false, code: 'token.not-blank' })
  expect(run.stdout + run.stderr).not.toContain(pin)
}, 60_000)
