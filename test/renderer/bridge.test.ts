import { afterEach, expect, test } from 'vitest'
import { call, CallFailed, onEvent, pinApi } from '../../renderer/bridge.ts'
import { connectTo, fakeBridge } from './fake-bridge.ts'
import { job, tender } from './sample-views.ts'

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'bidseal')
})

test('a request answers the value of its result', async () => {
  connectTo(fakeBridge({ tenders: [tender] }))
  expect(await call('tender.list')).toEqual([tender])
})

test('a refused request becomes a failure with its code', async () => {
  connectTo(fakeBridge({ failing: { 'tender.import': 'tender.invalid' } }))
  const failed = await call('tender.import').catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(CallFailed)
  expect((failed as CallFailed).failure).toEqual({ code: 'tender.invalid' })
})

test('a request that does not come back is an internal failure, without what was thrown', async () => {
  const bridge = fakeBridge()
  const broken = { ...bridge.api, 'tender.list': () => Promise.reject(new Error('secret')) }
  Object.assign(globalThis, { bidseal: broken })
  const failed = await call('tender.list').catch((error: unknown) => error)
  expect((failed as CallFailed).failure.code).toBe('internal')
  expect(JSON.stringify((failed as CallFailed).failure)).not.toContain('secret')
})

test('a page without the surface fails instead of breaking, and has no PIN', async () => {
  await expect(call('app.state')).rejects.toBeInstanceOf(CallFailed)
  expect(() => onEvent(() => undefined)()).not.toThrow()
  expect(() => pinApi()).toThrow(CallFailed)
})

test('events arrive until one stops listening', () => {
  const bridge = fakeBridge()
  connectTo(bridge)
  const heard: string[] = []
  const stop = onEvent(event => heard.push(event.kind))
  bridge.emit({ kind: 'job', job })
  stop()
  bridge.emit({ kind: 'locks-changed' })
  expect(heard).toEqual(['job'])
})
