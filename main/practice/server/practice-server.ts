import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { AppFailure } from '../../contract/failure.ts'
import { writeRefusal, writeReply } from './answers.ts'
import { refusalFor } from './refusals.ts'
import { exchangeOf, findEndpoint } from './router.ts'
import type { Endpoint } from './router.ts'

/**
 * The HTTP server over its endpoints, for loopback. Whatever goes wrong in one is answered as a refusal; what isn't meant
 * for clients is logged.
 */
export function practiceServer(endpoints: readonly Endpoint[], log: (line: string) => void): Server {
  const server = createServer((request, response) => {
    answer(endpoints, request, response)
      .catch((error: unknown) => {
        const refusal = refusalFor(error)
        if (refusal.code === 'internal') log(`internal: ${describe(error)}`)
        return writeRefusal(response, refusal)
      })
      .catch((error: unknown) => {
        log(`an answer could not be written: ${describe(error)}`)
        response.destroy()
      })
  })
  // A part may come slowly for hours; what must not last is silence.
  server.requestTimeout = 0
  server.timeout = 120_000
  return server
}

async function answer(
  endpoints: readonly Endpoint[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  requireLocalProgram(request)
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const found = findEndpoint(endpoints, request.method ?? '', path)
  if (found === null || found === 'method') throw new AppFailure('platform.unknown', 'no such request')
  await writeReply(response, await found.endpoint.handle(exchangeOf(request, response, found.segments)))
}

/**
 * SECURITY: a page in a browser on this machine can reach loopback too. It always sends its origin with what matters, and
 * after DNS rebinding a host name that isn't ours; programs do neither.
 */
function requireLocalProgram(request: IncomingMessage): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '')
  if (request.headers.origin !== undefined || !['127.0.0.1', 'localhost', '[::1]'].includes(host)) {
    throw new AppFailure('platform.refused', 'only programs on this machine are served')
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : 'thrown'
}
