import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDesk, type Desk } from '../../fixtures/cli-desk.ts'

let desk: Desk
let tender: string
let bid: string

beforeAll(async () => {
  desk = await makeDesk()
  tender = await desk.tender('tender', { remedy: { kind: 'recovery-code' } })
  bid = await desk.bid('bid', tender)
})

afterAll(() => {
  desk.remove()
})

const seal = (output: string, ...more: readonly string[]) =>
  desk.run(['seal', bid, '--tender', tender, '--sign', desk.bidder.uri, '-o', output, '--no-self-test', ...more], {
    env: { BIDSEAL_PIN: desk.bidder.pin },
  })

test('leaves neither bid nor code when the home cannot be told of them', async () => {
  const lock = desk.path(join('home', 'journal.jsonl.lock'))
  writeFileSync(lock, `${process.pid}\n`)
  const failed = await seal(desk.path('a.sbid'), '--recovery-code-to', desk.path('a.code'))
  expect(failed.said).toMatchObject({ ok: false, code: 'output.unwritable' })
  expect(readdirSync(desk.folder).filter(name => name.startsWith('a.'))).toEqual([])
  rmSync(lock)
  expect((await seal(desk.path('a.sbid'), '--recovery-code-to', desk.path('a.code'))).code).toBe(0)
  expect(existsSync(desk.path('a.code'))).toBe(true)
}, 60_000)

test('makes no bid when the file for the code cannot be written', async () => {
  const output = desk.path('b.sbid')
  const failed = await seal(output, '--again', '--recovery-code-to', desk.path(join('nowhere', 'b.code')))
  expect(failed.said['ok']).toBe(false)
  expect(readdirSync(desk.folder).filter(name => name.startsWith('b.'))).toEqual([])
})

test('seals no second bid for a lot while one is on its way, unless told to', async () => {
  const first = desk.path('c.sbid')
  const { said } = await seal(first, '--again')
  const record = desk.path(join('home', 'deliveries', String(said['sealId']), 'delivery.json'))
  const kept = JSON.parse(readFileSync(record, 'utf8')) as object
  // Another revision of the draft, so that it isn't the same sealing.
  await desk.run(['bid', 'form', bid, 'opening', 'price=2,000.00', '工期=365'])
  writeFileSync(record, JSON.stringify({ ...kept, state: 'received', withdrawing: true }))
  expect((await seal(desk.path('d.sbid'))).said).toMatchObject({
    code: 'seal.already-sealed',
    detail: expect.stringContaining('may have been withdrawn'),
  })
  writeFileSync(record, JSON.stringify({ ...kept, state: 'submitting' }))
  const second = await seal(desk.path('d.sbid'))
  expect(second.said).toMatchObject({
    code: 'seal.already-sealed',
    detail: expect.stringContaining(`${String(said['shortCode'])} was on its way`),
  })
  // What may be withdrawn is not named as replaced.
  writeFileSync(record, JSON.stringify({ ...kept, state: 'received', withdrawing: true }))
  const again = await seal(desk.path('d.sbid'), '--again')
  expect(again.code).toBe(0)
  expect(again.said).not.toHaveProperty('replaces')
}, 60_000)
