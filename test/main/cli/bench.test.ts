import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askCli, objectOf, runCli, startCli } from '../../fixtures/cli.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-bench-test-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Printed {
  readonly references: readonly { readonly name: string; readonly seconds: number | null; readonly ratio: number }[]
}

const shape = ['mibPerSecond', 'peakMiB', 'references', 'runs', 'seconds', 'sizeMiB', 'suite', 'what']
const raw = ['chunk cipher, one thread, in memory', 'leaf digests, one thread, in memory']
const command = 'the command `seal`, with trial opening and flush'

/** Runs a benchmark whose temporary files go to a folder of the test; answers what it printed. */
async function bench(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Printed> {
  return (await askCli(['bench', ...args], { env: { TMPDIR: folder, ...env } })) as unknown as Printed
}

const namesOf = ({ references }: Printed): readonly string[] => references.map(({ name }) => name)

describe('bidseal bench', () => {
  it.each([
    ['intl', ['openssl cms -encrypt -stream -aes-256-gcm', 'openssl cms -sign | openssl cms -encrypt', 'age -r']],
    ['gm', ['openssl enc -sm4-ctr', 'sm-crypto-v2 sm4-gcm (2 MiB, scaled)']],
  ] as const)('seals in suite %s beside its peers and leaves nothing behind', async (suite, peers) => {
    const printed = await bench(['seal', '--suite', suite, '--size', '2', '--runs', '1'])
    expect(printed).toMatchObject({ what: 'seal', suite: `${suite}-1`, sizeMiB: 2, runs: 1 })
    expect(
      Object.keys(printed)
        .filter(key => !['loopDelayP99Ms', 'cancelMs'].includes(key))
        .sort(),
    ).toEqual(shape)
    expect(namesOf(printed)).toEqual([...peers, 'copy (cat)', ...raw, command])
    // age is not everywhere.
    for (const { name, seconds, ratio } of printed.references.filter(each => each.name !== 'age -r')) {
      expect([name, seconds ?? 0]).toEqual([name, expect.toSatisfy((value: number) => value > 0)])
      expect(ratio).toBeGreaterThan(0)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('tells how late the event loop was and how fast a sealing stops', async () => {
    const printed = await bench(['seal', '--alone', '--size', '24', '--runs', '1'])
    expect(printed).toMatchObject({ loopDelayP99Ms: expect.any(Number), cancelMs: expect.any(Number) })
    expect(namesOf(printed)).toEqual(raw)
  })

  it('says that a peer is absent', async () => {
    const { references } = await bench(['seal', '--size', '1', '--runs', '1'], { PATH: folder })
    for (const name of ['openssl cms -encrypt -stream -aes-256-gcm', 'age -r', 'copy (cat)'])
      expect(references.find(each => each.name === name)).toMatchObject({ seconds: null, ratio: null })
  })

  it.each([
    ['unseal', 'intl', ['openssl cms -decrypt', 'age -d', 'copy (cat)']],
    ['unseal', 'gm', ['openssl enc -d -sm4-ctr', 'copy (cat)']],
    ['verify', 'intl', ['seal', 'sha256sum']],
    ['verify', 'gm', ['seal', 'openssl dgst -sm3', 'sha256sum']],
    ['hash', 'intl', ['one running digest', 'sha256 of node:crypto']],
    ['hash', 'gm', ['one running digest', 'sm3 of node:crypto']],
  ] as const)('measures %s in suite %s', async (what, suite, names) => {
    const printed = await bench([what, '--suite', suite, '--size', '5', '--runs', '1'])
    expect(printed).toMatchObject({ what, suite: `${suite}-1`, seconds: expect.any(Number) })
    expect(namesOf(printed)).toEqual(names)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    ['sm4', ['sm4-ctr of node:crypto', 'sm-crypto-v2 sm4-gcm (2 MiB, scaled)']],
    ['sm3', ['one running digest', 'sm3 of node:crypto']],
    ['sm2', ['verify', 'encrypt', 'decrypt', 'openssl speed sm2, sign', 'openssl speed sm2, verify']],
  ])('measures %s', async (what, names) => {
    const printed = await bench([what, '--size', '2', '--runs', '1'])
    expect(printed).toMatchObject({ what, suite: 'gm-1', seconds: expect.any(Number) })
    expect(namesOf(printed)).toEqual(names)
  })

  it('takes its files away when it is stopped', async () => {
    const running = startCli(['--json', 'bench', 'seal', '--alone', '--size', '64', '--runs', '1000'], {
      env: { TMPDIR: folder },
    })
    await expect.poll(() => readdirSync(folder).length, { timeout: 10_000 }).toBe(1)
    await new Promise(resolve => setTimeout(resolve, 500))
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    ['hash', '--size', '0'],
    ['hash', '--size', '1.5'],
    ['hash', '--runs', 'many'],
    ['sm2', '--suite', 'intl'],
  ])('refuses %s %s %s', async (what, option, value) => {
    const run = await runCli(['--json', 'bench', what, option, value])
    expect([run.code, objectOf(run)['code']]).toEqual([2, 'arguments.bad'])
  })

  it('says what --app needs where no checkout is around it', async () => {
    const env = { BIDSEAL_BENCH_APP: join(folder, 'nowhere.json') }
    const run = await runCli(['--json', 'bench', 'seal', '--app'], { env })
    expect(run.code).toBe(2)
    expect(objectOf(run)).toMatchObject({ code: 'arguments.bad', detail: expect.stringContaining('checkout') })
  })

  it('tells the speed of the app beside that of plain Node, of the job and of the cipher alone', async () => {
    const result = {
      ...{ what: 'seal', suite: 'intl-1', sizeMiB: 300, seconds: 1, electron: '25.1.1' },
      references: [{ name: 'plain Node', seconds: 0.8, ratio: 1.25 }],
      cipher: { seconds: 2, references: [{ name: 'chunk cipher, plain Node', seconds: 1.5, ratio: 4 / 3 }] },
    }
    writeFileSync(
      join(folder, 'app.mjs'),
      `console.log('first'); console.log(${JSON.stringify(JSON.stringify(result))})`,
    )
    writeFileSync(join(folder, 'start.json'), JSON.stringify({ program: join(folder, 'app.mjs') }))
    const env = { BIDSEAL_BENCH_APP: join(folder, 'start.json') }
    const printed = await askCli(['bench', 'seal', '--app'], { env })
    const aes = { appMibPerSecond: 150, nodeMibPerSecond: 200, ratio: 0.75 }
    expect(printed).toMatchObject({ what: 'seal', app: { electron: '25.1.1', ratio: 0.8, aes } })
    expect(printed).not.toHaveProperty('electron')
    expect(printed).not.toHaveProperty('cipher')
  })
})
