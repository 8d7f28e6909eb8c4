import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Pkcs11Profile } from '../../crypto/token/profiles/driver-profile.ts'
import { childProcessStarter, startTokenHost } from '../../main/token-host/index.ts'
import { expectRejection } from '../fixtures/failure.ts'
import { makeNssToken, nssTokenLabel, type NssToken } from '../fixtures/nss.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm } from '../fixtures/softhsm.ts'
import { bundleTokenHost, type TokenHostBundle } from '../fixtures/token-host-bundle.ts'
import { softPair } from './subject.ts'

// These two count no tries, so that their calls are counted: OpenSC's module in between writes each into a file.
const spy =
  ['/usr/lib', '/usr/lib64', ...readdirSync('/usr/lib').map(name => join('/usr/lib', name))]
    .flatMap(folder => ['', 'pkcs11'].map(inner => join(folder, inner, 'pkcs11-spy.so')))
    .find(existsSync) ?? '/usr/lib/x86_64-linux-gnu/pkcs11-spy.so'

let folder: string
let bundle: TokenHostBundle
let hsm: SoftHsm
let nss: NssToken

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-spy-'))
  bundle = await bundleTokenHost('with-binding')
  hsm = makeSoftHsm()
  addSoftHsmLock(hsm, { label: 'BidKey', pin: '1234abcd' })
  const { sign } = practiceCa().bidder
  nss = makeNssToken({ pin: '1234abcd', label: 'BidKey', keys: [softPair('sign', sign)], intermediates: [] })
})

afterAll(() => {
  for (const each of [bundle, hsm, nss]) each.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function logins(module: string, label: string, profile: Pkcs11Profile): Promise<readonly number[]> {
  const log = join(folder, `${label}.log`)
  const env = { ...process.env, ...hsm.environment, PKCS11SPY: module, PKCS11SPY_OUTPUT: log }
  const host = startTokenHost({
    module: { kind: 'pkcs11', path: spy, profile },
    startProcess: childProcessStarter(bundle.program, { env }),
  })
  const count = (): number => readFileSync(log, 'utf8').match(/: C_Login$/gm)?.length ?? 0
  const counts: number[] = []
  try {
    const uri = (await host.list()).find(token => token.label === label)?.uri ?? ''
    counts.push(count())
    await expectRejection('token.pin-incorrect', host.login(uri, 'wrong-777'))
    counts.push(count())
    const session = await host.login(uri, '1234abcd')
    counts.push(count())
    await session.certificates()
    await session.close()
    counts.push(count())
  } finally {
    await host.close()
  }
  return counts
}

test('a PIN goes to SoftHSM2 once, right or wrong, and none to see what is there', async () => {
  expect(await logins(hsm.modulePath, 'BidKey', {})).toEqual([0, 1, 2, 2])
})

test('a PIN goes to NSS softoken once, right or wrong, and none to see what is there', async () => {
  expect(await logins(nss.modulePath, nssTokenLabel, { parameters: nss.parameters })).toEqual([0, 1, 2, 2])
})
