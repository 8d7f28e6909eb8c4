import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parseCertificate } from '../../../../crypto/index.ts'
import { openEnvelopeGm, wrapKeyGm } from '../../../../crypto/cms/gm/envelope.ts'
import { composePorts, siblingsIn } from '../../../../main/cli/compose.ts'
import { listModules, openLocks } from '../../../../main/services/index.ts'
import type { Locks, ModuleReference, Ports } from '../../../../main/services/index.ts'
import { makeSoftSkf, type SoftSkf } from '../../../fakes/skf/soft-skf.ts'
import { cliProgram } from '../../../fixtures/cli.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm, type SoftHsmLock } from '../../../fixtures/softhsm.ts'

// Two vendors' libraries at once, as a desk with a company lock and a legal person's lock has them.

const pin = '246810'
const { bidder } = gmCa()
const folder = mkdtempSync(join(tmpdir(), 'bidseal-two-vendors-'))
let hsm: SoftHsm
let lock: SoftHsmLock
let skf: SoftSkf
let ports: Ports
let modules: readonly ModuleReference[]
const opened: Locks[] = []

beforeAll(() => {
  hsm = makeSoftHsm()
  lock = addSoftHsmLock(hsm)
  skf = makeSoftSkf('packed')
  skf.addLock({ device: 'KEY', pin, containers: [{ name: 'bidder', sign: bidder.sign, encrypt: bidder.decrypt }] })
  Object.assign(process.env, hsm.environment, skf.environment)
  modules = [
    { kind: 'pkcs11', path: hsm.modulePath },
    { kind: 'skf', path: skf.modulePath },
  ]
})

afterEach(async () => {
  Reflect.deleteProperty(process.env, 'BIDSEAL_SOFT_SKF_FAULT')
  for (const locks of opened.splice(0)) await locks.close()
  await ports.tokens.close()
})

afterAll(() => {
  hsm.remove()
  skf.remove()
  rmSync(folder, { recursive: true, force: true })
})

const skfUri = 'skf:serial=KEY-0001'

/** The real token processes; a library reads its faults when it starts. */
function ring(): Locks {
  const locks = openLocks({
    hosts: ports.tokens,
    modules,
    order: [lock.uri, skfUri],
    askPin: ({ token }) => Promise.resolve({ pin: token.kind === 'skf' ? pin : lock.pin }),
  })
  opened.push(locks)
  return locks
}

const start = (fault = ''): void => {
  if (fault !== '') process.env['BIDSEAL_SOFT_SKF_FAULT'] = fault
  ports = composePorts(folder, siblingsIn(join(cliProgram, '..')))
}

const signs = async (locks: Locks): Promise<number> =>
  (await (await locks.signer(lock.uri)).sign('rsa-pkcs1-sha256', new Uint8Array(32))).length

async function opens(locks: Locks): Promise<boolean> {
  const key = new Uint8Array(32).fill(9)
  const envelope = wrapKeyGm(key, { recipient: parseCertificate(bidder.decrypt.certificate) })
  return Buffer.from(key).equals(await openEnvelopeGm(envelope, await locks.opener(skfUri)))
}

test('both locks work side by side, and each is found by its name', async () => {
  start()
  const locks = ring()
  expect(await Promise.all([signs(locks), opens(locks)])).toEqual([256, true])
  expect((await listModules(ports.tokens, modules)).map(({ tokens }) => tokens.length)).toEqual([1, 1])
})

test('one library’s crash leaves the other’s session working, and its own job can be done again', async () => {
  start('crash:SKF_ImportSessionKey')
  const first = ring()
  expect(await signs(first)).toBe(256)
  await expect(opens(first)).rejects.toMatchObject({ code: 'token.driver-crashed' })
  // The session that was there before the crash of the other.
  expect(await signs(first)).toBe(256)
  Reflect.deleteProperty(process.env, 'BIDSEAL_SOFT_SKF_FAULT')
  expect(await opens(ring())).toBe(true)
  expect(await signs(first)).toBe(256)
})

test('a library that hangs is ended, and the other goes on meanwhile', async () => {
  start('hang:SKF_EnumDev')
  const locks = ring()
  const both = await Promise.allSettled([opens(locks), signs(locks)])
  expect(both[0]).toMatchObject({ status: 'rejected', reason: { code: 'token.driver-hung' } })
  expect(both[1]).toEqual({ status: 'fulfilled', value: 256 })
}, 30_000)
