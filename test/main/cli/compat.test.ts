import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectOf, runCli } from '../../fixtures/cli.ts'
import { softPkcs11Subject, type SoftPkcs11Subject } from '../services/workbench/rig.ts'

let folder: string
let subject: SoftPkcs11Subject

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-compat-'))
  subject = softPkcs11Subject('rsa')
})

afterAll(() => {
  subject.remove()
  rmSync(folder, { recursive: true, force: true })
})

function compat(args: readonly string[], input?: string) {
  const named = ['--home', join(folder, 'home'), 'compat', '--module', subject.module.path, '--rounds', '2']
  return runCli([...named, ...args], { env: subject.environment, ...(input === undefined ? {} : { input }) })
}

describe('compat', () => {
  it('prints the fixed shape, writes the report, and ends with 0 where what is required holds', async () => {
    const file = join(folder, 'good.json')
    const run = await compat(['--json', '--groups', 'signing,product', '--pin-stdin', '--report', file], subject.pin)
    expect(run.code).toBe(0)
    const report = objectOf(run)
    expect(report).toMatchObject({
      tool: 'bidseal-workbench',
      module: { path: subject.module.path, kind: 'pkcs11', info: { manufacturer: 'BidSeal' } },
      settings: { groups: ['signing', 'product'], rounds: 2, login: true, pinTests: false, writes: false },
      summary: { ok: true, requiredFailed: [] },
      verdicts: { seal: { verdict: 'works' }, 'sign-pdf': { verdict: 'works' } },
    })
    const [first] = report['cases'] as readonly Record<string, unknown>[]
    expect(Object.keys(first ?? {}).sort()).toEqual(
      ['clause', 'evidence', 'group', 'id', 'level', 'ms', 'status', 'title'].sort(),
    )
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report)
  })

  it('ends with 1 where a must case fails, and says what, why and what to do in the chosen language', async () => {
    const file = join(folder, 'bad.json')
    subject.p11.setFaults('sign:crash')
    const args = ['--lang', 'zh', '--groups', 'signing', '--pin-stdin', '--report', file]
    const run = await compat(args, subject.pin)
    subject.p11.setFaults()
    expect(run.code).toBe(1)
    expect(run.stdout).toContain('未通过  C-SIG-001')
    expect(run.stdout).toContain('driver-crashed')
    expect(run.stdout).toMatch(/建议：.+/)
    expect(run.stdout).toContain('必须项未通过：C-SIG-001')
    const both = [join(folder, 'good.json'), file]
    const compared = await runCli(['--json', 'compat', 'compare', ...both])
    expect(compared.code).toBe(1)
    expect(objectOf(compared)).toMatchObject({ same: false, requiredWorse: true })
    const alike = await runCli(['--lang', 'en', 'compat', 'compare', file, file])
    expect([alike.code, alike.stdout.trim()]).toEqual([0, 'Both reports say the same (6 cases).'])
  })

  it('runs without a login where no PIN is given, and ends with 3 where it is wrong', async () => {
    const silent = await compat(['--json', '--groups', 'pin'])
    expect(silent.code).toBe(0)
    expect(objectOf(silent)).toMatchObject({
      settings: { login: false },
      verdicts: { seal: { verdict: 'not-tested' } },
    })
    const wrong = await compat(['--json', '--groups', 'pin', '--pin-stdin'], '999999')
    expect([wrong.code, objectOf(wrong)['code']]).toEqual([3, 'token.pin-incorrect'])
  })

  it.each([
    [['compat'], '--module'],
    [['compat', '--module', 'x.so', '--report', 'a.txt'], 'report'],
    [['compat', '--module', 'x.so', '--groups', 'nothing'], 'group'],
    [['compat', '--module', 'x.so', '--rounds', '0'], 'whole number'],
  ])('refuses %j', async (args, said) => {
    const run = await runCli(['--lang', 'en', ...args])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain(said)
  })
})
