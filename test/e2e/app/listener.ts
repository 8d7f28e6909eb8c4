import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of another origin that notes whoever comes. */
export interface Listener {
  readonly url: string
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Listens on loopback and answers everything with a page. */
export async function listen(): Promise<Listener> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' })
    response.end('<title>foreign</title>foreign')
  })
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
