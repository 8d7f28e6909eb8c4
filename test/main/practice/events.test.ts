import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpeningEvent } from '../../../main/platform/index.ts'
import { openWatchers } from '../../../main/practice/state/watchers.ts'
import {
  awaitRecord,
  type Bench,
  codeOf,
  pastWindow,
  prepareRelease,
  publishTender,
  type PublishedTender,
  sealFor,
  startBench,
  submit,
  untilOpening,
} from '../../fixtures/practice-platform.ts'

let bench: Bench
let published: PublishedTender

beforeEach(async () => {
  bench = await startBench()
  published = await publishTender(bench)
})

afterEach(async () => {
  await bench.close()
})

/** Reads events as they come: `next` waits for one, `end` for the end of the stream. */
function follow(options: { readonly sealDigest?: string; readonly after?: string } = {}): {
  next(): Promise<OpeningEvent>
  end(): Promise<string>
} {
  const events = bench.platform.events(published.openingId, options)
  const iterator = events[Symbol.asyncIterator]()
  return {
    async next() {
      const found = await iterator.next()
      if (found.done === true) throw new Error('the stream ended')
      return found.value
    },
    end: () => codeOf(drain(iterator)),
  }
}

async function drain(iterator: AsyncIterator<OpeningEvent>): Promise<void> {
  while ((await iterator.next()).done !== true);
}

function rawStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end()
  })
}

describe('the events of an opening', () => {
  it('begin with the present state and tell each change until the record, which ends them', async () => {
    const bid = await sealFor(bench, published.tender)
    const receipt = await submit(bench, bid)
    const stream = follow({ sealDigest: bid.bid.sealDigest })
    expect(await stream.next()).toMatchObject({ status: { state: 'waiting', bids: 0 }, ahead: null, recorded: false })
    await bench.advance(untilOpening)
    expect(await stream.next()).toMatchObject({ status: { state: 'open', bids: 1, released: 0 }, recorded: false })
    await bench.platform.release(published.openingId, await prepareRelease(bench, published.openingId, bid, receipt))
    await awaitRecord(bench, published.openingId)
    expect(await stream.end()).toBe('')
  })

  it('go on behind the last one seen: nothing until something differs, also after a restart', async () => {
    const first = await follow().next()
    await bench.restart()
    const stream = follow({ after: first.id })
    const next = stream.next()
    expect(await Promise.race([next, new Promise(resolve => setTimeout(resolve, 200, 'quiet'))])).toBe('quiet')
    await bench.advance(untilOpening)
    expect(['open', 'closed']).toContain((await next).status.state)
  })

  it('are told once more to whoever comes back after the record, and end', async () => {
    await submit(bench, await sealFor(bench, published.tender))
    await bench.advance(untilOpening)
    await bench.platform.opening(published.openingId)
    await bench.advance(pastWindow)
    await awaitRecord(bench, published.openingId)
    const last = await follow().next()
    expect(last).toMatchObject({ status: { state: 'closed' }, recorded: true })
    expect(await follow({ after: last.id }).next()).toEqual(last)
    expect(await follow({ after: last.id }).end()).toBe('')
  })

  it('break off, and are no end, when the platform stops', async () => {
    const stream = follow()
    await stream.next()
    const end = stream.end()
    await bench.restart()
    expect(await end).toBe('platform.unreachable')
  })

  it('are refused for an opening nobody knows, and for a bid that is no digest', async () => {
    const url = `${bench.url}/api/openings`
    expect((await rawStream(`${url}/opening-unknown/events`)).resume().statusCode).toBe(404)
    expect((await rawStream(`${url}/${published.openingId}/events?bid=x`)).resume().statusCode).toBe(400)
  })

  it('are kept alive by comments while nothing happens', async () => {
    await bench.close()
    bench = await startBench(undefined, { heartbeat: 20 })
    published = await publishTender(bench)
    const stream = await rawStream(`${bench.url}/api/openings/${published.openingId}/events`)
    let text = ''
    for await (const piece of stream as AsyncIterable<Buffer>) {
      text += piece.toString()
      if (text.includes(': \n\n: \n\n')) break
    }
    stream.destroy()
    expect(stream.headers['content-type']).toContain('text/event-stream')
    expect(text.match(/^data: /gm)).toHaveLength(1)
  })
})

describe('watchers', () => {
  it('are called once at once and once more after a burst of changes', async () => {
    const watchers = openWatchers()
    const calls: string[] = []
    const unwatch = watchers.watch('a', () => calls.push('a'))
    watchers.watch('b', () => calls.push('b'))
    for (let change = 0; change < 1_000; change++) watchers.notify('a')
    await new Promise(resolve => setTimeout(resolve, 250))
    expect(calls).toEqual(['a', 'a'])
    unwatch()
    watchers.notify('a')
    await new Promise(resolve => setTimeout(resolve, 120))
    expect(calls).toEqual(['a', 'a'])
  })
})
