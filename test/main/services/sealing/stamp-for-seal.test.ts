import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gm1, intl1, systemRandomness, toBase64, verifyTimestamp } from '../../../../crypto/index.ts'
import type { Suite, Tender } from '../../../../crypto/index.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { nodeHttp } from '../../../../main/http/index.ts'
import { stampForSeal } from '../../../../main/services/sealing/stamp-for-seal.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { makeTender } from '../../../fixtures/sealed-bid.ts'
import { startTimeStampServer, type StampTwist, type TimeStampServerRig } from '../../../fixtures/time-stamp-server.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'

let server: TimeStampServerRig
let tender: Tender
const folder = mkdtempSync(join(tmpdir(), 'bidseal-stamper-'))
const octets = Uint8Array.from(randomBytes(256))
const ports = { http: nodeHttp(), randomness: systemRandomness, home: homeAt(folder) } as unknown as Ports

beforeAll(async () => {
  server = await startTimeStampServer()
  tender = (await makeTender()).tender
})

beforeEach(() => {
  server.twist(null)
  server.asked.length = 0
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const stamper = (suite: Suite = intl1, url = server.url, of = tender, policy?: string) =>
  stampForSeal({ ...ports, timeStamps: { url, policy } }, { tender: of, suite, signal: undefined })

describe('time stamps for a sealing', () => {
  test('are none without a server, and none where they were declined', async () => {
    const asked = { tender, suite: intl1, signal: undefined }
    expect(await stampForSeal(ports, asked)).toBeNull()
    expect(await stampForSeal({ ...ports, timeStamps: null }, asked)).toBeNull()
  })

  test('come from the server in the settings', async () => {
    const home = homeAt(mkdtempSync(join(folder, 'home-')))
    writeFileSync(join(home.root, 'network.json'), JSON.stringify({ timeStamps: { url: server.url } }))
    const stamp = await stampForSeal({ ...ports, home }, { tender, suite: intl1, signal: undefined })
    const { time } = verifyTimestamp((await stamp?.(octets)) ?? octets, octets)
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000)
    expect(server.asked).toHaveLength(2)
  })

  test('are with SM3 in gm-1, and with SHA-256 where the server does not know it', async () => {
    const both = (await makeTender({ fields: { acceptedCas: [...tender.fields.acceptedCas, toBase64(gmCa().root)] } }))
      .tender
    const stamp = await stamper(gm1, server.url, both)
    expect(() => verifyTimestamp(octets, octets, 'gm-1')).toThrow()
    const sm3 = (await stamp?.(octets)) ?? octets
    expect(verifyTimestamp(sm3, octets, 'gm-1').time).toBeInstanceOf(Date)
    expect(() => verifyTimestamp(sm3, octets, 'intl-1')).toThrow()
    const old = await startTimeStampServer({ digests: 'sha256' })
    try {
      const sha256 = (await (await stamper(gm1, old.url, both))?.(octets)) ?? octets
      expect(verifyTimestamp(sha256, octets, 'intl-1').time).toBeInstanceOf(Date)
      // The trial has told: the seal's signature is not asked about with SM3 again.
      expect(old.asked).toHaveLength(3)
    } finally {
      await old.close()
    }
  })
})

describe('a server that is of no use is found out before anything is written:', () => {
  test.each<[string, StampTwist]>([
    ['a web page', response => response.setHeader('content-type', 'text/html').end('hi')],
    ['a refusal', response => response.writeHead(403).end()],
    ['nothing', response => response.writeHead(200).end()],
  ])('%s', async (_what, twist) => {
    server.twist(twist)
    await expect(stamper()).rejects.toMatchObject({ code: 'seal.timestamp' })
  })

  test('one that refuses the policy, with its own words', async () => {
    await expect(stamper(intl1, server.url, tender, '1.2.3.4.9')).rejects.toMatchObject({
      code: 'seal.timestamp',
      failure: { platformSays: expect.stringContaining('policy') },
    })
  })

  test('one whose authority the tender does not accept', async () => {
    const other = (await makeTender({ fields: { acceptedCas: [toBase64(gmCa().root)] } })).tender
    await expect(stamper(intl1, server.url, other)).rejects.toMatchObject({
      code: 'seal.timestamp',
      failure: { detail: expect.stringContaining('none that the tender accepts') },
    })
  })

  test('and an address that is none is an argument, not a server', async () => {
    await expect(stamper(intl1, 'nowhere')).rejects.toMatchObject({ code: 'arguments.bad' })
  })
})
