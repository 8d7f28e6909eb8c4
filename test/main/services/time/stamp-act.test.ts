import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  gm1,
  intl1,
  signDocument,
  systemClock,
  systemRandomness,
  toPem,
  verifyDocument,
  verifyTimestamp,
} from '../../../../crypto/index.ts'
import type { SignedDocument } from '../../../../crypto/index.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { stampAct } from '../../../../main/services/index.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { deliveriesAt, homeAt, journalAt } from '../../../../main/store/index.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { startTimeStampServer, type TimeStampServerRig } from '../../../fixtures/time-stamp-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-acts-'))
let server: TimeStampServerRig
let ports: Ports
let sealId: string

beforeAll(async () => {
  server = await startTimeStampServer()
})

beforeEach(() => {
  const home = homeAt(mkdtempSync(join(folder, 'home-')))
  sealId = randomUUID()
  server.twist(null)
  server.asked.length = 0
  ports = {
    ...{ clock: systemClock, randomness: systemRandomness, http: nodeHttp(), home },
    journal: journalAt(home.journal, () => new Date()),
    deliveries: deliveriesAt(home.deliveries),
    timeStamps: { url: server.url },
  } as unknown as Ports
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function submit(gm = false): Promise<SignedDocument> {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
  const { bidder } = gm ? gmCa() : practiceCa()
  const fields = {
    ...{ platform: 'practice.bidseal', tenderId: 'T', lotId: '01', sealDigest: hex(32), sealId },
    ...{ creditCode: bidder.creditCode, nonce: hex(32), at: new Date().toISOString() },
  }
  return signDocument('submit', fields, bidder.sign.signer(), gm ? gm1 : intl1, systemClock)
}
const octetsOf = (document: SignedDocument): Uint8Array => verifyDocument('submit', document).signature.signatureOctets
const journal = async (): Promise<unknown> =>
  (await ports.journal.entries()).map(({ kind, facts }) => ({ kind, ...facts }))

test('a stamp over the act’s signature is kept beside the bid, and openssl verifies it', async () => {
  const document = await submit()
  await stampAct(ports, sealId, 'submit', document, undefined)
  const stamp = await ports.deliveries.file(sealId, 'submit.tsr')
  if (stamp === null) throw new Error('no stamp')
  await withOpenssl(bench => {
    bench.put('root.pem', toPem(practiceCa().root, 'CERTIFICATE'))
    bench.put('s.tsr', stamp)
    bench.put('octets', octetsOf(document))
    const verify = (data: string) => bench.run('ts', '-verify', '-in', 's.tsr', '-data', data, '-CAfile', 'root.pem')
    expect(verify('octets').ok).toBe(true)
    bench.put('other', 'x')
    expect(verify('other').ok).toBe(false)
  })
  expect(await journal()).toMatchObject([{ kind: 'time-stamped', act: 'submit', sealId }])
})

test('the same act again is not stamped again; another signature is', async () => {
  const document = await submit()
  await stampAct(ports, sealId, 'submit', document, undefined)
  await stampAct(ports, sealId, 'submit', document, undefined)
  expect(server.asked).toHaveLength(1)
  const next = await submit()
  await stampAct(ports, sealId, 'submit', next, undefined)
  const stamp = (await ports.deliveries.file(sealId, 'submit.tsr')) ?? new Uint8Array()
  expect(verifyTimestamp(stamp, octetsOf(next)).time).toBeInstanceOf(Date)
})

test('an act of gm-1 is stamped with SM3', async () => {
  const document = await submit(true)
  await stampAct(ports, sealId, 'submit', document, undefined)
  const stamp = (await ports.deliveries.file(sealId, 'submit.tsr')) ?? new Uint8Array()
  expect(verifyTimestamp(stamp, octetsOf(document), 'gm-1').time).toBeInstanceOf(Date)
  expect(() => verifyTimestamp(stamp, octetsOf(document), 'intl-1')).toThrow()
})

test('without a server nothing is asked and nothing written', async () => {
  await stampAct({ ...ports, timeStamps: undefined }, sealId, 'submit', await submit(), undefined)
  await stampAct({ ...ports, timeStamps: null }, sealId, 'submit', await submit(), undefined)
  expect(await journal()).toEqual([])
  expect(server.asked).toHaveLength(0)
})

test('a server that fails stops nothing; the journal says what happened, and the stamp before stays', async () => {
  const first = await submit()
  await stampAct(ports, sealId, 'submit', first, undefined)
  server.twist(response => response.writeHead(404).end())
  await stampAct(ports, sealId, 'submit', await submit(), undefined)
  server.twist(response => response.destroy())
  await stampAct(ports, sealId, 'submit', await submit(), undefined)
  const failed = { kind: 'time-stamp-failed', act: 'submit', sealId }
  expect(await journal()).toMatchObject([
    { kind: 'time-stamped' },
    { ...failed, code: 'platform.refused' },
    { ...failed, code: 'platform.unreachable' },
  ])
  const stamp = (await ports.deliveries.file(sealId, 'submit.tsr')) ?? new Uint8Array()
  expect(verifyTimestamp(stamp, octetsOf(first)).time).toBeInstanceOf(Date)
})

test('a document of another kind, or damaged, is not stamped, and that too is only told', async () => {
  const document = await submit()
  await stampAct(ports, sealId, 'release', document, undefined)
  await stampAct(ports, sealId, 'submit', { ...document, bytes: document.bytes.subarray(1) }, undefined)
  expect(await journal()).toMatchObject([{ code: 'document.wrong-type' }, { code: 'document.malformed' }])
  expect(server.asked).toHaveLength(0)
})

test('a stop at the user’s request is no failure of the server', async () => {
  const stop = new AbortController()
  stop.abort()
  await stampAct(ports, sealId, 'submit', await submit(), stop.signal)
  expect(await journal()).toEqual([])
})
