import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { AppFailure } from '../../contract/failure.ts'
import { encodeEvent, patterns } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { openingStatus } from '../opening/window.ts'
import type { Exchange, Reply } from './router.ts'

/** Connections that are told the events of openings. */
export interface EventStreams {
  /** Answers a request with the events of an opening, until the record is there or either side goes. */
  open(exchange: Exchange): Promise<Reply>
  /** Ends all of them in order. */
  close(): void
}

export interface EventStreamOptions {
  /** Releases before a bid's in the queue; null when it does not wait there. */
  readonly aheadOf: (openingId: string, sealDigest: string) => number | null
  /** Milliseconds of silence before a sign of life. */
  readonly heartbeat: number
  /** Streams at once. */
  readonly most?: number
}

/**
 * Server-sent events. Each is a snapshot and its id a digest of it: a stream that goes on behind the last one seen says
 * nothing until something differs from it, also after a restart. A client that reads slowly gets the newest snapshot
 * when it is ready for it, and none of those between.
 */
export function eventStreams(
  context: PracticeContext,
  { aheadOf, heartbeat, most = 5_000 }: EventStreamOptions,
): EventStreams {
  const open = new Set<() => void>()

  const snapshot = async (openingId: string, sealDigest: string | null): Promise<Snapshot> => {
    const status = await openingStatus(context, openingId)
    const recorded = (context.openings.opening(openingId)?.record ?? null) !== null
    const ahead = sealDigest === null ? null : aheadOf(openingId, sealDigest)
    const data = JSON.stringify(encodeEvent({ status, ahead, recorded }))
    return { id: createHash('sha256').update(data).digest('hex').slice(0, 16), data, recorded }
  }

  const run = (exchange: Exchange, openingId: string, sealDigest: string | null): Promise<void> =>
    new Promise(resolve => {
      const { response } = exchange
      let seen = String(exchange.request.headers['last-event-id'] ?? '')
      let looking = false
      let again = false
      const look = (): void => {
        again = true
        if (looking) return
        looking = true
        void (async () => {
          while (again && !response.destroyed) {
            again = false
            const now = await snapshot(openingId, sealDigest)
            // A record ends the stream, so its event is told even to somebody who has seen it.
            if (now.id === seen && !now.recorded) continue
            seen = now.id
            await write(response, `id: ${now.id}\ndata: ${now.data}\n\n`)
            if (now.recorded) end()
          }
        })()
          .catch((error: unknown) => {
            context.log(`events of ${openingId} broke off: ${error instanceof Error ? error.message : 'thrown'}`)
            response.destroy()
          })
          .finally(() => {
            looking = false
          })
      }
      const beat = setInterval(() => {
        if (response.writableLength === 0) response.write(': \n\n')
        // What only time changes is seen even if nobody tells of it.
        look()
      }, heartbeat)
      const unwatch = context.watchers.watch(openingId, look)
      const end = (): void => {
        response.end()
      }
      open.add(end)
      response.once('close', () => {
        clearInterval(beat)
        unwatch()
        open.delete(end)
        resolve()
      })
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
      response.flushHeaders()
      look()
    })

  return {
    async open(exchange) {
      const openingId = exchange.segment('openingId')
      const sealDigest = exchange.query('bid')
      if (sealDigest !== null && !patterns.digest.test(sealDigest)) {
        throw new AppFailure('arguments.bad', 'the bid is not a digest')
      }
      // Refuses what is unknown before the answer begins.
      await openingStatus(context, openingId)
      if (open.size >= most) throw new AppFailure('platform.refused', 'too many streams of events are open')
      await run(exchange, openingId, sealDigest)
      return { kind: 'handled' }
    },
    close() {
      for (const end of [...open]) end()
    },
  }
}

interface Snapshot {
  readonly id: string
  readonly data: string
  readonly recorded: boolean
}

/** Resolves when the client has taken it, or is gone. */
function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return Promise.resolve()
  return new Promise(resolve => {
    response.once('drain', resolve)
    response.once('close', resolve)
  })
}
