import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatTokenUri } from '../../crypto/index.ts'
import { writeSoftLock } from '../../crypto/token/soft/pkcs12-write.ts'
import { makeSoftSkf, type SoftSkf } from '../fakes/skf/soft-skf.ts'
import { type SeenChild, watchChildren } from '../fixtures/child-watch.ts'
import { type Desk, makeDesk } from '../fixtures/cli-desk.ts'
import { cliProgram, type CliRun } from '../fixtures/cli.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { type GmDesk, gmDesk } from '../fixtures/gm-desk.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm } from '../fixtures/softhsm.ts'
import { softPair } from '../token-suite/subject.ts'

// Planted where they belong, and looked for everywhere else.
const pin = 'Pl4nted-PIN-88'
const wrongPin = 'Wr0ng-PIN-77'
const content = '绝密报价 planted plaintext of the bidder'
const price = '913,577,531.00'
const foreignCode = 'ZZZZZ-YYYYY-XXXXX-WWWWW-VVVVV-TTTTT-SSSSS-RRRRR'

let desk: Desk
let gm: GmDesk
let hsm: SoftHsm
let skf: SoftSkf
let uris: { readonly hsm: string; readonly skf: string; readonly soft: string }
let plain: { readonly tender: string; readonly bid: string }
let national: { readonly tender: string; readonly bid: string }
/** What a person who looks over the shoulder of the machine sees of all runs of this file. */
const runs: Seen[] = []

interface Seen {
  readonly name: string
  readonly run: CliRun
  readonly children: readonly SeenChild[]
  /** What of the command's own memory would be in a core dump. */
  readonly dumped: string
}

beforeAll(async () => {
  desk = await makeDesk()
  gm = gmDesk(desk)
  hsm = makeSoftHsm()
  const lock = addSoftHsmLock(hsm, { pin })
  skf = makeSoftSkf('packed')
  const { bidder, intermediate } = gmCa()
  const containers = [
    { name: '公章', sign: bidder.sign, encrypt: bidder.decrypt },
    { name: 'issuer', sign: { certificate: intermediate } },
  ]
  skf.addLock({ device: 'KEY', pin, containers })
  const file = desk.path('locks/planted.p12')
  const keys = [softPair('sign', bidder.sign), softPair('decrypt', bidder.decrypt)]
  await writeSoftLock(file, { pin, label: '软锁', keys, intermediates: [intermediate] })
  uris = {
    hsm: lock.uri,
    skf: formatTokenUri({ kind: 'skf', serial: 'KEY-0001', modulePath: skf.modulePath }),
    soft: formatTokenUri({ kind: 'soft', path: file }),
  }
  const tender = await desk.tender('plain')
  plain = { tender, bid: await fill('plain bid', tender) }
  const other = await gm.tender('national')
  national = { tender: other, bid: await fill('national bid', other) }
}, 60_000)

afterAll(() => {
  desk.remove()
  hsm.remove()
  skf.remove()
})

/** A bid folder with the planted text and price. */
async function fill(name: string, tender: string): Promise<string> {
  const bid = await desk.bid(name, tender)
  const document = desk.path(`${name}.txt`)
  writeFileSync(document, `${content}\n`.repeat(5000))
  await desk.run(['bid', 'add', bid, document, '--as', 'letter'])
  await desk.run(['bid', 'form', bid, 'opening', `price=${price}`, '工期=365'])
  return bid
}

/** Runs the command line with cores allowed, in a folder of its own, and looks at its children all the while. */
async function run(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliRun> {
  const cwd = desk.path(`cwd ${name}`)
  mkdirSync(cwd)
  const script = 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"'
  const command = [process.execPath, cliProgram, '--home', desk.path('home'), '--debug', ...args]
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...command], {
    cwd,
    env: { ...process.env, LANG: 'C.UTF-8', ...hsm.environment, ...skf.environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (piece: Buffer) => out.push(piece))
  child.stderr.on('data', (piece: Buffer) => err.push(piece))
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({
        code,
        signal,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      })
    })
  })
  const { value, children, dumped } = await watchChildren(child.pid ?? 0, ended)
  runs.push({ name, run: value, children, dumped })
  // No process has left its memory behind.
  expect(readdirSync(cwd)).toEqual([])
  return value
}

function sealing(of: typeof plain, sign: string, output: string, ...more: readonly string[]): readonly string[] {
  const trust = of === plain ? ['--trust', desk.trust] : gm.trust
  const who = ['--tender', of.tender, '--sign', sign, ...trust, '--again', '-o', desk.path(output)]
  return ['seal', of.bid, ...who, ...more]
}

describe('while the program works', () => {
  test('a bid is sealed with a PKCS#11 lock, a recovery code beside it', async () => {
    const code = ['--recovery-code-to', desk.path('code.txt')]
    const done = await run('seal', sealing(plain, uris.hsm, 'plain.sbid', ...code), { BIDSEAL_PIN: pin })
    expect(done).toMatchObject({ code: 0 })
  })

  test('a bid is sealed with an SKF lock', async () => {
    const done = await run('seal skf', ['--json', ...sealing(national, uris.skf, 'skf.sbid')], { BIDSEAL_PIN: pin })
    expect(done).toMatchObject({ code: 0 })
  })

  test('a bid is sealed with a soft lock', async () => {
    const done = await run('seal soft', sealing(national, uris.soft, 'soft.sbid'), { BIDSEAL_PIN: pin })
    expect(done).toMatchObject({ code: 0 })
  })

  test('what was sealed is opened with the lock, and with the code', async () => {
    const sealed = ['unseal', desk.path('plain.sbid'), '--trust', desk.trust]
    const byLock = await run('unseal', [...sealed, '--token', uris.hsm, '-o', desk.path('by lock')], {
      BIDSEAL_PIN: pin,
    })
    expect(byLock.code).toBe(0)
    const byCode = [...sealed, '--recovery-code', desk.path('code.txt'), '-o', desk.path('by code')]
    expect((await run('unseal code', byCode, {})).code).toBe(0)
  })

  test.each([
    ['a wrong PIN to a PKCS#11 lock', 'token.pin-incorrect', () => sealing(plain, uris.hsm, 'no.sbid'), ''],
    ['a wrong PIN to an SKF lock', 'token.pin-incorrect', () => sealing(national, uris.skf, 'no.sbid'), ''],
    ['a wrong PIN to a soft lock', 'token.pin-incorrect', () => sealing(national, uris.soft, 'no.sbid'), ''],
    ['a crash at the PIN', 'token.driver-crashed', () => sealing(national, uris.skf, 'no.sbid'), 'crash:SKF_VerifyPIN'],
    [
      'a crash with a key',
      'token.driver-crashed',
      () => sealing(national, uris.skf, 'no.sbid'),
      'crash:SKF_ECCSignData',
    ],
    ['a crash at opening', 'token.driver-crashed', () => sealing(national, uris.skf, 'no.sbid'), 'crash:SKF_Decrypt'],
    ['a garbled signature', 'token.deviation', () => sealing(national, uris.skf, 'no.sbid'), 'garbage:SKF_ECCSignData'],
    ['an absurd length', 'token.deviation', () => sealing(national, uris.skf, 'no.sbid'), 'length:SKF_Decrypt'],
  ])('%s ends it with its code', async (name, code, args, fault) => {
    const given = name.startsWith('a wrong PIN') ? wrongPin : pin
    const env = { BIDSEAL_PIN: given, BIDSEAL_SOFT_SKF_FAULT: fault }
    const failed = await run(name, ['--json', ...args()], env)
    expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, code })
    expect(readdirSync(desk.folder).filter(file => file.startsWith('no.sbid'))).toEqual([])
  })

  test('a recovery code of another bid, and a lock of nobody, are refused', async () => {
    writeFileSync(desk.path('foreign.txt'), `${foreignCode}\n`)
    const args = ['--json', 'unseal', desk.path('plain.sbid'), '--trust', desk.trust]
    const byCode = [...args, '--recovery-code', desk.path('foreign.txt'), '-o', desk.path('never')]
    expect((await run('foreign code', byCode, {})).code).not.toBe(0)
    const absent = [...args, '--token', uris.hsm.replace('BidKey', 'Nobody'), '-o', desk.path('never')]
    expect((await run('absent', absent, { BIDSEAL_PIN: pin })).code).not.toBe(0)
  })

  test('a demo runs with somebody’s PIN in its environment', async () => {
    const demo = await run('demo', ['demo', '--dir', desk.path('demo')], { BIDSEAL_PIN: pin, BIDSEAL_PIN_2: wrongPin })
    expect(demo.code).toBe(0)
  }, 60_000)
})

describe('and afterwards', () => {
  const secrets = (): readonly string[] => [
    ...[pin, wrongPin, content, price, foreignCode],
    ...[pin, wrongPin, content].map(text => Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -1)),
    ...[pin, wrongPin].map(text => Buffer.from(text).toString('hex')),
    readFileSync(desk.path('code.txt'), 'utf8').trim(),
    readFileSync(desk.path('code.txt'), 'utf8').trim().replaceAll('-', ''),
  ]
  const found = (text: string): readonly string[] => secrets().filter(secret => text.includes(secret))

  test('none of it is in what the commands printed, the traces of --debug included', () => {
    expect(runs.length).toBeGreaterThan(14)
    for (const { name, run: printed } of runs)
      expect([name, found(printed.stdout + printed.stderr)]).toEqual([name, []])
    // What is looked for is really found where it is.
    expect(found(readFileSync(desk.path('plain bid.txt'), 'utf8'))).toContain(content)
  })

  test('none of it is in the arguments or the environment of any child', () => {
    const children = runs.flatMap(each => each.children)
    const commands = children.flatMap(child => [...child.commands])
    for (const program of ['token-host.cjs', 'practice.cjs']) {
      expect(commands.filter(command => command.includes(program)).length).toBeGreaterThan(0)
    }
    for (const text of [...commands, ...children.flatMap(child => [...child.environments])]) {
      expect(found(text)).toEqual([])
      expect(text).not.toContain('BIDSEAL_PIN')
    }
    // The commands' own environment is what the user gave them; it was there to be found.
    expect(children.flatMap(child => [...child.environments]).join('')).toContain('LANG=C.UTF-8')
  })

  test('nothing that holds a PIN, a key or a document may leave its memory in a file', () => {
    // One that ended while it was looked at has no answer.
    for (const { name, dumped, children } of runs) {
      for (const mask of [dumped, ...children.map(child => child.dumped)].filter(Boolean))
        expect([name, mask]).toEqual([name, '00000000'])
    }
    const hosts = runs
      .flatMap(each => each.children)
      .filter(({ commands }) => [...commands].some(command => /node.*token-host\.cjs/.test(command)))
      .filter(({ limits, dumped }) => limits !== '' && dumped !== '')
    expect(hosts.length).toBeGreaterThan(10)
    for (const { limits } of hosts) expect(limits).toMatch(/^Max core file size +0 +/m)
    expect(runs.filter(({ dumped }) => dumped !== '').length).toBeGreaterThan(10)
  })

  test('none of it is in the home, the sealed bids, or what a failure left', () => {
    const home = filesUnder(desk.path('home'))
    expect(home.length).toBeGreaterThan(0)
    for (const file of [...home, ...['plain.sbid', 'skf.sbid', 'soft.sbid'].map(name => desk.path(name))]) {
      expect([file, found(readFileSync(file, 'latin1')), found(readFileSync(file, 'utf8'))]).toEqual([file, [], []])
    }
    expect(readdirSync(desk.folder).filter(name => /\.(part|tmp)$|never/.test(name))).toEqual([])
  })
})

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
}
