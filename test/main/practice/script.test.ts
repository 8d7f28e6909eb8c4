import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../../crypto/index.ts'
import {
  begin,
  type Bench,
  codeOf,
  publishTender,
  sealFor,
  startBench,
  submit,
} from '../../fixtures/practice-platform.ts'

let bench: Bench

beforeEach(async () => {
  bench = await startBench()
})

afterEach(async () => {
  await bench.close()
})

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

describe('the script of the practice platform', () => {
  it.each(['reset', '503', 'silent'] as const)(
    'serves nobody during an outage of kind %s, and everybody after',
    async kind => {
      await bench.admin.script({ outage: { milliseconds: 120, kind } })
      const answers = [bench.http.request({ method: 'GET', url: `${bench.url}/api/time` })]
      const [first] = await Promise.allSettled(answers)
      if (kind === '503') {
        expect(first).toMatchObject({ status: 'fulfilled', value: { status: 503 } })
        if (first?.status === 'fulfilled') first.value.discard()
      } else {
        expect(first?.status).toBe('rejected')
      }
      await new Promise(resolve => setTimeout(resolve, 150))
      expect(await codeOf(bench.platform.serverTime())).toBe('')
    },
  )

  it('stops listening during an outage of kind refuse, and listens on the same port afterwards', async () => {
    await bench.admin.script({ outage: { milliseconds: 250, kind: 'refuse' } })
    await new Promise(resolve => setTimeout(resolve, 30))
    const refused = await fetch(`${bench.url}/api/time`).catch((error: unknown) => error)
    expect(refused).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await new Promise(resolve => setTimeout(resolve, 350))
    expect(await codeOf(bench.platform.serverTime())).toBe('')
  })

  it('keeps every answer back for the latency it was given', async () => {
    await bench.admin.script({ latency: 150 })
    expect(await milliseconds(() => bench.platform.serverTime())).toBeGreaterThan(140)
    await bench.admin.script({})
    expect(await milliseconds(() => bench.platform.serverTime())).toBeLessThan(140)
  })

  it('refuses a route as often as it was told, in the given words', async () => {
    const says = '系统维护，请于十分钟后再试'
    await bench.admin.script({ refuse: [{ route: 'nonce', times: 2, code: 'platform.refused', says }] })
    await expect(bench.platform.nonce()).rejects.toMatchObject({
      failure: { code: 'platform.refused', platformSays: says },
    })
    expect(await codeOf(bench.platform.serverTime())).toBe('')
    expect(await codeOf(bench.platform.nonce())).toBe('platform.refused')
    expect(await codeOf(bench.platform.nonce())).toBe('')
  })

  it('answers an old nonce again when it is told to replay', async () => {
    const old = await bench.platform.nonce()
    expect(await bench.platform.nonce()).not.toBe(old)
    await bench.admin.script({ replay: [{ route: 'nonce', times: 1 }] })
    expect(await bench.platform.nonce()).toBe(old)
    expect(await bench.platform.nonce()).not.toBe(old)
  })

  it('carries a request out whose answer it loses: asked again, the same receipt comes', async () => {
    const { tender } = await publishTender(bench)
    const bid = await sealFor(bench, tender)
    await bench.admin.script({
      lose: [
        { route: 'completeSubmission', times: 1 },
        { route: 'uploadChunk', times: 1 },
      ],
    })
    const receipt = await submit(bench, bid)
    expect(await bench.admin.bids()).toMatchObject([{ state: 'received' }])
    const again = await begin(bench, bid)
    expect(again.state === 'received' && sha256Hex(again.receipt.bytes)).toBe(sha256Hex(receipt.bytes))
  })

  it('takes no script it cannot follow', async () => {
    expect(await codeOf(bench.admin.script({ latency: 10 ** 9 }))).toBe('platform.refused')
    const unknown = { route: 'nothing' as 'nonce', times: 1 }
    expect(await codeOf(bench.admin.script({ replay: [unknown] }))).toBe('platform.refused')
  })
})
