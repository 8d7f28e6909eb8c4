import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeDocument } from '../../../crypto/index.ts'
import { nodeHttp } from '../../../main/http/index.ts'
import { httpPlatform, readTenderPackage } from '../../../main/platform/index.ts'
import { bytesSource } from '../../../crypto/index.ts'
import { objectOf, runCli, startCli } from '../../fixtures/cli.ts'
import { makeDeliveryRig, type DeliveryRig, type SealedFile } from '../../fixtures/delivery-rig.ts'

let rig: DeliveryRig

beforeAll(async () => {
  rig = await makeDeliveryRig(100_000)
}, 120_000)

afterAll(async () => {
  await rig.close()
})

const run = async (...args: readonly string[]) => {
  const done = await runCli(['--json', ...rig.common, ...args], { env: rig.env })
  return { code: done.code, said: objectOf(done) }
}
const at = (): string[] => ['--platform', rig.url, '--token', rig.lock]
const newSealed = async (name: string): Promise<SealedFile & { tender: string; openingTime: Date; bid: string }> => {
  const { file, openingTime } = await rig.newTender(name)
  const bid = await rig.newBid(`bid-${name}`, file, 50_000)
  return { ...(await rig.seal(`${name}.sbid`, bid, file)), tender: file, openingTime, bid }
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 300) throw new Error('it never came to pass')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('refuses to submit what is not sealed, in the words of the law', async () => {
  const { code, said } = await run('submit', join(rig.bidFolder, 'bid.json'), ...at())
  expect(code).toBe(4)
  expect(said).toMatchObject({ ok: false, code: 'platform.unsealed' })
})

test('says what to do when the platform cannot be reached', async () => {
  const sealed = await rig.seal('unreachable.sbid', rig.bidFolder, rig.tenderFile)
  const { code, said } = await run('submit', sealed.path, '--platform', 'http://127.0.0.1:1', '--token', rig.lock)
  expect(code).toBe(4)
  expect(said).toMatchObject({ ok: false, code: 'platform.unreachable', retriable: true })
})

test('delivers, keeps the receipt, replaces, withdraws, and lets nobody open early', async () => {
  const first = await newSealed('A1')
  const submitted = await run('submit', first.path, ...at())
  expect(submitted).toMatchObject({ code: 0, said: { ok: true, already: false, sealDigest: first.sealDigest } })
  expect(submitted.said['receipt']).toMatchObject({ kind: 'received', sealId: first.sealId })
  expect((await run('submit', first.path, ...at())).said).toMatchObject({ ok: true, already: true })

  const early = await run('unseal', first.path, '--token', rig.lock, '-o', join(rig.folder, 'early'))
  expect(early).toMatchObject({ code: 1, said: { code: 'bid.before-opening' } })
  expect(existsSync(join(rig.folder, 'early'))).toBe(false)
  expect((await run('open', first.sealId, ...at())).said).toMatchObject({ code: 'opening.early', retriable: true })

  const second = await rig.seal('A2.sbid', first.bid, first.tender)
  expect((await run('submit', second.path, ...at())).said['receipt']).toMatchObject({ replaces: first.sealDigest })
  expect((await run('submit', first.path, ...at())).said).toMatchObject({ code: 'platform.seal-known' })
  expect((await run('withdraw', first.sealId, ...at())).said).toMatchObject({ code: 'bid.not-delivered' })
  const withdrawn = await run('withdraw', second.sealId, ...at())
  expect(withdrawn.said['receipt']).toMatchObject({ kind: 'withdrawn', sealDigest: second.sealDigest })
  expect((await run('withdraw', second.sealId, ...at())).code).toBe(0)
  expect((await run('submit', second.path, ...at())).said).toMatchObject({ code: 'platform.seal-known' })
})

test('sends nothing for a tender that has been amended, and shows what has changed', async () => {
  const sealed = await newSealed('B1')
  const { tender } = await readTenderPackage(bytesSource(readFileSync(sealed.tender)))
  const { platformId: _p, certificates: _c, attachments: _a, ...terms } = tender.fields
  await rig.admin.makeTender({ ...terms, title: '更名后的项目', supersedes: tender.packageDigest })
  const { code, said } = await run('submit', sealed.path, ...at())
  expect(code).toBe(1)
  expect(said).toMatchObject({
    code: 'tender.addendum-newer',
    addendum: { steps: 1, changes: [{ area: 'fact', property: 'title', to: '更名后的项目' }] },
  })
  const zh = await runCli(['--lang', 'zh', ...rig.common, 'submit', sealed.path, ...at()], { env: rig.env })
  expect(zh.stderr).toMatch(/变更 项目信息.*名称 .* → 更名后的项目/)
  expect((await rig.admin.bids()).filter(({ sealId }) => sealId === sealed.sealId)).toEqual([])
})

test('stopped, queued over a kill, and carried elsewhere, a bid goes on where it was', async () => {
  const sealed = await newSealed('K1')
  await rig.admin.script({ latency: 400 })
  const stopped = startCli(['--lang', 'en', ...rig.common, 'submit', sealed.path, ...at()], { env: rig.env })
  await until(async () => (await rig.admin.bids()).some(({ sealId }) => sealId === sealed.sealId))
  stopped.child.kill('SIGINT')
  const { code, stderr } = await stopped.ended
  expect(code).toBe(130)
  expect(stderr).toMatch(/has NOT been submitted yet[^]*Run the same command again.*deadline/)

  expect((await run('queue', 'add', sealed.path, ...at())).said).toMatchObject({
    until: sealed.openingTime.toISOString(),
  })
  await rig.killPlatform()
  const waiting = startCli(['--lang', 'zh', ...rig.common, 'queue', 'run'], { env: rig.env })
  let heard = ''
  waiting.child.stderr?.on('data', (piece: Buffer) => (heard += piece.toString('utf8')))
  await until(() => Promise.resolve(heard.includes('等待网络')))
  waiting.child.kill('SIGKILL')
  await waiting.ended
  await rig.startPlatform()

  const [carried, back] = [join(rig.folder, 'K1.carry'), join(rig.folder, 'K1.receipt')]
  expect((await run('carry', 'export', sealed.sealId, '-o', carried)).code).toBe(0)
  const there = ['--home', join(rig.folder, 'there')]
  const { said } = await run('carry', 'import', carried, ...there, '--trust', rig.trust)
  expect((await run('submit', String(said['file']), ...at(), ...there)).said).toMatchObject({
    ok: true,
    already: false,
  })
  expect((await run('carry', 'return', sealed.sealId, '-o', back, ...there)).code).toBe(0)
  expect((await run('carry', 'receipt', back)).said).toMatchObject({ ok: true, receipt: { kind: 'received' } })

  // Nothing needs a signature any more, so no PIN either.
  const done = await runCli(['--json', ...rig.common, 'queue', 'run'], { env: { BIDSEAL_PIN: undefined } })
  expect(objectOf(done)).toMatchObject({ ok: true, bids: [{ ok: true, sealId: sealed.sealId, already: true }] })
  expect((await run('queue', 'list')).said['bids']).toEqual([])
}, 120_000)

test('releases once, follows to the record, checks and confirms it; then anyone can repeat the decision', async () => {
  const sealed = await newSealed('C1')
  await run('submit', sealed.path, ...at())
  const late = await rig.seal('C2.sbid', sealed.bid, sealed.tender)
  await rig.advanceTo(sealed.openingTime)
  expect((await run('submit', late.path, ...at())).said).toMatchObject({
    code: 'platform.late',
    platformSays: expect.any(String),
  })

  // This computer's clock has not moved: without a person to ask, nothing is released.
  expect((await run('open', sealed.sealId, ...at())).said).toMatchObject({ code: 'opening.not-confirmed' })
  const opened = await run('open', sealed.sealId, ...at(), '--yes')
  expect(opened).toMatchObject({ code: 0, said: { ok: true, state: 'opened', confirmed: true } })
  const again = await run('open', sealed.sealId, ...at(), '--yes')
  expect(again.said['releaseReceipt']).toEqual(opened.said['releaseReceipt'])
  expect(rig.attendance(sealed.sealDigest).releases).toHaveLength(1)

  const record = join(rig.folder, 'home', 'deliveries', sealed.sealId, 'record.json')
  const repeated = join(rig.folder, 'repeated')
  const unsealed = await run('unseal', sealed.path, '--record', record, '-o', repeated)
  expect(unsealed.said).toMatchObject({ ok: true, sealId: sealed.sealId })
  for (const { name } of unsealed.said['documents'] as readonly { name: string }[]) {
    expect(readFileSync(join(repeated, 'documents', name))).toEqual(readFileSync(join(sealed.bid, 'documents', name)))
  }
})

test('on another computer the header is enough, once the short code has been confirmed', async () => {
  const sealed = await newSealed('D1')
  const { said } = await run('submit', sealed.path, ...at())
  const header = join(rig.folder, 'D1.header')
  await run('header', sealed.path, '-o', header)
  await rig.advanceTo(sealed.openingTime)
  const elsewhere = ['--home', join(rig.folder, 'another-home'), '--trust', rig.trust]
  const refused = await run('open', header, ...at(), ...elsewhere)
  expect(refused.said).toMatchObject({ code: 'opening.not-confirmed' })
  const opened = await run('open', header, ...at(), ...elsewhere, '--yes')
  expect(opened.said).toMatchObject({ ok: true, state: 'opened', shortCode: said['shortCode'] })
})

test('knows nothing of a bid that was never submitted here', async () => {
  const { said } = await run('open', '0f8fad5b-d9cb-469f-a165-70867728950e', ...at())
  expect(said).toMatchObject({ code: 'bid.not-delivered' })
})

test('a split key opens with the record and not with the lock alone', async () => {
  const base = await rig.newTender('E0')
  const { tender } = await readTenderPackage(bytesSource(readFileSync(base.file)))
  const { platformId: _p, certificates: _c, attachments: _a, ...terms } = tender.fields
  const { packageDigest } = await rig.admin.makeTender({ ...terms, tenderId: 'E1', keyPolicy: 'split' })
  const file = join(rig.folder, 'practice', 'platform', 'tenders', `${packageDigest}.tender`)
  const bid = await rig.newBid('bid-E1', file, 1000)
  const sealed = await rig.seal('E1.sbid', bid, file)
  const alone = await run('unseal', sealed.path, '--token', rig.lock, '-o', join(rig.folder, 'alone'))
  expect(alone.said).toMatchObject({ code: 'token.wrong-lock', detail: expect.stringContaining('--record') })
  expect((await run('submit', sealed.path, ...at())).code).toBe(0)
  await rig.advanceTo(base.openingTime)
  const opened = await run('open', sealed.sealId, ...at(), '--yes', '--no-confirm')
  expect(opened.said).toMatchObject({ ok: true, state: 'opened', confirmed: false })
  const record = join(rig.folder, 'home', 'deliveries', sealed.sealId, 'record.json')
  expect((await run('unseal', sealed.path, '--record', record, '-o', join(rig.folder, 'joined'))).code).toBe(0)
})

test('the journal tells all of it, each line chained to the one before', async () => {
  const { journalAt } = await import('../../../main/store/index.ts')
  const entries = await journalAt(join(rig.folder, 'home', 'journal.jsonl'), () => new Date()).entries()
  const kinds = entries.map(({ kind }) => kind)
  for (const kind of [
    'tender-imported',
    'sealed',
    'submission-begun',
    'received',
    'replaced',
    'withdrawn',
    'signed-in',
    'released',
    'recorded',
    'confirmed',
  ]) {
    expect(kinds).toContain(kind)
  }
  const text = readFileSync(join(rig.folder, 'home', 'journal.jsonl'), 'utf8')
  expect(text).not.toContain(rig.env['BIDSEAL_PIN'])
  expect(text).not.toContain(rig.folder)
})

test('the platform keeps the confirmation that was signed', async () => {
  const platform = httpPlatform(rig.url, nodeHttp())
  const listed = await platform.tenders()
  const { openingId } = listed.find(({ tenderId }) => tenderId === 'C1') ?? { openingId: '' }
  const record = await platform.record(openingId)
  expect(record === null ? null : decodeDocument('record', record.bytes).bids.map(({ state }) => state)).toEqual([
    'opened',
  ])
})
