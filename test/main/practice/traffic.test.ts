import { describe, expect, it } from 'vitest'
import { openTraffic } from '../../../main/practice/opening/traffic.ts'

describe('work that can wait', () => {
  it('waits until nobody else has been waiting for a moment', async () => {
    const traffic = openTraffic()
    const told: string[] = []
    let answer = (): void => undefined
    const served = traffic.serve(() => new Promise<void>(resolve => (answer = resolve)))
    const quiet = traffic.quiet().then(() => told.push('quiet'))
    const next = served.then(() => traffic.serve(() => Promise.resolve(told.push('answered'))))
    answer()
    await next
    expect(traffic.busy).toBe(true)
    expect(told).toEqual(['answered'])
    await quiet
    expect(traffic.busy).toBe(false)
    expect(told).toEqual(['answered', 'quiet'])
  })

  it('goes on at once where it is quiet, also after work that failed', async () => {
    const traffic = openTraffic()
    await traffic.quiet()
    const changes: boolean[] = []
    const stop = traffic.watch(busy => changes.push(busy))
    await expect(traffic.serve(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await traffic.quiet()
    expect(changes).toEqual([true, false])
    stop()
  })
})
