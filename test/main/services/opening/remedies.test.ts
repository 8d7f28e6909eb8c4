import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { nodeFiles, unwrapPartKeys, verifySealedBid } from '../../../../crypto/index.ts'
import { writePlainTwin } from '../../../../crypto/envelope/plain-twin.ts'
import { attendOpening } from '../../../../main/services/index.ts'
import type { OpeningRequest } from '../../../../main/services/index.ts'
import { requireRemedy } from '../../../../main/services/opening/keys.ts'
import { agree, type OpeningDesk, openingDesk } from '../../../fixtures/fake-opening.ts'
import { makeChallenge } from '../../../fixtures/opening.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { codeOf } from '../../../fixtures/practice-platform.ts'
import { recoveryCode, type SealedFixtureOptions } from '../../../fixtures/sealed-bid.ts'

let desk: OpeningDesk

afterEach(() => {
  desk.close()
})

const { bidder } = practiceCa()
const code = { kind: 'recovery-code', code: recoveryCode } as const

const start = async (options: SealedFixtureOptions): Promise<void> => {
  desk = await openingDesk(options)
}
const open = (
  keys: OpeningRequest['keys'],
  ports = desk.ports,
  locks = desk.locks(),
  platformUrl = 'https://platform',
) =>
  attendOpening(
    ports,
    locks,
    { ...desk.request, platformUrl, bid: bidName(ports), keys, follow: true, confirm: true, questions: agree },
    {},
  )
const bidName = (ports: OpeningDesk['ports']): string =>
  ports === desk.ports ? desk.bid.header.sealId : desk.sealed.path
const twin = (file: string, agreed: (bytes: number) => boolean = () => true) =>
  ({ kind: 'plain-twin', file, handOver: (bytes: number) => Promise.resolve(agreed(bytes)) }) as const

/** The twin of a desk's bid, as sealing would have written it. */
async function twinOf({ bid, tender, sealed }: OpeningDesk): Promise<string> {
  const at = new Date('2026-03-02T02:00:00Z')
  const verified = await verifySealedBid(bid, { anchors: tender.anchors, tender, at, skipParts: true })
  const { keys } = await unwrapPartKeys(verified, bidder.decrypt.opener())
  const path = join(sealed.folder, 'twin')
  const draft = await nodeFiles.create(path, 1)
  await writePlainTwin(bid, keys, draft, {})
  await draft.commit()
  return path
}

/** Whether a text stands in any file of the desk's homes. */
function isWritten(text: string): boolean {
  return readdirSync(desk.sealed.folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter(entry => entry.isFile())
    .some(entry => readFileSync(join(entry.parentPath, entry.name)).includes(text))
}

test('the recovery code opens where the tender allows it, without a lock’s private key, and is written nowhere', async () => {
  await start({ recovery: true })
  expect((await open(code)).record?.own.state).toBe('opened')
  expect(desk.opened()).toBe(0)
  expect(isWritten(recoveryCode)).toBe(false)
  expect(isWritten(recoveryCode.match(/.{1,5}/g)?.join('-') ?? '')).toBe(false)
})

test('the recovery code opens from another computer that has only the header', async () => {
  await start({ recovery: true })
  desk.script.push({ state: 'queued', ahead: 3, retryAfter: 1 }, 'lost')
  const { record, confirmed } = await open(code, desk.elsewhere())
  expect([record?.own.state, confirmed]).toEqual(['opened', true])
  expect(desk.releases).toHaveLength(3)
  expect(new Set(desk.releases).size).toBe(1)
})

test('a recovery code the tender does not allow is refused before anything is asked', async () => {
  await start({})
  expect(await codeOf(open(code))).toBe('opening.remedy')
  expect(desk.seen).toEqual([])
})

test('a code the bid was sealed without, and a wrong one, release nothing', async () => {
  await start({ remedy: 'recovery-code' })
  expect(await codeOf(open(code))).toBe('opening.remedy')
  desk.close()
  await start({ recovery: true })
  expect(await codeOf(open({ kind: 'recovery-code', code: `${recoveryCode.slice(1)}Z` }))).toBe('seal.key-mismatch')
  expect(desk.releases).toEqual([])
})

test('the tender’s word decides also where the bid is prepared for more', async () => {
  await start({ recovery: true })
  const { tender } = desk
  const allowing = (kind: 'none' | 'plain-twin'): typeof tender => ({
    ...tender,
    fields: { ...tender.fields, remedy: { kind } },
  })
  for (const kind of ['none', 'plain-twin'] as const) {
    expect(() => requireRemedy(code, desk.bid, allowing(kind))).toThrow('opening.remedy')
  }
  expect(() => requireRemedy(code, desk.bid, tender)).not.toThrow()
})

test.each(['recovery-code', 'plain-twin'] as const)('after the window a %s is no remedy any more', async kind => {
  await start(kind === 'plain-twin' ? { plainTwin: true } : { recovery: true })
  const keys = kind === 'plain-twin' ? twin(await twinOf(desk)) : code
  desk.time.pass(90 * 60_000)
  desk.hostile.state = 'open'
  const receipt = await desk.ports.deliveries.document(desk.bid.header.sealId, 'receipt')
  if (receipt === null) throw new Error('no receipt')
  desk.hostile.challenge = () => makeChallenge(desk.bid, receipt)
  expect(await codeOf(open(keys))).toBe('opening.remedy')
  expect(desk.seen).toEqual([])
})

test('a second lock the header names opens under every tender, as the main one does', async () => {
  for (const remedy of ['none', 'second-lock'] as const) {
    await start({ backup: true, remedy })
    const { record } = await open({ kind: 'lock' }, desk.ports, desk.locks(bidder.backup))
    expect(record?.own.state).toBe('opened')
    if (remedy === 'none') desk.close()
  }
})

test('a lock the header does not name opens nothing', async () => {
  await start({ remedy: 'second-lock' })
  expect(await codeOf(open({ kind: 'lock' }, desk.ports, desk.locks(bidder.backup)))).toBe('token.wrong-lock')
  expect(desk.seen).toEqual([])
})

test('the plain twin is proved, agreed to and handed over, in that order; no key leaves the lock', async () => {
  await start({ plainTwin: true })
  const file = await twinOf(desk)
  const agreed: number[] = []
  const outcome = await open(
    twin(file, bytes => {
      expect(desk.seen).toEqual([])
      agreed.push(bytes)
      return true
    }),
  )
  expect([outcome.record?.own.state, outcome.releaseReceipt]).toEqual(['opened', null])
  expect(agreed).toEqual([desk.bid.header.parts.reduce((sum, { size }) => sum + size, 0)])
  expect(desk.seen).toEqual(['sign-in', 'part opening', 'part body', 'twin', 'confirm'])
  expect(desk.opened()).toBe(0)
  expect(desk.releases).toEqual([])
  expect([...desk.twin].map(([name, bytes]) => [name, bytes.length])).toEqual(
    desk.bid.header.parts.map(({ name, size }) => [name, size]),
  )
})

test('a twin that was handed over is not handed over again', async () => {
  await start({ plainTwin: true })
  const file = await twinOf(desk)
  await open(twin(file))
  await open(twin(file))
  expect(desk.seen.filter(each => each === 'twin')).toHaveLength(1)
})

test('a twin of another run, or with one byte changed, is refused with its own code before a byte is sent', async () => {
  await start({ plainTwin: true })
  const another = await openingDesk({ plainTwin: true })
  const file = await twinOf(another)
  expect(await codeOf(open(twin(file)))).toBe('opening.other-run')
  another.close()
  const own = await twinOf(desk)
  const bytes = readFileSync(own)
  const at = bytes.indexOf('云岭建设')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(own, bytes)
  expect(await codeOf(open(twin(own)))).toBe('opening.other-run')
  expect(desk.seen).toEqual([])
})

test('what is no twin at all, one nobody agrees to hand over, and one the tender does not allow stay here', async () => {
  await start({ plainTwin: true })
  const noise = join(desk.sealed.folder, 'noise')
  writeFileSync(noise, randomBytes(10_000))
  expect(await codeOf(open(twin(noise)))).toBe('input.unreadable')
  expect(await codeOf(open(twin(await twinOf(desk), () => false)))).toBe('opening.not-confirmed')
  expect(desk.seen).toEqual([])
  desk.close()
  await start({})
  expect(await codeOf(open(twin(noise)))).toBe('opening.remedy')
})

test('the plaintext goes to an https address or to this very computer, and over no open network', async () => {
  await start({ plainTwin: true })
  const file = await twinOf(desk)
  for (const address of ['http://platform', 'http://127.0.0.1.example', 'http://10.0.0.1:8080', 'platform']) {
    expect(await codeOf(open(twin(file), desk.ports, desk.locks(), address))).toBe('opening.remedy')
  }
  expect(desk.seen).toEqual([])
  const failed = (await desk.ports.journal.entries()).filter(({ kind }) => kind === 'failed')
  expect(failed.map(({ facts }) => [facts['act'], facts['code']])[0]).toEqual(['prove-twin', 'opening.remedy'])
  await open(twin(file), desk.ports, desk.locks(), 'http://127.0.0.1:8080')
  expect(desk.seen).toContain('twin')
})

test('a run that was killed once the twin was sent is made good by the next', async () => {
  await start({ plainTwin: true })
  const file = await twinOf(desk)
  await desk.ports.deliveries.keepFile(desk.bid.header.sealId, 'twin-sent', new TextEncoder().encode('opening-1'))
  await desk.platform.completeTwin('', '')
  await open(twin(file))
  const kinds = (await desk.ports.journal.entries()).map(({ kind, facts }) => `${kind} ${String(facts['by'] ?? '')}`)
  expect(kinds).toContain('released plain-twin')
  expect(kinds.filter(kind => kind.startsWith('journal-signed'))).toHaveLength(2)
})
