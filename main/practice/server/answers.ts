import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { ByteSource } from '../../../crypto/index.ts'
import type { Refusal } from './refusals.ts'
import type { Reply } from './router.ts'

/** Writes a handler's reply. Answers are never cached: each is about this moment. */
export async function writeReply(response: ServerResponse, reply: Reply): Promise<void> {
  switch (reply.kind) {
    case 'json':
      send(response, 200, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(reply.json)))
      return
    case 'bytes':
      send(response, 200, reply.type, reply.bytes)
      return
    case 'source':
      await sendSource(response, reply.type, reply.source)
      return
    case 'handled':
      return
  }
}

/**
 * Writes a refusal. What the client is still sending is read first, within bounds: closing on it would reset the
 * connection, and the client would see a network fault instead of the reason.
 */
export async function writeRefusal(response: ServerResponse, refusal: Refusal): Promise<void> {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (!(await readOut(response.req))) response.setHeader('connection', 'close')
  const { code, detail, says } = refusal
  send(response, refusal.status, 'application/json; charset=utf-8', Buffer.from(JSON.stringify({ code, detail, says })))
}

/** Most bytes of a refused request that are read for the sake of its answer: two chunks of an upload. */
const readOutBytes = 8 * 1024 * 1024
/** And the longest time, in milliseconds. */
const readOutTime = 10_000

/** Whether the request came to its end. */
function readOut(request: IncomingMessage): Promise<boolean> {
  if (request.complete || request.destroyed) return Promise.resolve(request.complete)
  return new Promise(resolve => {
    let length = 0
    const timer = setTimeout(() => {
      resolve(false)
    }, readOutTime)
    request.on('data', (piece: Uint8Array) => {
      length += piece.length
      if (length > readOutBytes) resolve(false)
    })
    request.once('close', () => {
      clearTimeout(timer)
      resolve(request.complete)
    })
    request.once('end', () => {
      clearTimeout(timer)
      resolve(true)
    })
    request.resume()
  })
}

function send(response: ServerResponse, status: number, type: string, bytes: Uint8Array): void {
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, 'cache-control': 'no-store' })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

async function sendSource(response: ServerResponse, type: string, source: ByteSource): Promise<void> {
  try {
    response.writeHead(200, { 'content-type': type, 'content-length': source.size, 'cache-control': 'no-store' })
    await pipeline(piecesOf(source), response)
  } finally {
    await source.close()
  }
}

/** The bytes of a source in order. */
export async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  const pieceBytes = 256 * 1024
  for (let offset = 0; offset < source.size; offset += pieceBytes) {
    const piece = new Uint8Array(Math.min(pieceBytes, source.size - offset))
    await source.read(offset, piece)
    yield piece
  }
}
