import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, frameLimit, frameReader } from '../../../../crypto/token/host/frames.ts'
import { expectFailure } from '../../../fixtures/failure.ts'

describe('frames', () => {
  it('come out as they went in, whatever the pieces they arrive in', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
        const stream = Buffer.concat(sent.map(encodeFrame))
        const reader = frameReader()
        const received: Uint8Array[] = []
        let turn = 0
        for (let at = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1
          received.push(...reader.push(stream.subarray(at, at + size)))
          at += size
        }
        expect(received.map(body => Buffer.from(body))).toEqual(sent.map(body => Buffer.from(body)))
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it('may be as long as the limit and not longer', () => {
    const body = new Uint8Array(frameLimit).fill(7)
    const [received] = frameReader().push(encodeFrame(body))
    expect(received?.length).toBe(frameLimit)
    expectFailure('token.unsupported', () => encodeFrame(new Uint8Array(frameLimit + 1)))
  })

  it('are refused as soon as their length is seen to be impossible', () => {
    expectFailure('token.driver-crashed', () => frameReader().push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)))
    expectFailure('token.driver-crashed', () => frameReader().push(Uint8Array.of(0, 0, 0, 0)))
    expectFailure('token.driver-crashed', () => frameReader().push(new TextEncoder().encode('Segmentation fault')))
  })

  it('in thousands of tiny pieces cost no more than their length', () => {
    const frame = encodeFrame(new Uint8Array(200_000).fill(1))
    const reader = frameReader()
    let found = 0
    const started = performance.now()
    for (let at = 0; at < frame.length; at += 1) found += reader.push(frame.subarray(at, at + 1)).length
    expect(found).toBe(1)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
