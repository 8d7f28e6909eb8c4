import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppFailure } from '../../contract/failure.ts'
import { fieldsOf } from '../../platform/index.ts'
import type { Fields, Json, Route } from '../../platform/index.ts'
import type { ByteSource } from '../../../crypto/index.ts'

/** A route of the neutral interface, or one that only exists here and may put a file. */
export type ServedRoute = Route | { readonly method: 'PUT'; readonly path: string }

/** One request being answered. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** A value of the query; null where there is none. */
  query(name: string): string | null
  /** The path's variable segments, unescaped. */
  segment(name: string): string
  /** The body as a JSON object of at most `limit` bytes. Throws `arguments.bad`. */
  json(limit: number): Promise<Fields>
  /** The whole body. Throws `arguments.bad` beyond `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>
}

/** What a handler answers. `handled`: the answer has been written already. */
export type Reply =
  | { readonly kind: 'json'; readonly json: Json }
  | { readonly kind: 'bytes'; readonly type: string; readonly bytes: Uint8Array }
  /** Closed by whoever writes the answer. */
  | { readonly kind: 'source'; readonly type: string; readonly source: ByteSource }
  | { readonly kind: 'handled' }

export interface Endpoint {
  /** Of the route, in its table. */
  readonly name: string
  readonly route: ServedRoute
  handle(exchange: Exchange): Promise<Reply>
}

/** One handler for each name of a route table: a forgotten one does not compile. */
export type Handlers<Routes extends Readonly<Record<string, ServedRoute>>> = Readonly<
  Record<keyof Routes, (exchange: Exchange) => Promise<Reply>>
>

/** Joins a route table and its handlers. */
export function endpointsOf<Routes extends Readonly<Record<string, ServedRoute>>>(
  routes: Routes,
  handlers: Handlers<Routes>,
): readonly Endpoint[] {
  return Object.entries(routes).map(([name, route]) => ({
    name,
    route,
    handle: handlers[name as keyof Routes],
  }))
}

/** Finds whose request this is. `null` for a path nobody has; `method` where the path has other methods only. */
export function findEndpoint(
  endpoints: readonly Endpoint[],
  method: string,
  path: string,
): { readonly endpoint: Endpoint; readonly segments: ReadonlyMap<string, string> } | 'method' | null {
  let known = false
  for (const endpoint of endpoints) {
    const segments = matchPath(endpoint.route.path, path)
    if (segments === null) continue
    if (endpoint.route.method === method) return { endpoint, segments }
    known = true
  }
  return known ? 'method' : null
}

/** The exchange of a matched request. */
export function exchangeOf(
  request: IncomingMessage,
  response: ServerResponse,
  segments: ReadonlyMap<string, string>,
): Exchange {
  const bytes = (limit: number): Promise<Uint8Array> => readBody(request, limit)
  return {
    request,
    response,
    bytes,
    query: name => new URL(request.url ?? '/', 'http://localhost').searchParams.get(name),
    segment: name => segments.get(name) ?? '',
    async json(limit) {
      const body = await bytes(limit)
      let value: unknown
      try {
        value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
      } catch (error) {
        throw new AppFailure('arguments.bad', 'the request is not JSON', { cause: error })
      }
      return fieldsOf(value, 'arguments.bad')
    },
  }
}

function matchPath(pattern: string, path: string): ReadonlyMap<string, string> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const segments = new Map<string, string>()
  for (const [index, part] of wanted.entries()) {
    const found = given[index] ?? ''
    if (!part.startsWith('{')) {
      if (part !== found) return null
      continue
    }
    const text = unescaped(found)
    if (text === null || !/^[A-Za-z0-9._-]{1,200}$/.test(text)) return null
    segments.set(part.slice(1, -1), text)
  }
  return segments
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLong = new AppFailure('arguments.bad', `the request is longer than ${limit} bytes`)
  // Before the first byte: a body that is broken off takes the connection, and the reason, with it.
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLong
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    length += piece.length
    if (length > limit) throw tooLong
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces, length))
}
