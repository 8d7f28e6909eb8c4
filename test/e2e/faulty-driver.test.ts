import { afterAll, beforeAll, expect, test } from 'vitest'
import { inProject } from '../../build/project.mjs'
import { buildBadModule } from '../fixtures/bad-pkcs11.ts'
import { ask } from './app/bridge.ts'
import { handsOn } from './app/hands.ts'
import { checkoutLauncher, launchApp } from './app/launch.ts'

const limit = 4_000
let bad: ReturnType<typeof buildBadModule>

beforeAll(async () => {
  await checkoutLauncher()
  bad = buildBadModule()
}, 180_000)

afterAll(() => bad.remove())

test.each([
  ['crash', 'token.driver-crashed'],
  ['hang', 'token.driver-hung'],
] as const)('a driver with the fault %s leaves the window alive, which says %s in time', async (fault, code) => {
  const running = await launchApp({ env: { BAD_PKCS11: fault } })
  try {
    const hands = handsOn(running, inProject('test-results'))
    await hands.go('locks')
    await hands.willPick(bad.path)
    await hands.press('lock.addModule')
    const started = performance.now()
    await hands.part('failure-code').waitFor({ timeout: limit })
    expect(performance.now() - started).toBeLessThan(limit)
    expect(await hands.part('failure-code').textContent()).toBe(code)
    // The window answers while a driver hangs, and a second try starts the driver anew.
    const again = ask(running.page, 'lock.list')
    const asked = performance.now()
    await ask(running.page, 'app.state')
    expect(performance.now() - asked).toBeLessThan(1_000)
    const failures = (await again).map(({ failure }) => failure?.code).filter(each => each !== undefined)
    expect(failures).toEqual([code])
    await running.picture(`faulty-driver-${fault}`)
  } finally {
    await running.close()
  }
})
