import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatTokenUri } from '../../crypto/index.ts'
import { writeSoftLock } from '../../crypto/token/soft/pkcs12-write.ts'
import { makeSoftSkf, type SoftSkf } from '../fakes/skf/soft-skf.ts'
import { type Desk, makeDesk } from '../fixtures/cli-desk.ts'
import { gmCa } from '../fixtures/gm-ca.ts'
import { type GmDesk, gmDesk } from '../fixtures/gm-desk.ts'
import { makeNssToken, nssTokenLabel, type NssToken } from '../fixtures/nss.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { type PublisherCli, publisherCli } from '../fixtures/publisher-cli.ts'
import { makeSoftPkcs11, type SoftPkcs11 } from '../fixtures/soft-pkcs11.ts'
import { addSoftHsmLock, makeSoftHsm, type SoftHsm } from '../fixtures/softhsm.ts'
import { ecBidder, softPair } from '../token-suite/subject.ts'

const { bidder } = practiceCa()
const gm = gmCa()
const ec = ecBidder('P-256')
const pins = { a: 'aaaa-1111', b: 'bbbb-2222', c: 'cccc-3333' }

let desk: Desk
let national: GmDesk
let cli: PublisherCli
let hsm: SoftHsm
let nss: NssToken
let p11: SoftPkcs11
let skf: SoftSkf

beforeAll(async () => {
  desk = await makeDesk()
  national = gmDesk(desk)
  cli = await publisherCli()
  hsm = makeSoftHsm()
  skf = makeSoftSkf('packed')
  p11 = makeSoftPkcs11({ quirks: ['numbers=westone'] })
  nss = makeNssToken({ pin: pins.b, label: 'B', keys: [softPair('decrypt', bidder.decrypt)], intermediates: [] })
  // What these libraries must be told comes as vendors' data do: signed, and for the file's name.
  const file = cli.vendorProfiles(shipped => [
    ...shipped.filter(({ libraries }) => !libraries.some(({ names }) => names.includes(basename(nss.modulePath)))),
    JSON.parse(readFileSync(p11.writeProfile(), 'utf8')) as (typeof shipped)[number],
    { ...nssProfile(), id: 'nss' },
  ])
  expect(await run(['data', 'update', file])).toMatchObject({ ok: true, kind: 'vendor-profiles' })
}, 60_000)

afterAll(() => {
  for (const each of [desk, cli, hsm, skf, p11, nss]) each.remove()
})

test('intl: signed with vendor A’s RSA lock, opened with B’s RSA lock and, apart from it, with C’s EC lock', async () => {
  // Its encryption key is another one than B's.
  const a = addSoftHsmLock(hsm, { label: 'A', pin: pins.a, bidder: { ...bidder, decrypt: bidder.backup } }).uri
  const b = formatTokenUri({ kind: 'pkcs11', token: nssTokenLabel, modulePath: nss.modulePath })
  const key = { id: '02', label: 'C', use: 'decrypt', ...ec.backup } as const
  const c = p11.addLock({ token: 'C', pin: pins.c, keys: [key] })
  const tender = await desk.tender('intl')
  await sealAndOpen({ name: 'intl', tender, trust: ['--trust', desk.trust], a, b, c })
}, 60_000)

test('gm: signed with vendor A’s SKF lock, opened with B’s SM2 PKCS#11 lock and, apart from it, with C’s soft lock', async () => {
  const containers = [
    { name: '公章', sign: gm.bidder.sign },
    { name: 'issuer', sign: { certificate: gm.intermediate } },
  ]
  skf.addLock({ device: 'A', pin: pins.a, containers })
  const a = formatTokenUri({ kind: 'skf', serial: 'A-0001', modulePath: skf.modulePath })
  const key = { id: '02', label: 'B', use: 'decrypt', ...gm.bidder.decrypt } as const
  const b = p11.addLock({ token: 'B', pin: pins.b, keys: [key] })
  const file = desk.path('locks/C.p12')
  const keys = [softPair('decrypt', gm.bidder.backup)]
  await writeSoftLock(file, { pin: pins.c, label: 'C', keys, intermediates: [gm.intermediate] })
  const c = formatTokenUri({ kind: 'soft', path: file })
  const tender = await national.tender('gm')
  await sealAndOpen({ name: 'gm', tender, trust: national.trust, a, b, c })
}, 60_000)

interface Locks {
  readonly name: string
  readonly tender: string
  readonly trust: readonly string[]
  /** Signs, and can open nothing of this bid. */
  readonly a: string
  /** The main lock. */
  readonly b: string
  /** The backup. */
  readonly c: string
}

async function sealAndOpen({ name, tender, trust, a, b, c }: Locks): Promise<void> {
  const bid = await desk.bid(`bid ${name}`, tender)
  const output = desk.path(`${name}.sbid`)
  const who = ['--sign', a, '--encrypt', b, '--backup', c, '--suite', name]
  const env = { BIDSEAL_PIN: pins.a, BIDSEAL_PIN_2: pins.b, BIDSEAL_PIN_3: pins.c }
  const sealed = await run(['seal', bid, '--tender', tender, ...who, ...trust, '-o', output], env)
  expect(sealed).toMatchObject({
    ok: true,
    suite: `${name}-1`,
    recipients: [
      { role: 'main', proved: true },
      { role: 'backup', proved: true },
    ],
  })
  expect(await run(['verify', output, ...trust])).toMatchObject({ ok: true, chain: { ok: true } })
  for (const [token, pin, folder] of [
    [b, pins.b, `${name} by B`],
    [c, pins.c, `${name} by C`],
  ] as const) {
    const opened = desk.path(folder)
    await run(['unseal', output, '--token', token, ...trust, '-o', opened], { BIDSEAL_PIN: pin })
    const documents = readdirSync(join(opened, 'documents'))
    expect(documents.length).toBeGreaterThan(0)
    for (const document of documents) {
      expect(readFileSync(join(opened, 'documents', document))).toEqual(readFileSync(join(bid, 'documents', document)))
    }
  }
  const refused = run(['unseal', output, '--token', a, ...trust, '-o', desk.path(`${name} never`)], {
    BIDSEAL_PIN: pins.a,
  })
  await expect(refused).rejects.toThrow('token.wrong-lock')
}

/** Runs the command line in the desk's home; throws what it printed when it failed. */
async function run(
  args: readonly string[],
  pinsGiven: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const env = { ...process.env, ...hsm.environment, ...skf.environment, ...p11.environment, ...pinsGiven }
  const command = [cli.program, '--json', '--home', desk.path('home'), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, command, { env }).catch((error: unknown) => {
    const said = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''
    throw new Error(`bidseal ${args.join(' ')} said ${said}`, { cause: error })
  })
  return JSON.parse(stdout) as Record<string, unknown>
}

function nssProfile() {
  return {
    vendor: { zh: 'NSS 软锁', en: 'NSS softoken' },
    libraries: [{ names: [basename(nss.modulePath)], kind: 'pkcs11', pkcs11: { parameters: nss.parameters } }],
    unlock: { zh: '重新建立数据库。', en: 'Make the database again.' },
    evidence: 'tried',
  }
}
