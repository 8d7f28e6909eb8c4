import type { Language } from '../../../main/contract/guards.ts'
import { connectTo, fakeBridge } from '../fake-bridge.ts'
import { appView } from '../sample-views.ts'
import { scenes } from './scenes.ts'

// The gallery's preload: in place of the real surface a main process made of plain data.
const [name = '', language = 'zh-CN'] = process.argv.at(-1)?.split(',') ?? []
const scene = scenes[name] ?? { world: {}, clicks: [] }
const bridge = fakeBridge({
  ...scene.world,
  app: { ...(scene.world.app ?? appView), language: language as Language },
})
connectTo(bridge)

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Clicks through the scene; resolves when the picture may be taken. */
async function play(): Promise<void> {
  await pause(150)
  for (const id of scene.clicks) {
    const element = document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
    element?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }))
    element?.click()
    await pause(120)
  }
  for (const job of scene.jobs ?? []) {
    bridge.emit({ kind: 'job', job })
    await pause(600)
  }
}

const refused: string[] = []
document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile, lineNumber }) => {
  refused.push(`${violatedDirective} ${sourceFile}:${lineNumber}`)
})

Object.assign(globalThis, { play, refused })
