import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { intl1 } from '../../crypto/index.ts'
import { practiceAdmin, spawnPracticePlatform } from '../../main/practice/index.ts'
import type { PracticeAdmin, SpawnedPlatform } from '../../main/practice/index.ts'
import { nodeHttp } from '../../main/http/index.ts'
import { composePorts, siblingsIn } from '../../main/cli/compose.ts'
import { makeKit, prepareRehearsal } from '../../main/services/index.ts'
import type { RehearsalFolders, RehearsalKit } from '../../main/services/index.ts'
import { rehearsalDocuments } from '../../main/services/rehearsal/documents.ts'
import { writeFileAtomic } from '../../main/store/index.ts'
import { makeSoftHsm, softHsmModule } from '../fixtures/softhsm.ts'
import type { SoftHsm } from '../fixtures/softhsm.ts'
import { composeBid } from './app/bid.ts'
import { ask } from './app/bridge.ts'
import { handsOn } from './app/hands.ts'
import type { Hands } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

const hour = 3_600_000

let folder: string
let hsm: SoftHsm
let folders: RehearsalFolders
let kit: RehearsalKit
let platform: SpawnedPlatform
let admin: PracticeAdmin
let running: RunningApp
let hands: Hands

// A platform and a lock that have nothing to do with the window: it meets them as it would meet strangers' ones.
beforeAll(async () => {
  await checkoutLauncher()
  folder = mkdtempSync(join(tmpdir(), 'bidseal-e2e-token-'))
  hsm = makeSoftHsm()
  Object.assign(process.env, hsm.environment)
  folders = await prepareRehearsal(join(folder, 'outside'))
  const ports = composePorts(folders.home, siblingsIn(inProject('out')))
  const openingTime = new Date(Math.ceil((Date.now() + hour) / 60_000) * 60_000)
  const terms = { openingTime, keyPolicy: 'bidder', remedy: 'none', signed: false } as const
  const module = { kind: 'pkcs11', path: softHsmModule } as const
  kit = await makeKit(ports, folders, { suite: intl1, module, terms }, (_, work) => work(), {})
  await ports.tokens.close()
  platform = await spawnPracticePlatform({
    program: inProject('out/practice.cjs'),
    dir: folders.platform,
    opened: folders.opened,
  })
  admin = practiceAdmin(platform, nodeHttp())
  await admin.publishPackage(kit.tender.packageBytes)
  for (const { fileName } of rehearsalDocuments) {
    await writeFileAtomic(join(folder, 'documents', fileName), Buffer.from(`%PDF-1.7 ${fileName}`))
  }
  const home = join(folder, 'home')
  mkdirSync(join(home, 'trust'), { recursive: true })
  copyFileSync(join(folders.ca, 'root.pem'), join(home, 'trust', 'root.pem'))
  running = await launchApp({ home, env: hsm.environment })
  hands = handsOn(running, inProject('test-results'))
}, 180_000)

afterAll(async () => {
  await running.close()
  await platform.close()
  hsm.remove()
  rmSync(folder, { recursive: true, force: true })
})

test('the lock is found, with its certificates', async () => {
  const modules = await ask(running.page, 'lock.list')
  const [lock] = modules.flatMap(({ locks }) => locks)
  expect(lock).toMatchObject({ kind: 'pkcs11', label: '云岭建设 公章锁' })
  expect(
    lock?.certificates
      .map(({ uses }) => uses)
      .flat()
      .sort(),
  ).toEqual(['decrypt', 'sign'])
})

test('a tender is imported, a bid composed and sealed with the token', async () => {
  await hands.go('tender')
  await hands.willPick(kit.tender.path)
  await hands.press('tender.import')
  await hands.part('action-next').waitFor()
  await composeBid(running, hands, join(folder, 'documents'))
  await hands.go('seal')
  await hands.confirmWithPin('bid.seal', kit.lock.pin)
  await hands.part('sealed').waitFor({ timeout: 20_000 })
  expect(await hands.part('recipient').first().getAttribute('data-proved')).toBe('true')
})

test('giving no PIN stops the job and changes nothing', async () => {
  await hands.go('submit')
  await hands.part('input-platform-address').fill(platform.url)
  const said = await hands.willAgree()
  await hands.press('tender.setPlatform')
  await hands.part('change-platform-address').waitFor()
  // A2: the main process asked, naming tender and host.
  expect(await said()).toEqual([expect.stringContaining(new URL(platform.url).host)])
  await hands.confirm('sealed.submit')
  const window = await running.app.waitForEvent('window')
  const closed = window.waitForEvent('close')
  await window
    .locator('[data-testid="pin-cancel"]')
    .click()
    .catch(() => undefined)
  await closed
  await expect.poll(async () => (await ask(running.page, 'job.list')).at(-1)?.state).toBe('cancelled')
  expect((await ask(running.page, 'sealed.list'))[0]?.state).toBe('sealed')
})

test('it is submitted over the network of the system', async () => {
  await hands.confirmWithPin('sealed.submit', kit.lock.pin)
  await hands.part('receipt').waitFor({ timeout: 20_000 })
})

test('when our clock disagrees with the platform’s, the user is asked before the key goes', async () => {
  await admin.advanceClock(hour + 61_000)
  await hands.go('opening')
  await hands.press('opening.state')
  await expect.poll(() => hands.part('opening-state').getAttribute('data-state')).toBe('open')
  await hands.confirm('opening.release')
  await hands.part('question').waitFor()
  expect(await hands.part('question').getAttribute('data-kind')).toBe('clock-disagrees')
  await running.picture('question-clock')
  await hands.part('question-yes').click()
  await hands.typePin(kit.lock.pin)
  await hands.part('released').waitFor({ timeout: 20_000 })
  await hands.go('record')
  await expect.poll(() => hands.part('record-state').getAttribute('data-state'), { timeout: 15_000 }).toBe('opened')
  const [seal] = readdirSync(folders.opened)
  expect(readdirSync(join(folders.opened, seal!, 'documents')).sort()).toEqual(
    rehearsalDocuments.map(({ fileName }) => fileName).sort(),
  )
})

test('the lock of a rehearsal is told from a real one, so that neither is offered for the bids of the other', async () => {
  const practiceOf = async (): Promise<readonly boolean[]> =>
    (await ask(running.page, 'lock.list')).flatMap(({ locks }) => locks.map(({ practice }) => practice)).sort()
  expect(await practiceOf()).toEqual([false])
  await ask(running.page, 'rehearsal.start', 'intl-1')
  await expect.poll(async () => (await ask(running.page, 'rehearsal.state')).running, { timeout: 30_000 }).toBe(true)
  expect(await practiceOf()).toEqual([false, true])
  await hands.press('rehearsal.stop')
  await hands.part('practice-pin').waitFor({ state: 'detached' })
  expect(await practiceOf()).toEqual([false])
})
