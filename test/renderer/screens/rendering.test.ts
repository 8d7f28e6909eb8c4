import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Language } from '../../../main/contract/guards.ts'
import { changeLanguage } from '../../../renderer/messages/index.ts'
import { App } from '../../../renderer/screens/frame/app.tsx'
import { opening } from '../../../renderer/stores/opening.ts'
import { place, steps } from '../../../renderer/stores/place.ts'
import { sealed as store } from '../../../renderer/stores/sealed.ts'
import { openConnectedPage, renderPresentState } from '../all-stores.ts'
import type { World } from '../fake-bridge.ts'
import {
  appView,
  fullBid,
  ids,
  modules,
  openedBid,
  openingView,
  sealedBid,
  submittedBid,
  tender,
} from '../sample-views.ts'

beforeAll(renderPresentState)

async function page(
  world: Partial<World>,
  step: (typeof steps)[number],
  language: Language = 'zh-CN',
): Promise<string> {
  await openConnectedPage({ app: { ...appView, language }, ...world })
  await changeLanguage(language)
  place.getState().go(step)
  return renderToString(createElement(App, { nonce: 'a nonce' }))
}

const composed = { modules, tenders: [tender], bids: [fullBid] }
const sealed = { ...composed, bids: [{ ...fullBid, sealed: ids.seal, sealedIsCurrent: true }], sealed: [sealedBid] }

describe.each(['zh-CN', 'en'] as const)('in %s', language => {
  test.each(steps)('%s is drawn with nothing, and with a whole bid', async step => {
    for (const world of [{}, { ...sealed, sealed: [openedBid] }]) {
      const html = await page(world, step, language)
      for (const each of steps) expect(html).toContain(`data-testid="nav-${each}"`)
      // A text that is not there shows as its path.
      expect(html.replace(/<[^>]*>/g, ' ')).not.toMatch(
        /\b(common|documents|jobs|locks|opening|record|seal|submit)\.\w/,
      )
      expect(html).not.toContain('{{')
    }
  })
})

test('a page that does not know its language says nothing, and one that cannot ask says why', async () => {
  expect(await page({ failing: { 'app.state': 'internal' } }, 'tender')).toContain('data-testid="failure-code"')
})

test('nothing is called submitted without a receipt', async () => {
  const before = await page(sealed, 'submit')
  expect(before).not.toContain('已递交')
  expect(before).not.toContain('data-testid="receipt"')
  const after = await page({ ...sealed, sealed: [submittedBid] }, 'submit')
  expect(after).toContain('已递交')
  expect(after).toContain('data-testid="receipt"')
})

test('a receipt for other bytes is not called a match', async () => {
  const receipt = { kind: 'received', receivedAt: tender.deadline, size: 1, sealDigest: 'ff'.repeat(32) } as const
  const html = await page({ ...sealed, sealed: [{ ...submittedBid, receipt }] }, 'submit')
  expect(html).toContain('不一致')
})

test('only a lock that opened the bid is called proved', async () => {
  const html = await page(sealed, 'seal')
  expect(html.match(/data-testid="recipient" data-proved="true"/g)).toHaveLength(1)
  expect(html.match(/data-testid="recipient" data-proved="false"/g)).toHaveLength(1)
})

test('the result of sealing says as of when the signer was not revoked, and which lock was', async () => {
  const words = async (change: Partial<typeof sealedBid>, language: Language = 'zh-CN') =>
    (await page({ ...sealed, sealed: [{ ...sealedBid, ...change }] }, 'seal', language)).replace(/<[^>]*>/g, '')
  expect(await words({})).toMatch(/未吊销（截至 [^（）]+，CRL）/)
  expect(await words({}, 'en')).toMatch(/not revoked \(as of \d{4}-.+, CRL\)/)
  expect(await words({ signerRevocation: { status: 'not-checked' } })).toContain('未检查吊销状态')
  expect(await words({ signerRevocation: null })).not.toContain('吊销')
  const recipients = sealedBid.recipients.map(each => ({ ...each, revokedSince: tender.deadline }))
  expect(await words({ recipients, signerRevocation: null })).toMatch(/加密证书已于 .+ 吊销/)
})

test('a bid with something that must be changed cannot be sealed, nor with a lock that expires before the opening', async () => {
  const button = (html: string): string => /<button[^>]*data-testid="action-bid\.seal"[^>]*>/.exec(html)?.[0] ?? ''
  const fatal = { ...fullBid, findings: [{ level: 'fatal', code: 'document-gone', place: 'x.pdf' }] } as const
  const late = { ...tender, openingTime: '2099-01-01T00:00:00Z' }
  expect(button(await page(composed, 'seal'))).not.toContain('disabled')
  expect(button(await page({ ...composed, bids: [fatal] }, 'seal'))).toContain('disabled')
  expect(button(await page({ ...composed, tenders: [late] }, 'seal'))).toContain('disabled')
  expect(button(await page({ ...composed, modules: [] }, 'seal'))).toContain('disabled')
})

test('where only locks of the other kind are here, the screen says why none can be chosen', async () => {
  const practiceModules = modules.map(module => ({
    ...module,
    locks: module.locks.map(each => ({ ...each, practice: true })),
  }))
  const said = 'data-testid="locks-kept-apart"'
  expect(await page({ ...composed, modules }, 'seal')).not.toContain(said)
  expect(await page({ ...composed, modules: practiceModules }, 'seal')).toContain(said)
  const rehearsal = { ...composed, tenders: [{ ...tender, practice: true }] }
  expect(await page({ ...rehearsal, modules }, 'seal')).toContain(said)
  expect(await page({ ...rehearsal, modules: practiceModules }, 'seal')).not.toContain(said)
})

test('a bid that was lost on its way may be sealed again, and only that one', async () => {
  const submitting = { ...sealedBid, state: 'submitting' } as const
  const here = await page({ ...sealed, sealed: [submitting] }, 'seal')
  expect(here).toContain('data-testid="seal-again" data-primary="false"')
  const lost = { ...fullBid, sealed: submitting.seal, sealedIsCurrent: true, lostOnItsWay: true }
  const gone = await page({ ...sealed, bids: [lost], sealed: [submitting] }, 'seal')
  expect(gone).toContain('data-testid="seal-again" data-primary="true"')
  expect(await page({ ...sealed, bids: [lost], sealed: [submitting] }, 'submit')).toContain('data-testid="seal-lost"')
  const choosing = await page({ ...sealed, bids: [{ ...lost, sealed: null }], sealed: [submitting] }, 'seal')
  expect(choosing).toContain('data-testid="seal-lost"')
  expect(choosing).toContain('重新封标「')
})

test('a module that failed says so in three parts with its code', async () => {
  const html = await page({ modules }, 'locks')
  for (const part of ['发生了什么', '投标文件是否安全', '现在怎么办', 'token.driver-crashed'])
    expect(html).toContain(part)
})

test("the platform's own words are shown where it refused", async () => {
  const html = await page(
    {
      ...sealed,
      jobs: [
        {
          ...{ job: ids.job, kind: 'submit', state: 'failed', stage: null, done: 0, total: 0, seal: ids.seal },
          failure: { code: 'platform.refused', platformSays: '<b>保证金</b>' },
        },
      ],
    },
    'submit',
  )
  expect(html).toContain('&lt;b&gt;保证金&lt;/b&gt;')
})

test('a rehearsal is marked on every screen', async () => {
  const world = { rehearsal: { running: true, tender: null, practicePin: '204816' } }
  for (const step of steps) expect(await page(world, step)).toContain('data-testid="practice-pin"')
})

test.each(['submit', 'opening', 'record', 'seal'] as const)(
  'on %s a list that could not be read is not called empty, and can be asked for again',
  async step => {
    const html = await page({ ...sealed, failing: { 'sealed.list': 'input.unreadable' } }, step)
    expect(html).toContain('input.unreadable')
    expect(html).toContain('data-testid="failure-action"')
    expect(html).not.toContain('还没有封标文件')
    expect(html).not.toContain('递交并取得回执后')
    store.setState({ unread: null })
    expect(renderToString(createElement(App, { nonce: 'a nonce' }))).toContain('data-testid="reading"')
  },
)

test('sealed bids that are left out are told of on every screen', async () => {
  for (const step of steps) expect(await page({ ...sealed, damaged: 2 }, step)).toContain('有 2 份封标文件')
  expect(await page(sealed, 'submit')).not.toContain('已损坏')
})

test('a sealed bid that is out of date, or was taken back, asks to be sealed again', async () => {
  const changed = [{ ...fullBid, sealed: ids.seal, sealedIsCurrent: false }]
  const again = 'data-testid="seal-again" data-primary="true"'
  expect(await page(sealed, 'seal')).not.toContain(again)
  expect(await page({ ...sealed, bids: changed }, 'seal')).toContain(again)
  expect(await page({ ...sealed, bids: changed }, 'submit')).toContain('data-testid="seal-outdated"')
  expect(await page({ ...sealed, sealed: [{ ...submittedBid, state: 'withdrawn' }] }, 'seal')).toContain(again)
  expect(await page({ ...sealed, bids: changed, sealed: [openedBid] }, 'seal')).not.toContain(again)
})

test('after the deadline a bid cannot be withdrawn', async () => {
  const button = (html: string): string =>
    /<button[^>]*data-testid="action-sealed\.withdraw"[^>]*>/.exec(html)?.[0] ?? 'none'
  const late = { ...tender, deadline: '2020-01-01T00:00:00Z' }
  expect(button(await page({ ...sealed, sealed: [submittedBid] }, 'submit'))).not.toMatch(/disabled|none/)
  expect(button(await page({ ...sealed, sealed: [submittedBid], tenders: [late] }, 'submit'))).toContain('disabled')
})

test('an opening that closed without the key is not waited for', async () => {
  await page({ ...sealed, sealed: [submittedBid] }, 'record')
  opening.setState({ seal: ids.seal, view: { ...openingView, state: 'closed' } })
  const html = renderToString(createElement(App, { nonce: 'a nonce' }))
  expect(html).toContain('data-why="closed-not-released"')
  expect(html).not.toContain('开标尚未结束')
})
