import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { composeBid } from './app/bid.ts'
import { handsOn } from './app/hands.ts'
import type { Hands } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

const pictures = inProject('test-results')
let running: RunningApp
let hands: Hands
let pin = ''

const picture = (name: string): Promise<void> => running.picture(`rehearsal-gm-${name}`)

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  await checkoutLauncher()
  running = await launchApp({ language: 'zh-CN' })
  hands = handsOn(running, pictures)
}, 180_000)

afterAll(async () => {
  await running.close()
})

test('a rehearsal with the national algorithms is a choice away', async () => {
  await hands.go('tender')
  await hands.part('suite-gm-1').click()
  expect(await hands.part('suite-gm-1').getAttribute('aria-pressed')).toBe('true')
  await picture('0-choice')
  await hands.press('rehearsal.start')
  pin = (await hands.part('practice-pin').textContent({ timeout: 25_000 })) ?? ''
  expect(pin).toMatch(/^\d{6,}$/)
})

test('its lock shows SM2 keys', async () => {
  await hands.go('locks')
  const lock = hands.part('lock').first()
  await lock.waitFor()
  expect(await lock.getByText('SM2', { exact: true }).count()).toBe(2)
  await picture('1-locks')
})

test('a bid is composed and sealed, and the lock has proved that it opens', async () => {
  await composeBid(running, hands, join(running.home, 'rehearsal', 'documents'))
  await hands.go('seal')
  await hands.confirmWithPin('bid.seal', pin)
  await hands.part('sealed').waitFor({ timeout: 20_000 })
  expect(await hands.part('recipient').first().getAttribute('data-proved')).toBe('true')
  await picture('2-sealed')
})

test('it is submitted, its key released at the opening, and the record says that it was opened', async () => {
  await hands.go('submit')
  await hands.confirmWithPin('sealed.submit', pin)
  await hands.part('receipt').waitFor({ timeout: 20_000 })
  await hands.press('rehearsal.skipToOpening')
  await hands.go('opening')
  await hands.press('opening.state')
  await expect.poll(() => hands.part('opening-state').getAttribute('data-state')).toBe('open')
  await hands.confirmWithPin('opening.release', pin)
  await hands.part('released').waitFor({ timeout: 20_000 })
  await hands.go('record')
  await expect.poll(() => hands.part('record-state').getAttribute('data-state'), { timeout: 15_000 }).toBe('opened')
  await picture('3-record')
})

test('what the platform decrypted is, byte for byte, what went in', () => {
  const folder = join(running.home, 'rehearsal')
  const [seal] = readdirSync(join(folder, 'opened'))
  const opened = join(folder, 'opened', seal!, 'documents')
  const names = readdirSync(join(folder, 'documents')).sort()
  expect(readdirSync(opened).sort()).toEqual(names)
  for (const name of names) {
    expect(readFileSync(join(opened, name)).equals(readFileSync(join(folder, 'documents', name)))).toBe(true)
  }
})

test('no page complained of anything on the way', () => {
  expect(running.complaints()).toEqual([])
})
