import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { portsWithTimeStamps } from '../../../main/cli/time-stamp-option.ts'
import type { Ports } from '../../../main/services/index.ts'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'
import { startTimeStampServer, type StampTwist, type TimeStampServerRig } from '../../fixtures/time-stamp-server.ts'

let desk: Desk
let tender: string
let bid: string
let server: TimeStampServerRig
let count = 0

beforeAll(async () => {
  desk = await makeDesk()
  tender = await desk.tender('tender')
  bid = await desk.bid('bid', tender)
  server = await startTimeStampServer()
})

beforeEach(() => {
  server.twist(null)
  server.asked.length = 0
})

afterAll(async () => {
  await server.close()
  desk.remove()
})

const fresh = (): string => desk.path(`stamped-${(count += 1)}.sbid`)
const seal = (output: string, ...more: readonly string[]) =>
  desk.run(['seal', bid, '--tender', tender, '--sign', desk.bidder.uri, '-o', output, '--again', ...more], {
    env: { BIDSEAL_PIN: desk.bidder.pin },
  })
const entriesOf = (file: string): readonly string[] =>
  execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n')
const leftovers = (): readonly string[] =>
  readdirSync(desk.folder, { recursive: true, encoding: 'utf8' }).filter(name => /\.(part|tmp|lock)$/.test(name))

/** The content octets of the last OCTET STRING of a DER file, as openssl shows them: a SignerInfo's signature. */
function signatureOctets(file: string): Buffer {
  const shown = execFileSync('openssl', ['asn1parse', '-inform', 'DER', '-in', file], { encoding: 'utf8' })
  const last =
    shown
      .split('\n')
      .filter(line => line.includes('OCTET STRING'))
      .at(-1) ?? ''
  const [, offset, head, length] = /^\s*(\d+):d=\d+\s+hl=(\d+)\s+l=\s*(\d+)/.exec(last) ?? []
  const start = Number(offset) + Number(head)
  return readFileSync(file).subarray(start, start + Number(length))
}

test('sealing with a time-stamp server puts a stamp into the bid that openssl verifies over the seal’s signature', async () => {
  const output = fresh()
  // Named in the settings; nothing of it stands on the command line.
  writeFileSync(desk.path('home/network.json'), JSON.stringify({ timeStamps: { url: server.url } }))
  const { code, said } = await seal(output)
  writeFileSync(desk.path('home/network.json'), '{}')
  expect(code).toBe(0)
  expect(server.asked).toHaveLength(2)
  expect(Math.abs(Date.parse(String(said['timestamp'])) - Date.now())).toBeLessThan(60_000)
  expect(entriesOf(output).at(-1)).toBe('META-INF/seal.tsr')

  const folder = desk.path('extracted')
  mkdirSync(folder)
  execFileSync('tar', ['-xf', output, '-C', folder])
  writeFileSync(`${folder}/octets`, signatureOctets(`${folder}/META-INF/seal.p7s`))
  const stamp = [`-in`, `${folder}/META-INF/seal.tsr`, '-CAfile', desk.trust]
  const verify = (data: string): string =>
    execFileSync('openssl', ['ts', '-verify', '-data', data, ...stamp], { encoding: 'utf8', stdio: 'pipe' })
  expect(verify(`${folder}/octets`)).toContain('Verification: OK')
  writeFileSync(`${folder}/other`, Buffer.from('another signature'))
  expect(() => verify(`${folder}/other`)).toThrow()

  const verified = await desk.run(['verify', output])
  expect(verified.code).toBe(0)
  expect(verified.said).toMatchObject({ ok: true, timestamp: said['timestamp'] })
})

test('a server that gives a stamp at the trial and none for the seal stops the sealing; the way without is told', async () => {
  const afterTrial: StampTwist = (response, { body }) => {
    if (server.asked.length > 1) {
      response.writeHead(404).end()
      return
    }
    void server.stamp(body).then(answer => {
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(answer)
    })
  }
  server.twist(afterTrial)
  const output = fresh()
  const { code, said } = await seal(output, '--tsa', server.url)
  expect(code).toBe(4)
  expect(said).toMatchObject({ ok: false, code: 'seal.timestamp', next: expect.stringContaining('--no-timestamp') })
  expect(existsSync(output)).toBe(false)
  expect(leftovers()).toEqual([])
})

test('options name the server of the run, or none; a contradiction is refused', () => {
  const ports = { timeStamps: { url: 'http://set/' } } as unknown as Ports
  expect(portsWithTimeStamps(ports, {})).toBe(ports)
  expect(portsWithTimeStamps(ports, { timestamp: false }).timeStamps).toBeNull()
  const named = portsWithTimeStamps(ports, { tsa: 'http://named/', tsaPolicy: '1.2.3' })
  expect(named.timeStamps).toEqual({ url: 'http://named/', policy: '1.2.3' })
  expect(() => portsWithTimeStamps(ports, { tsa: 'http://named/', timestamp: false })).toThrow('arguments.bad')
  expect(() => portsWithTimeStamps(ports, { tsaPolicy: '1.2.3' })).toThrow('arguments.bad')
})
