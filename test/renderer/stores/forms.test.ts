import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TenderName } from '../../../main/contract/ids.ts'
import { bids } from '../../../renderer/stores/bids.ts'
import { forms, savesAfter, typedIn } from '../../../renderer/stores/forms.ts'
import { openConnectedPage, settled } from '../all-stores.ts'
import type { FakeBridge } from '../fake-bridge.ts'
import { emptyBid, ids, tender } from '../sample-views.ts'

const opening = 'opening' as TenderName
const price = 'price' as TenderName
const days = 'days' as TenderName
let bridge: FakeBridge

beforeEach(async () => {
  vi.useFakeTimers()
  bridge = await openConnectedPage({ tenders: [tender], bids: [emptyBid] })
})

afterEach(() => {
  vi.useRealTimers()
})

const savings = (): readonly (readonly unknown[])[] =>
  bridge.asked.filter(({ channel }) => channel === 'bid.fillForm').map(({ args }) => args)

test('what is typed saves itself once, a moment after the last keystroke', async () => {
  const { type } = forms.getState()
  type(ids.bid, opening, price, '1')
  vi.advanceTimersByTime(savesAfter - 1)
  type(ids.bid, opening, price, '12')
  vi.advanceTimersByTime(savesAfter - 1)
  expect(savings()).toEqual([])
  vi.advanceTimersByTime(1)
  await settled()
  expect(savings()).toEqual([[ids.bid, opening, [{ name: price, value: '12' }]]])
  expect(typedIn(forms.getState(), ids.bid, opening)).toBeNull()
  expect(bids.getState().bids?.[0]?.forms[0]?.fields).toEqual([{ name: price, value: '12' }])
})

test('what is typed while a form is being saved is kept and saved next', async () => {
  const { type, save } = forms.getState()
  type(ids.bid, opening, price, '1')
  const saving = save(ids.bid, opening)
  type(ids.bid, opening, days, '90')
  await saving
  expect(typedIn(forms.getState(), ids.bid, opening)?.values).toEqual({ price: '1', days: '90' })
  vi.advanceTimersByTime(savesAfter)
  await settled()
  expect(savings()).toHaveLength(2)
  expect(typedIn(forms.getState(), ids.bid, opening)).toBeNull()
})

test('a form that could not be saved stays typed and says why', async () => {
  bridge.world.failing = { 'bid.fillForm': 'output.disk-full' }
  forms.getState().type(ids.bid, opening, price, '1')
  expect(await forms.getState().saveAll()).toBe(false)
  expect(forms.getState().failure).toEqual({ code: 'output.disk-full' })
  expect(typedIn(forms.getState(), ids.bid, opening)?.values).toEqual({ price: '1' })
})

test('sealing saves what was typed first, and does not begin when that fails', async () => {
  const choice = { sign: ids.lock, main: ids.lock, backups: [], again: false }
  forms.getState().type(ids.bid, opening, price, '1')
  bridge.world.failing = { 'bid.fillForm': 'output.disk-full' }
  expect(await bids.getState().seal(ids.bid, choice)).toBeNull()
  expect(bridge.asked.map(({ channel }) => channel)).not.toContain('bid.seal')
  bridge.world.failing = {}
  expect(await bids.getState().seal(ids.bid, choice)).toBe(ids.job)
  expect(bridge.asked.slice(-2).map(({ channel }) => channel)).toEqual(['bid.fillForm', 'bid.seal'])
})
