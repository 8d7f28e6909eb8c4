import type { ServerResponse } from 'node:http'
import type { PlatformRouteName } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { writeRefusal } from './answers.ts'
import { refusalFor } from './refusals.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Endpoint, Exchange, Reply } from './router.ts'

const handled = { kind: 'handled' } as const

/** Lets the script in force do its mischief to requests of the neutral interface. */
export function scripted(context: PracticeContext, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const { script } = context
  /** The first answer of each route since the start: what a replay answers. */
  const first = new Map<string, Reply>()
  return endpoints.map(endpoint => ({
    ...endpoint,
    async handle(exchange) {
      const route = endpoint.name as PlatformRouteName
      const outage = script.outage()
      if (outage !== null) return suffer(exchange, outage.kind, outage.left)
      await pause(script.latency(), exchange.response)
      const refusal = script.refusal(route)
      if (refusal !== null) {
        const told = refusalFor(new AppFailure(refusal.code, 'the script says so'))
        await writeRefusal(exchange.response, { ...told, says: refusal.says })
        return handled
      }
      const old = script.replays(route) ? first.get(route) : undefined
      if (old !== undefined) return old
      if (script.loses(route)) loseAnswer(exchange.response)
      const reply = await endpoint.handle(exchange)
      if (reply.kind === 'json' && !first.has(route)) first.set(route, reply)
      return reply
    },
  }))
}

async function suffer(exchange: Exchange, kind: string, left: number): Promise<Reply> {
  const { request, response } = exchange
  if (kind === '503') {
    request.resume()
    response.writeHead(503, {
      'content-type': 'text/plain; charset=utf-8',
      'retry-after': String(Math.ceil(left / 1_000)),
    })
    response.end('service unavailable\n')
    return handled
  }
  if (kind === 'silent') await pause(left, response)
  request.socket.resetAndDestroy()
  return handled
}

/** Everything happens as always, but for the answer: the connection breaks instead. */
function loseAnswer(response: ServerResponse): void {
  const lost: Pick<ServerResponse, 'writeHead' | 'write' | 'end'> = {
    writeHead: () => response,
    write: () => true,
    end() {
      response.req.socket.resetAndDestroy()
      return response
    },
  }
  Object.assign(response, lost)
}

async function pause(milliseconds: number, response: ServerResponse): Promise<void> {
  if (milliseconds <= 0) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
