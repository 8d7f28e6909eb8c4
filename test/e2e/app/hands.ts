import type { Locator, Page } from 'playwright-core'
import type { RunningApp } from './launch.ts'

/** What the user's hands do: every step goes through what is on the screen. */
export interface Hands {
  /** A part of the page by its name in the source, and by what it is about. */
  part(testId: string, on?: string): Locator
  go(step: string): Promise<void>
  press(channel: string, on?: string): Promise<void>
  /** Presses the button of an act that can't be undone, and again on the sheet that says so. */
  confirm(channel: string): Promise<void>
  /** What the system's file dialogs will answer, in this order. */
  willPick(...paths: readonly string[]): Promise<void>
  /** The system's next message boxes are agreed to; answers what they said. */
  willAgree(): Promise<() => Promise<readonly string[]>>
  /** Types a PIN into the window that asks for it; a picture of it is kept under `name`. */
  typePin(pin: string, name?: string): Promise<void>
  /** Presses what asks for a PIN, and types it. */
  confirmWithPin(channel: string, pin: string, name?: string): Promise<void>
}

export function handsOn({ app, page }: RunningApp, picturesIn: string): Hands {
  const part = (testId: string, on?: string): Locator =>
    page.locator(`[data-testid="${testId}"]${on === undefined ? '' : `[data-on="${on}"]`}`)
  const hands: Hands = {
    part,
    go: step => part(`nav-${step}`).click(),
    press: (channel, on) => part(`action-${channel}`, on).first().click(),
    async confirm(channel) {
      await hands.press(channel)
      await part(`confirm-${channel}`).click()
    },
    willPick: (...paths) =>
      app.evaluate(({ dialog }, queue) => {
        const waiting = [...queue]
        dialog.showOpenDialog = () => {
          const next = waiting.shift()
          return Promise.resolve({ canceled: next === undefined, filePaths: next === undefined ? [] : [next] })
        }
      }, paths),
    async willAgree() {
      await app.evaluate(({ dialog }) => {
        const said: string[] = []
        Reflect.set(globalThis, 'said', said)
        dialog.showMessageBox = (...all: unknown[]) => {
          said.push(String(Reflect.get(Object(all.at(-1)) as object, 'detail')))
          return Promise.resolve({ response: 0, checkboxChecked: false })
        }
      })
      return () => app.evaluate(() => Reflect.get(globalThis, 'said') as readonly string[])
    },
    async typePin(pin, name) {
      const window = await pinWindow(app)
      await window.locator('[data-testid="pin-input"]').fill(pin)
      if (name !== undefined) await window.screenshot({ path: `${picturesIn}/${name}.png` })
      const closed = window.waitForEvent('close')
      // The window goes while the click is still being reported.
      await window
        .locator('[data-testid="pin-submit"]')
        .click()
        .catch(() => undefined)
      await closed
    },
    async confirmWithPin(channel, pin, name) {
      await hands.confirm(channel)
      await hands.typePin(pin, name)
    },
  }
  return hands
}

async function pinWindow(app: RunningApp['app']): Promise<Page> {
  const there = app.windows().find(window => window.url().startsWith('app://pin/'))
  const window = there ?? (await app.waitForEvent('window', { timeout: 15_000 }))
  await window.waitForLoadState('load')
  return window
}
