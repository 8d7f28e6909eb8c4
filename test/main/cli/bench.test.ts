import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askCli, objectOf, runCli } from '../../fixtures/cli.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-bench-test-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Printed {
  readonly references: readonly { readonly name: string; readonly seconds: number | null; readonly ratio: number }[]
}

describe('bidseal bench', () => {
  it('seals beside its peers and leaves nothing behind', async () => {
    const env = { TMPDIR: folder }
    const printed = await askCli(['bench', 'seal', '--size', '2', '--runs', '1'], { env })
    expect(printed).toMatchObject({ what: 'seal', suite: 'intl-1', sizeMiB: 2, runs: 1 })
    expect(Object.keys(printed).sort()).toEqual([
      'mibPerSecond',
      'peakMiB',
      'references',
      'runs',
      'seconds',
      'sizeMiB',
      'suite',
      'what',
    ])
    const { references } = printed as unknown as Printed
    expect(references.map(({ name }) => name)).toEqual([
      'trial opening (self-test)',
      'aes-256-gcm raw',
      'chunk cipher',
      'openssl cms -encrypt -stream -aes-256-gcm',
      'copy',
    ])
    for (const { seconds, ratio } of references) {
      expect(seconds).toBeGreaterThan(0)
      expect(ratio).toBeGreaterThan(0)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('says that a peer is absent', async () => {
    const printed = await askCli(['bench', 'seal', '--size', '1', '--runs', '1'], { env: { PATH: folder } })
    const { references } = printed as unknown as Printed
    expect(references.find(({ name }) => name.startsWith('openssl'))).toMatchObject({ seconds: null, ratio: null })
  })

  it('digests beside SHA-256', async () => {
    const printed = await askCli(['bench', 'hash', '--size', '2', '--runs', '1'])
    expect(printed).toMatchObject({ what: 'hash', references: [{ name: 'sha256 raw' }] })
  })

  it.each([
    ['--size', '0'],
    ['--size', '1.5'],
    ['--runs', 'many'],
  ])('refuses %s %s', async (option, value) => {
    const run = await runCli(['--json', 'bench', 'hash', option, value])
    expect([run.code, objectOf(run)['code']]).toEqual([2, 'arguments.bad'])
  })

  it('says what --app needs where no checkout is around it', async () => {
    const env = { BIDSEAL_BENCH_APP: join(folder, 'nowhere.json') }
    const run = await runCli(['--json', 'bench', 'seal', '--app'], { env })
    expect(run.code).toBe(2)
    expect(objectOf(run)).toMatchObject({ code: 'arguments.bad', detail: expect.stringContaining('checkout') })
  })

  it("tells AES in the app beside plain Node's", async () => {
    const references = [
      { name: 'chunk cipher', seconds: 2, ratio: 1 },
      { name: 'aes-256-gcm raw, plain Node', seconds: 1.5, ratio: 1 },
    ]
    const result = { what: 'seal', suite: 'intl-1', sizeMiB: 300, seconds: 1, references, electron: '25.1.1' }
    writeFileSync(
      join(folder, 'app.mjs'),
      `console.log('first'); console.log(${JSON.stringify(JSON.stringify(result))})`,
    )
    writeFileSync(join(folder, 'start.json'), JSON.stringify({ program: join(folder, 'app.mjs') }))
    const env = { BIDSEAL_BENCH_APP: join(folder, 'start.json') }
    const printed = await askCli(['bench', 'seal', '--app'], { env })
    const aes = { appMibPerSecond: 150, nodeMibPerSecond: 200, ratio: 0.75 }
    expect(printed).toMatchObject({ what: 'seal', app: { electron: '25.1.1', aes } })
    expect(printed).not.toHaveProperty('electron')
  })
})
