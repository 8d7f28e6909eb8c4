import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { composeBid } from './app/bid.ts'
import { handsOn } from './app/hands.ts'
import type { Hands } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'
import type { RunningApp } from './app/launch.ts'

const pictures = inProject('test-results')

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  await checkoutLauncher()
}, 180_000)

describe.each(['zh-CN', 'en'] as const)('the whole path with a soft lock, in %s', language => {
  let running: RunningApp
  let hands: Hands
  let pin = ''
  const picture = (name: string): Promise<void> => running.picture(`rehearsal-${language}-${name}`)

  beforeAll(async () => {
    running = await launchApp({ language })
    hands = handsOn(running, pictures)
  })
  afterAll(async () => {
    await running.close()
  })

  test('a rehearsal sets up lock, platform and tender', async () => {
    await hands.go('tender')
    await picture('0-empty')
    await hands.press('rehearsal.start')
    pin = (await hands.part('practice-pin').textContent({ timeout: 25_000 })) ?? ''
    expect(pin).toMatch(/^\d{6,}$/)
    await picture('1-tender')
    await hands.go('locks')
    await hands.part('lock').first().waitFor()
    await picture('2-locks')
  })

  test('a bid is composed from the documents', async () => {
    await composeBid(running, hands, join(running.home, 'rehearsal', 'documents'))
    await picture('3-documents')
  })

  test('a wrong PIN is asked for again, the right one seals, and the lock has proved that it opens', async () => {
    await hands.go('seal')
    await hands.press('bid.seal')
    await hands.part('confirm-bid.seal').waitFor()
    await picture('4-seal-sheet')
    await hands.part('confirm-bid.seal').click()
    await hands.typePin(`${pin}0`, `rehearsal-${language}-5-pin`)
    await hands.typePin(pin, `rehearsal-${language}-6-pin-wrong`)
    await hands.part('sealed').waitFor({ timeout: 20_000 })
    expect(await hands.part('recipient').first().getAttribute('data-proved')).toBe('true')
    await picture('7-sealed')
  })

  test('it is submitted, and the receipt verified', async () => {
    await hands.go('submit')
    await hands.confirmWithPin('sealed.submit', pin)
    await hands.part('receipt').waitFor({ timeout: 20_000 })
    await picture('8-submitted')
  })

  test('at the opening the key is released, and the record says that the bid was opened', async () => {
    await hands.press('rehearsal.skipToOpening')
    await hands.go('opening')
    await hands.press('opening.state')
    await expect.poll(() => hands.part('opening-state').getAttribute('data-state')).toBe('open')
    await picture('9-opening')
    await hands.confirmWithPin('opening.release', pin)
    await hands.part('released').waitFor({ timeout: 20_000 })
    await hands.go('record')
    await expect.poll(() => hands.part('record-state').getAttribute('data-state'), { timeout: 15_000 }).toBe('opened')
    await picture('10-record')
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

  test('each screen stands at 200 % too', async () => {
    const zoom = (factor: number): Promise<void> =>
      running.app.evaluate(({ BrowserWindow }, value) => {
        BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(value)
      }, factor)
    await zoom(2)
    for (const step of ['tender', 'documents', 'seal', 'submit', 'opening', 'record', 'locks']) {
      await hands.go(step)
      await picture(`200-${step}`)
    }
    await zoom(1)
  })

  test('ending it takes its lock, tender and bid away', async () => {
    await hands.press('rehearsal.stop')
    await hands.part('practice-pin').waitFor({ state: 'detached' })
    expect(readdirSync(running.home)).not.toContain('rehearsal')
  })

  test('no page complained of anything on the way', () => {
    expect(running.complaints()).toEqual([])
  })
})
