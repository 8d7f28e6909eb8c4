import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyTransport } from '../../crypto/envelope/key-opener.ts'
import type { SealOptions } from '../../crypto/envelope/seal-options.ts'
import { CryptoFailure } from '../../crypto/errors.ts'
import type { SignatureAlgorithm } from '../../crypto/sign/signer.ts'
import type { TokenModule } from '../../crypto/token/host/calls.ts'
import { keyOpenerFromToken, signerFromToken } from '../../crypto/token/identities.ts'
import type { TokenSession } from '../../crypto/token/port.ts'
import { childProcessStarter, startTokenHost, type TokenHost } from '../../main/token-host/index.ts'
import { makeGmBid } from '../fixtures/gm-bid.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { makeSealedBid } from '../fixtures/sealed-bid.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../fixtures/softhsm.ts'
import { bundleTokenHost, type TokenHostBundle } from '../fixtures/token-host-bundle.ts'
import { digestFor, envelopeFor, holds } from '../token-suite/envelopes.ts'

/** What goes wrong. `removal`: the lock is pulled out. `lock`: somebody else's wrong PINs have locked it. `length`: an absurd one. */
export const faults = ['crash', 'hang', 'removal', 'lock', 'garbage', 'length'] as const
export type Fault = (typeof faults)[number]

/** A lock whose library can be told to fail, while processes have it loaded. */
export interface FaultyLock {
  readonly module: TokenModule
  readonly environment: Readonly<Record<string, string>>
  readonly label: string
  readonly pin: string
  /** Lets the library fail so in the operation, from its next call on. */
  fail(fault: Exclude<Fault, 'lock'>, operation: string): void
  /** No more faults; what was pulled out is plugged in again. */
  mend(): void
  /** Tries left, as the lock itself has stored them. */
  triesLeft(): number
  /** Gives all tries back, as an unblocking at the authority's counter does. */
  unlock(): void
  remove(): void
}

/**
 * What is done with a lock. `word` is the library's name for where the fault is put; `sealing` says that a bid is sealed with
 * the key too.
 */
export type Operation =
  | { readonly name: string; readonly word: string; readonly kind: 'list' }
  | { readonly name: string; readonly word: string; readonly kind: 'login' }
  | {
      readonly name: string
      readonly word: string
      readonly kind: 'sign'
      readonly certificate: Uint8Array
      readonly algorithm: SignatureAlgorithm
      readonly sealing?: true
    }
  | {
      readonly name: string
      readonly word: string
      readonly kind: 'open'
      readonly certificate: Uint8Array
      readonly transport: KeyTransport['kind']
      readonly sealing?: true
    }

/** What comes of a fault in an operation: the failure's code, or what is seen instead. */
export type Outcome = string

export interface FaultTable {
  readonly title: string
  readonly makeLock: () => FaultyLock
  readonly operations: readonly Operation[]
  /** By fault, the outcomes in the order of the operations. */
  readonly expected: Readonly<Record<Fault, readonly Outcome[]>>
  /** The certificates that sign and receive in a sealing, where the operation does not name them. */
  readonly usual: Readonly<Partial<Record<SuiteId, { readonly sign: Uint8Array; readonly decrypt: Uint8Array }>>>
  /** What ends a sealing, by fault, in the order of the operations a bid is sealed with. */
  readonly expectedSealing: Readonly<Record<Exclude<Fault, 'lock'>, readonly Outcome[]>>
}

type SuiteId = 'intl-1' | 'gm-1'

const limits = { probe: 2000, login: 2000, use: 2000, close: 300 }
const wrongPin = '00000000'

/**
 * Every fault in every operation, through the process that users have it in. After each: another vendor's lock has gone on,
 * no PIN try was spent, the same library works again once it is mended; and a sealing it happens in leaves nothing behind.
 */
export function faultTable(table: FaultTable): void {
  const { title, operations, expected, expectedSealing } = table
  const keyOperations = operations.filter(one => (one.kind === 'sign' || one.kind === 'open') && one.sealing === true)
  const outcomes = new Map<string, Outcome>()
  const locks: FaultyLock[] = []
  const hosts: TokenHost[] = []
  let bundle: TokenHostBundle
  let bystander: Bystander

  beforeAll(async () => {
    bundle = await bundleTokenHost('with-binding')
    bystander = await startBystander(bundle)
  })

  afterAll(async () => {
    await Promise.all(hosts.map(host => host.close()))
    await bystander.stop()
    for (const lock of locks) lock.remove()
    bundle.remove()
    console.log(printed(title, operations, outcomes))
  })

  function plug(): { readonly lock: FaultyLock; readonly host: TokenHost } {
    const lock = table.makeLock()
    const host = hostOf(lock.module, lock.environment, bundle)
    locks.push(lock)
    hosts.push(host)
    return { lock, host }
  }

  describe(title, () => {
    it.concurrent.each(operations.map(operation => [operation.name, operation] as const))(
      'every fault in %s has its outcome, spends no PIN try, and passes',
      async (name, operation) => {
        const { lock, host } = plug()
        for (const fault of faults) {
          expect(await perform(host, lock, operation)).toBe('done')
          const tries = lock.triesLeft()
          const ready = await prepare(host, lock, operation)
          if (fault === 'lock') await lockPin(lock, bundle)
          else lock.fail(fault, operation.word)
          const outcome = await outcomeOf(() => ready())
          outcomes.set(`${fault} ${name}`, outcome)
          expect(lock.triesLeft(), `tries after ${fault} in ${name}`).toBe(fault === 'lock' ? 0 : tries)
          await bystander.works()
          lock.mend()
          if (fault === 'lock') lock.unlock()
          expect(await outcomeOf(() => perform(host, lock, operation)), `after ${fault}`).toBe('done')
          expect(lock.triesLeft()).toBe(tries)
        }
        expect(faults.map(fault => `${fault}: ${outcomes.get(`${fault} ${name}`) ?? ''}`)).toEqual(
          faults.map(fault => `${fault}: ${expected[fault][operations.indexOf(operation)] ?? ''}`),
        )
      },
      60_000,
    )

    it.concurrent.each(keyOperations.map(operation => [operation.name, operation] as const))(
      'a sealing with a fault in %s leaves no output, and the next one has one',
      async (name, operation) => {
        const { lock, host } = plug()
        const found: string[] = []
        for (const fault of faults) {
          if (fault === 'lock') continue
          const outcome = await sealing(table, operation, host, lock, () => lock.fail(fault, operation.word))
          outcomes.set(`${fault} sealing, ${name}`, outcome)
          found.push(`${fault}: ${outcome}`)
          lock.mend()
          expect(await sealing(table, operation, host, lock, () => undefined), `after ${fault}`).toBe('done')
        }
        await bystander.works()
        const index = keyOperations.indexOf(operation)
        expect(found).toEqual(
          faults.flatMap(fault => (fault === 'lock' ? [] : [`${fault}: ${expectedSealing[fault][index] ?? ''}`])),
        )
      },
      60_000,
    )
  })
}

/** Another vendor's lock, logged in for as long as the table takes: its session would not survive its process. */
interface Bystander {
  works(): Promise<void>
  stop(): Promise<void>
}

async function startBystander(bundle: TokenHostBundle): Promise<Bystander> {
  const hsm: SoftHsm = makeSoftHsm()
  const { uri, pin }: SoftHsmLock = addSoftHsmLock(hsm)
  const host = hostOf({ kind: 'pkcs11', path: hsm.modulePath }, hsm.environment, bundle)
  const session = await host.login(uri, pin)
  const { certificate } = practiceCa().bidder.sign
  return {
    async works() {
      const message = randomBytes(20)
      const digest = digestFor(certificate, 'rsa-pkcs1-sha256', message)
      const signature = await session.sign('01', 'rsa-pkcs1-sha256', digest)
      expect(holds(certificate, 'rsa-pkcs1-sha256', message, signature)).toBe(true)
    },
    async stop() {
      await session.close()
      await host.close()
      hsm.remove()
    },
  }
}

function hostOf(
  module: TokenModule,
  environment: Readonly<Record<string, string>>,
  { program }: TokenHostBundle,
): TokenHost {
  const env = { ...process.env, ...environment }
  return startTokenHost({ module, startProcess: childProcessStarter(program, { env }), limits })
}

async function uriOf(host: TokenHost, lock: FaultyLock): Promise<string> {
  const found = (await host.list()).find(({ label }) => label === lock.label)
  if (found === undefined) throw new Error('the lock is not there')
  return found.uri
}

/** Somebody else's program with somebody else's idea of the PIN, until no try is left. */
async function lockPin(lock: FaultyLock, bundle: TokenHostBundle): Promise<void> {
  const other = hostOf(lock.module, lock.environment, bundle)
  try {
    const uri = await uriOf(other, lock)
    while (lock.triesLeft() > 0) await outcomeOf(() => other.login(uri, wrongPin, { lastTry: true }))
  } finally {
    await other.close()
  }
}

function perform(host: TokenHost, lock: FaultyLock, operation: Operation): Promise<Outcome> {
  return prepare(host, lock, operation).then(ready => ready())
}

/** Everything up to the operation itself, which is answered. */
async function prepare(host: TokenHost, lock: FaultyLock, operation: Operation): Promise<() => Promise<Outcome>> {
  const uri = await uriOf(host, lock)
  if (operation.kind === 'list') {
    return async () => {
      const found = (await host.list()).find(({ label }) => label === lock.label)
      if (found === undefined) return 'not listed'
      if (found.certificates.length === 0) return 'no certificates'
      return found.pin.state === 'ok' ? 'done' : found.pin.state
    }
  }
  const login = (): Promise<TokenSession> => host.login(uri, lock.pin)
  if (operation.kind === 'login') {
    return async () => {
      await (await login()).close()
      return 'done'
    }
  }
  const session = await login()
  const { certificate } = operation
  const keyId = await keyIdOf(session, certificate)
  if (operation.kind === 'sign') {
    const message = randomBytes(30)
    const digest = digestFor(certificate, operation.algorithm, message)
    return closing(session, async () => {
      const signature = await session.sign(keyId, operation.algorithm, digest, message)
      return holds(certificate, operation.algorithm, message, signature) ? 'done' : 'A SIGNATURE THAT DOES NOT HOLD'
    })
  }
  const envelope = await envelopeFor(certificate, operation.transport)
  return closing(session, async () => {
    const opened = await envelope.open({ certificate, open: transport => session.open(keyId, transport) })
    return Buffer.from(opened).equals(envelope.key) ? 'done' : 'other bytes'
  })
}

function closing(session: TokenSession, run: () => Promise<Outcome>): () => Promise<Outcome> {
  return async () => {
    try {
      return await run()
    } finally {
      await session.close()
    }
  }
}

async function keyIdOf(session: TokenSession, certificate: Uint8Array): Promise<string> {
  const found = (await session.certificates()).find(one => Buffer.from(one.certificate).equals(certificate))
  if (found === undefined) throw new Error('the certificate is not there')
  return found.keyId
}

/** Seals a bid with the lock for signer and recipient, proves that it opens, and looks at what is left. */
async function sealing(
  { usual }: FaultTable,
  operation: Operation,
  host: TokenHost,
  lock: FaultyLock,
  fail: () => void,
): Promise<Outcome> {
  const gm = operation.kind === 'sign' ? operation.algorithm === 'sm2-sm3' : isSm2(operation)
  const { sign: usualSign, decrypt: usualDecrypt } = usual[gm ? 'gm-1' : 'intl-1'] ?? nothing
  const sign = operation.kind === 'sign' ? operation.certificate : usualSign
  const decrypt = operation.kind === 'open' ? operation.certificate : usualDecrypt
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-faults-'))
  const session = await host.login(await uriOf(host, lock), lock.pin)
  const certificates = await session.certificates()
  const signer = await signerFromToken(session, certificates, { keyId: await keyIdOf(session, sign) })
  const opener = keyOpenerFromToken(session, certificates, { keyId: await keyIdOf(session, decrypt) })
  const change = (options: SealOptions): SealOptions => ({
    ...options,
    signer: { ...signer, intermediates: options.signer.intermediates },
    recipients: options.recipients.slice(0, 1).map(one => ({ ...one, certificate: decrypt, opener })),
  })
  try {
    fail()
    const make = gm ? makeGmBid : makeSealedBid
    const outcome = await outcomeOf(async () => {
      await make({ folder, selfTest: true, change })
      return 'done'
    })
    expect(readdirSync(folder).sort()).toEqual(outcome === 'done' ? ['documents', '投标.sbid'] : ['documents'])
    return outcome
  } finally {
    await session.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const nothing = { sign: new Uint8Array(0), decrypt: new Uint8Array(0) }

function isSm2(operation: Operation): boolean {
  return operation.kind === 'open' && operation.transport === 'sm2-sm4-cbc'
}

/** What came of it; anything but a failure with a code is no outcome. */
async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    const outcome = await run()
    return typeof outcome === 'string' ? outcome : 'done'
  } catch (error) {
    if (error instanceof CryptoFailure) return error.code
    throw error
  }
}

/** The table as it came out, for people. */
function printed(title: string, operations: readonly Operation[], outcomes: ReadonlyMap<string, Outcome>): string {
  const names = operations.map(({ name }) => name)
  const columns = [...names, ...names.map(name => `sealing, ${name}`)].filter(name =>
    faults.some(fault => outcomes.has(`${fault} ${name}`)),
  )
  const rows = faults.map(fault => [fault, ...columns.map(name => outcomes.get(`${fault} ${name}`) ?? '')])
  const lines = [['', ...columns], ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map(line => line[index + 1]?.length ?? 0)))
  const text = lines.map(line =>
    line.map((cell, index) => cell.padEnd(index === 0 ? 9 : (widths[index - 1] ?? 0))).join('  '),
  )
  return [title, ...text].join('\n')
}
