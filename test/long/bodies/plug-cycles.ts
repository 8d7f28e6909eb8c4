import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { TokenModule } from '../../../crypto/token/host/calls.ts'
import type { SignatureAlgorithm } from '../../../crypto/sign/signer.ts'
import { signerFromToken } from '../../../crypto/token/identities.ts'
import type { TokenSession } from '../../../crypto/token/port.ts'
import { type Seen, watchLocks } from '../../../main/ipc/lock-watch.ts'
import { childProcessStarter, startTokenHost } from '../../../main/token-host/index.ts'
import { makeSoftSkf } from '../../fakes/skf/soft-skf.ts'
import { expectRejection } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { makeSoftPkcs11, softPkcs11Pin } from '../../fixtures/soft-pkcs11.ts'
import { bundleTokenHost } from '../../fixtures/token-host-bundle.ts'
import { digestFor, holds } from '../../token-suite/envelopes.ts'

/** A lock that can be pulled out of the machine and put in again. */
export interface PluggableLock {
  readonly module: TokenModule
  readonly environment: Readonly<Record<string, string>>
  readonly pin: string
  /** Its signing certificate, DER. */
  readonly certificate: Uint8Array
  readonly algorithm: SignatureAlgorithm
  pullOut(): void
  plugIn(): void
  remove(): void
}

/** How many processes it took, and the longest it took until the watch told of a lock that came or went, in milliseconds. */
export interface PlugReport {
  readonly processes: number
  readonly slowest: number
}

/**
 * Pulls the lock out and puts it in again, so many times. Each time the watch tells, the list is right, a new login signs,
 * and the session of before is over. `every` is the watch's, as in the product where it is not given.
 */
async function plugCycles(lock: PluggableLock, cycles: number, every?: number): Promise<PlugReport> {
  const bundle = await bundleTokenHost('with-binding')
  const env = { ...process.env, ...lock.environment }
  const start = childProcessStarter(bundle.program, { env })
  let processes = 0
  const startProcess = (): ReturnType<typeof start> => {
    processes += 1
    return start()
  }
  const host = startTokenHost({ module: lock.module, startProcess })
  let changes = 0
  let heard = (): void => undefined
  const look = async (): Promise<Seen> => ({ seen: (await host.list()).map(({ uri }) => uri).join() })
  const stop = watchLocks({
    modules: () => [lock.module],
    look: () => look().catch(() => ({ failed: true })),
    busy: () => false,
    onChange() {
      changes += 1
      heard()
    },
    ...(every === undefined ? {} : { every }),
  })
  let slowest = 0
  const told = async (act: () => void): Promise<void> => {
    const [before, started] = [changes, performance.now()]
    const change = new Promise<void>(resolve => (heard = resolve))
    act()
    await Promise.race([change, pause(10_000)])
    slowest = Math.max(slowest, performance.now() - started)
    expect(changes).toBe(before + 1)
  }
  try {
    // The watch compares with what it has seen.
    await pause(2 * (every ?? 2_000))
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const [token] = await host.list()
      const session = await host.login(token?.uri ?? '', lock.pin)
      await signs(session, lock)
      await told(() => lock.pullOut())
      expect(await host.list()).toEqual([])
      await expectRejection('token.removed', signs(session, lock))
      await session.close()
      await told(() => lock.plugIn())
      expect(await host.list()).toHaveLength(1)
    }
  } finally {
    stop()
    await host.close()
    bundle.remove()
  }
  return { processes, slowest }
}

/** A lock of the soft SKF library. */
function pluggableSkf(): PluggableLock {
  const { sign, decrypt } = gmCa().bidder
  const skf = makeSoftSkf('packed')
  const pin = '246810'
  skf.addLock({ device: 'KEY', pin, containers: [{ name: '公章', sign, encrypt: decrypt }] })
  return {
    module: { kind: 'skf', path: skf.modulePath, profile: { layout: 'packed' } },
    environment: skf.environment,
    pin,
    certificate: sign.certificate,
    algorithm: 'sm2-sm3',
    pullOut: () => skf.setFaults('absent=KEY'),
    plugIn: () => skf.setFaults(''),
    remove: () => skf.remove(),
  }
}

/** A lock of the soft PKCS#11 module. */
function pluggablePkcs11(): PluggableLock {
  const { bidder } = practiceCa()
  const p11 = makeSoftPkcs11()
  p11.addLock({ token: 'KEY' })
  return {
    module: { kind: 'pkcs11', path: p11.modulePath, profile: p11.profile },
    environment: p11.environment,
    pin: softPkcs11Pin,
    certificate: bidder.sign.certificate,
    algorithm: 'rsa-pkcs1-sha256',
    pullOut: () => p11.pullOut('KEY'),
    plugIn: () => p11.plugIn('KEY'),
    remove: () => p11.remove(),
  }
}

async function signs(session: TokenSession, { certificate, algorithm }: PluggableLock): Promise<void> {
  const message = randomBytes(20)
  const signer = await signerFromToken(session, await session.certificates())
  const signature = await signer.sign(algorithm, digestFor(certificate, algorithm, message), message)
  expect(holds(certificate, algorithm, message, signature)).toBe(true)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

/** Locks of every kind that can be pulled out, with what a test calls them. */
export const pluggableLocks: readonly (readonly [string, () => PluggableLock])[] = [
  ['an SKF lock', pluggableSkf],
  ['a PKCS#11 lock', pluggablePkcs11],
]

/** Pulls a lock of its own out and puts it in again, so many times; the lock is gone afterwards. */
export async function plugCyclesOf(make: () => PluggableLock, cycles: number, every?: number): Promise<PlugReport> {
  const lock = make()
  try {
    return await plugCycles(lock, cycles, every)
  } finally {
    lock.remove()
  }
}
