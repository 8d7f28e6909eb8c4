import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, publicEncrypt, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificate, publicKeyOf } from '../../../crypto/cert/certificate.ts'
import { frameReader } from '../../../crypto/token/host/frames.ts'
import { decodeRequest, encodeResult } from '../../../crypto/token/host/protocol.ts'
import { writeSoftLock } from '../../../crypto/token/soft/pkcs12-write.ts'
import {
  childProcessStarter,
  type StartProcess,
  startTokenHost,
  type TokenHost,
  type TokenLimits,
} from '../../../main/token-host/index.ts'
import { type BadModule, buildBadModule } from '../../fixtures/bad-pkcs11.ts'
import { expectRejection } from '../../fixtures/failure.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../../fixtures/softhsm.ts'
import { bundleTokenHost, type TokenHostBundle } from '../../fixtures/token-host-bundle.ts'

const { bidder } = practiceCa()
const digest = createHash('sha256').update('x').digest()

let bundle: TokenHostBundle
let hsm: SoftHsm
let lock: SoftHsmLock
let bad: BadModule
const open: TokenHost[] = []

beforeAll(async () => {
  bundle = await bundleTokenHost('with-binding')
  hsm = makeSoftHsm()
  lock = addSoftHsmLock(hsm)
  bad = buildBadModule()
})

afterEach(async () => {
  for (const host of open.splice(0)) await host.close()
  rmSync(bad.log, { force: true })
})

afterAll(() => {
  bundle.remove()
  hsm.remove()
  bad.remove()
})

function start(
  module: { readonly kind: 'pkcs11' | 'soft'; readonly path: string },
  env: Readonly<Record<string, string>>,
  limits: Partial<TokenLimits> = {},
): TokenHost {
  const startProcess = childProcessStarter(bundle.program, { env: { ...process.env, ...env } })
  const host = startTokenHost({ module, startProcess, limits })
  open.push(host)
  return host
}

function startHsm(): TokenHost {
  return start({ kind: 'pkcs11', path: hsm.modulePath }, hsm.environment)
}

function startBad(fault: string, limits: Partial<TokenLimits> = {}): TokenHost {
  return start({ kind: 'pkcs11', path: bad.path }, { BAD_PKCS11: fault, BAD_PKCS11_LOG: bad.log }, limits)
}

/** Ids of the token processes of this test file that live. */
function children(): readonly number[] {
  const found = execFileSync('ps', ['-e', '-o', 'pid=,args='], { encoding: 'utf8' })
  return found
    .split('\n')
    .filter(line => line.includes(bundle.program))
    .map(line => Number.parseInt(line, 10))
}

async function noChildren(): Promise<void> {
  for (let tries = 0; tries < 100 && children().length > 0; tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  expect(children()).toEqual([])
}

describe('a library in its own process', () => {
  it('lists, logs in, signs and opens as the driver itself does, and ends with close', async () => {
    const host = startHsm()
    expect(await host.module()).toMatchObject({ manufacturer: 'SoftHSM' })
    const [token] = await host.list()
    expect(token?.certificates).toHaveLength(3)
    const session = await host.login(token?.uri ?? '', lock.pin)
    expect(await session.algorithms('01')).toContain('rsa-pss-sha256')
    expect((await session.sign('01', 'rsa-pss-sha256', digest)).length).toBe(256)
    const key = randomBytes(32)
    const publicKey = publicKeyOf(parseCertificate(bidder.decrypt.certificate))
    const encryptedKey = publicEncrypt({ key: publicKey, oaepHash: 'sha256' }, key)
    expect(Buffer.from(await session.open('02', { kind: 'rsa-oaep-sha256', encryptedKey }))).toEqual(key)
    await expectRejection('token.pin-incorrect', host.login(lock.uri, '999999'))
    await expectRejection('token.absent', host.login('pkcs11:token=Nobody', '1'))
    expect(children()).toHaveLength(1)
    await host.close()
    await noChildren()
    await host.close()
    await expectRejection('token.driver-unavailable', host.list())
  })

  it('answers calls in their order, however many are made at once', async () => {
    const host = startHsm()
    const session = await host.login(lock.uri, lock.pin)
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        session.sign('01', 'rsa-pkcs1-sha256', digest).then(() => order.push(index)),
      ),
    )
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index))
  })

  it('runs beside the process of another library, and a crash of one leaves the other alone', async () => {
    const good = startHsm()
    const session = await good.login(lock.uri, lock.pin)
    const crashing = startBad('crash-list')
    const [signature, crash] = await Promise.allSettled([
      session.sign('01', 'rsa-pkcs1-sha256', digest),
      crashing.list(),
    ])
    expect(signature.status).toBe('fulfilled')
    expect(crash).toMatchObject({ status: 'rejected', reason: { code: 'token.driver-crashed' } })
    expect((await session.sign('01', 'rsa-pkcs1-sha256', digest)).length).toBe(256)
  })

  it('serves two processes on one token at once', async () => {
    const [first, second] = await Promise.all([startHsm(), startHsm()].map(host => host.login(lock.uri, lock.pin)))
    await first?.close()
    expect((await second?.sign('01', 'rsa-pkcs1-sha256', digest))?.length).toBe(256)
  })

  it('serves a soft lock as well, without the native package', async () => {
    const bare = await bundleTokenHost('without-binding')
    const path = join(hsm.tokensFolder, '..', '锁.p12')
    try {
      const privateKey = bidder.sign.privateKey.export({ format: 'der', type: 'pkcs8' })
      const keys = [{ use: 'sign', privateKey, certificate: bidder.sign.certificate }] as const
      await writeSoftLock(path, { pin: '246810', label: '演练锁', keys, intermediates: [] })
      const startProcess = childProcessStarter(bare.program)
      const soft = startTokenHost({ module: { kind: 'soft', path }, startProcess })
      const session = await soft.login(`p12:${path}`, '246810')
      expect((await session.sign('01', 'rsa-pss-sha256', digest)).length).toBe(256)
      await soft.close()
      const without = startTokenHost({ module: { kind: 'pkcs11', path: hsm.modulePath }, startProcess })
      const detail = await expectRejection('token.driver-unavailable', without.list())
      expect(detail).toContain('npm ci')
      await without.close()
    } finally {
      rmSync(path, { force: true })
      bare.remove()
    }
  })

  it('says why a module cannot be loaded, and tries again the next time', async () => {
    const path = join(hsm.tokensFolder, '..', 'late.so')
    const host = start({ kind: 'pkcs11', path }, hsm.environment)
    await expectRejection('token.driver-unavailable', host.list())
    writeFileSync(path, readFileSync(hsm.modulePath))
    expect(await host.list()).toHaveLength(1)
  })

  it('tells of a token that was pulled out, and needs no new process when it is back', async () => {
    const host = startHsm()
    const session = await host.login(lock.uri, lock.pin)
    const away = `${hsm.tokensFolder}.away`
    renameSync(hsm.tokensFolder, away)
    try {
      await expectRejection('token.removed', session.sign('01', 'rsa-pkcs1-sha256', digest))
      expect(await host.list()).toEqual([])
    } finally {
      renameSync(away, hsm.tokensFolder)
    }
    const again = await host.login(lock.uri, lock.pin)
    expect((await again.sign('01', 'rsa-pkcs1-sha256', digest)).length).toBe(256)
  })
})

describe('a library that crashes', () => {
  it.each(['crash', 'crash-list'])('answers token.driver-crashed each time it is asked (%s)', async fault => {
    const host = startBad(fault)
    await expectRejection('token.driver-crashed', host.list())
    await expectRejection('token.driver-crashed', host.list())
  })

  it('is started again by the next call, after which the old session needs a new login', async () => {
    const host = startHsm()
    const session = await host.login(lock.uri, lock.pin)
    for (const id of children()) process.kill(id, 'SIGSEGV')
    await expectRejection('token.driver-crashed', session.sign('01', 'rsa-pkcs1-sha256', digest))
    await expectRejection('token.driver-crashed', session.certificates())
    expect(await host.list()).toHaveLength(1)
    await expectRejection('token.driver-crashed', session.certificates())
    await session.close()
    const again = await host.login(lock.uri, lock.pin)
    expect((await again.sign('01', 'rsa-pkcs1-sha256', digest)).length).toBe(256)
  })

  it('fails the call that was running and lets those behind it go on in a new process', async () => {
    const host = startBad('crash-login')
    const [crash, next] = await Promise.allSettled([host.login('pkcs11:token=BadKey', '1'), host.list()])
    expect(crash).toMatchObject({ reason: { code: 'token.driver-crashed' } })
    expect(next).toMatchObject({ value: [{ label: 'BadKey' }] })
  })

  it('leaves no core dump, even where the application itself may', async () => {
    if (process.platform !== 'linux') return
    const ownId = String(process.pid)
    const before = execFileSync('prlimit', ['--pid', ownId, '--core', '--output=SOFT', '--noheadings'], {
      encoding: 'utf8',
    })
    execFileSync('prlimit', ['--pid', ownId, '--core=4096:'])
    try {
      await startHsm().list()
      const [id] = children()
      expect(readFileSync(`/proc/${ownId}/limits`, 'utf8')).toMatch(/Max core file size +4096 /)
      expect(readFileSync(`/proc/${id ?? 0}/limits`, 'utf8')).toMatch(/Max core file size +0 /)
    } finally {
      execFileSync('prlimit', ['--pid', ownId, `--core=${before.trim()}:`])
    }
  })
})

describe('a library that hangs', () => {
  it.each(['hang', 'hang-list'])('is ended within four seconds of a list (%s)', async fault => {
    const host = startBad(fault)
    const started = performance.now()
    await expectRejection('token.driver-hung', host.list())
    // Three seconds from when the library is called; the rest is for starting a process on a busy machine.
    expect(performance.now() - started).toBeLessThan(5000)
    await noChildren()
  })

  it('fails the call that hangs, not those behind it', async () => {
    const host = startBad('hang-login', { login: 300 })
    const [hang, next] = await Promise.allSettled([host.login('pkcs11:token=BadKey', '1'), host.module()])
    expect(hang).toMatchObject({ reason: { code: 'token.driver-hung' } })
    expect(next).toMatchObject({ value: { manufacturer: 'Nobody' } })
  })

  it('does not keep close from ending the process', async () => {
    const host = startBad('hang-login')
    const login = host.login('pkcs11:token=BadKey', '1')
    while (!existsSync(bad.log)) await new Promise(resolve => setTimeout(resolve, 20))
    const [ended] = await Promise.allSettled([login, host.close()])
    expect(ended.status).toBe('rejected')
    await noChildren()
  })

  it('is not left behind when the application is killed', async () => {
    for (const fault of ['hang', 'none']) {
      const parent = spawn(
        process.execPath,
        [
          '-e',
          `const { spawn } = require('node:child_process')
           const child = spawn(process.execPath, [process.argv[1]], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
           const body = Buffer.from(JSON.stringify({ id: 1, call: 'load', args: { module: { kind: 'pkcs11', path: process.argv[2] } } }))
           const head = Buffer.alloc(4)
           head.writeUInt32BE(body.length)
           child.stdio[3].write(Buffer.concat([head, body]))
           child.stdio[3].on('data', () => console.log('began'))`,
          bundle.program,
          bad.path,
        ],
        { env: { ...process.env, BAD_PKCS11: fault }, stdio: ['ignore', 'pipe', 'inherit'] },
      )
      await new Promise(resolve => parent.stdout.once('data', resolve))
      expect(children().length).toBeGreaterThan(0)
      parent.kill('SIGKILL')
      await noChildren()
    }
  })
})

describe('the PIN', () => {
  it.each([
    ['locked', 'token.pin-locked', ''],
    ['last-try', 'token.pin-locked', 'L'],
    ['few-tries', 'token.pin-incorrect', 'L'],
    ['general', 'token.unsupported', 'L'],
    ['removed', 'token.removed', 'L'],
    ['length', 'token.pin-form', 'L'],
    ['canceled', 'cancelled', 'L'],
    ['logged-in', 'token.pin-incorrect', 'LOL'],
  ] as const)('is given to the library once, and only a wrong PIN is called one (%s)', async (fault, code, calls) => {
    const host = startBad(fault)
    await expectRejection(code, host.login('pkcs11:token=BadKey', '1', { lastTry: true }))
    expect(existsSync(bad.log) ? readFileSync(bad.log, 'utf8') : '').toBe(calls)
  })

  it('is not given to the library for the last try without consent', async () => {
    const host = startBad('last-try')
    await expectRejection('token.pin-last-try', host.login('pkcs11:token=BadKey', '1'))
    await expectRejection('token.pin-last-try', host.changePin('pkcs11:token=BadKey', { oldPin: '1', newPin: '2' }))
    expect(existsSync(bad.log)).toBe(false)
  })

  it('stands in no failure, no argument and no environment of the token process', async () => {
    const pin = '73190246'
    const env = { BIDSEAL_PIN: pin, BIDSEAL_PIN_2: pin, bidseal_pin_3: pin, ...hsm.environment }
    const host = start({ kind: 'pkcs11', path: hsm.modulePath }, env)
    const failure: unknown = await host.login(lock.uri, pin).catch((error: unknown) => error)
    const told = [String(failure), JSON.stringify(failure), failure instanceof Error ? failure.stack : '']
    expect(told.join()).not.toContain(pin)
    const [id] = children()
    expect(readFileSync(`/proc/${id ?? 0}/environ`, 'utf8')).not.toContain(pin)
    expect(readFileSync(`/proc/${id ?? 0}/environ`, 'utf8')).toContain('SOFTHSM2_CONF')
    expect(readFileSync(`/proc/${id ?? 0}/cmdline`, 'utf8')).not.toContain(pin)
  })

  it('stands in no source of the token code as something to be printed', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const args = ['-rnE', 'console\\.|process\\.std(out|err)', 'crypto/token', 'main/token-host', '--include=*.ts']
    const found = spawnSync('grep', args, { cwd: root, encoding: 'utf8' })
    expect(found.stdout).toBe('')
    // Nothing found, as against a search that did not work.
    expect(found.status).toBe(1)
  })
})

describe('faults that only a bad library has', () => {
  it('is not led astray by absurd counts and lengths', async () => {
    const host = startBad('absurd')
    const [token] = await host.list()
    expect(token).toMatchObject({ label: 'BadKey', certificates: [] })
  })

  it('overwrites no token that is in use', async () => {
    const host = startBad('none')
    const options = { label: 'x', keyKind: 'rsa-2048', pin: '123456', soPin: '12345678' } as const
    await expectRejection('token.not-blank', host.initialisePracticeToken(options))
  })
})

describe('cancelling', () => {
  it('drops a call that waits', async () => {
    const host = startBad('none')
    const controller = new AbortController()
    const list = host.list()
    const login = host.within(controller.signal).login('pkcs11:token=BadKey', '1')
    controller.abort()
    await expectRejection('cancelled', login)
    await list
    await host.module()
    expect(existsSync(bad.log)).toBe(false)
  })

  it('leaves no login behind that nobody waits for', async () => {
    const host = startBad('none')
    await host.list()
    const controller = new AbortController()
    const login = host.within(controller.signal).login('pkcs11:token=BadKey', '1')
    setImmediate(() => controller.abort())
    await expectRejection('cancelled', login)
    await host.module()
    // Dropped before it began, or logged out again: what does not happen is a login that stays.
    expect(['', 'LO']).toContain(existsSync(bad.log) ? readFileSync(bad.log, 'utf8') : '')
  })

  it('ends a session whose login was answered before the process heard of the cancelling', async () => {
    const { startProcess, calls } = obedientProcess()
    const host = startTokenHost({ module: { kind: 'soft', path: '/x.p12' }, startProcess })
    const controller = new AbortController()
    const login = host.within(controller.signal).login('p12:/x.p12', '1')
    while (!calls.includes('login')) await new Promise(resolve => setTimeout(resolve, 5))
    controller.abort()
    await expectRejection('cancelled', login)
    while (!calls.includes('logout')) await new Promise(resolve => setTimeout(resolve, 5))
    await host.close()
  })

  it('answers at once although the library hangs', async () => {
    const host = startBad('hang-login')
    const login = host.within(AbortSignal.timeout(1500)).login('pkcs11:token=BadKey', '1')
    await expectRejection('cancelled', login)
  })
})

/** A process that answers every call after a moment, whatever is cancelled. */
function obedientProcess(): { readonly startProcess: StartProcess; readonly calls: readonly string[] } {
  const calls: string[] = []
  const startProcess: StartProcess = () => {
    const reader = frameReader()
    let answer: (bytes: Uint8Array) => void = () => undefined
    let exit: (how: string) => void = () => undefined
    return {
      send(bytes) {
        for (const request of reader.push(bytes).map(decodeRequest)) {
          if (request.kind !== 'call') continue
          calls.push(request.name)
          setTimeout(() => answer(encodeResult(request.id, request.name === 'login' ? 1 : null)), 50)
        }
      },
      onBytes: listener => void (answer = listener),
      onExit: listener => void (exit = listener),
      kill: () => exit('SIGKILL'),
    }
  }
  return { startProcess, calls }
}

describe('a process that is no token host', () => {
  it('is ended when what it sends is no message', async () => {
    let killed = 0
    const babbling: StartProcess = () => {
      let tell: (how: string) => void = () => undefined
      return {
        send: () => undefined,
        onBytes: listener => void setTimeout(() => listener(new TextEncoder().encode('Segmentation fault\n')), 5),
        onExit: listener => {
          tell = listener
        },
        kill() {
          killed += 1
          tell('SIGKILL')
        },
      }
    }
    const host = startTokenHost({ module: { kind: 'soft', path: join(tmpdir(), 'x.p12') }, startProcess: babbling })
    await expectRejection('token.driver-crashed', host.list())
    expect(killed).toBeGreaterThan(0)
    await host.close()
  })

  it('is reported when it cannot be started', async () => {
    const startProcess = childProcessStarter(join(tmpdir(), 'no-such-program.cjs'))
    const host = startTokenHost({ module: { kind: 'soft', path: join(tmpdir(), 'x.p12') }, startProcess })
    await expectRejection('token.driver-crashed', host.list())
    await host.close()
  })
})
