import { createParser } from 'eventsource-parser'
import { AppFailure } from '../contract/failure.ts'
import { notThePlatform, refusalOf } from '../http/index.ts'
import type { HttpPort } from '../http/index.ts'
import { fieldsOf } from './fields.ts'
import type { EventsOptions, OpeningEvent } from './port.ts'
import { unheard } from './unheard.ts'
import { decodeEvent } from './wire.ts'

/** The longest event that is read, in characters: one snapshot is a few hundred. */
const longestEvent = 64 * 1024

/**
 * The events of an opening over server-sent events (HTML Living Standard, 9.2). It ends when the platform ends it after
 * the record; a stream that breaks off before is `platform.unreachable`, and the caller goes on behind the last event.
 */
export function readEvents(http: HttpPort, address: string, options: EventsOptions): AsyncGenerator<OpeningEvent> {
  return unheard(eventsOf(http, address, options))
}

async function* eventsOf(http: HttpPort, address: string, options: EventsOptions): AsyncGenerator<OpeningEvent> {
  const url = new URL(address)
  if (options.sealDigest !== undefined) url.searchParams.set('bid', options.sealDigest)
  const response = await http.request({
    method: 'GET',
    url: url.href,
    headers: {
      accept: 'text/event-stream',
      ...(options.after === undefined ? {} : { 'last-event-id': options.after }),
    },
    signal: options.signal,
  })
  if (response.status !== 200) {
    throw refusalOf(response.status, await response.bytes(longestEvent).catch(() => new Uint8Array()))
  }
  if (!/^text\/event-stream\b/i.test(response.headers['content-type'] ?? '')) {
    response.discard()
    throw notThePlatform('no stream of events')
  }
  const arrived: OpeningEvent[] = []
  const parser = createParser({
    onEvent: ({ id, data }) => {
      arrived.push(decodeEvent(id ?? '', fieldsOf(parseData(data), 'platform.refused')))
    },
  })
  const text = new TextDecoder()
  let pending = 0
  let recorded = false
  for await (const piece of response.body) {
    parser.feed(text.decode(piece, { stream: true }))
    pending = arrived.length > 0 ? 0 : pending + piece.length
    if (pending > longestEvent) throw new AppFailure('platform.refused', 'an event is longer than any should be')
    for (const event of arrived.splice(0)) {
      recorded = event.recorded
      yield event
    }
  }
  if (!recorded) throw new AppFailure('platform.unreachable', 'the stream of events broke off')
}

function parseData(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (error) {
    throw new AppFailure('platform.refused', 'an event is not JSON', { cause: error })
  }
}
