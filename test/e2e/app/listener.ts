import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
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

/** What comes over UDP and TCP, whatever it is. */
export interface RawListener {
  readonly udp: number
  readonly tcp: number
  /** How many packets, and how many connections. */
  came(): { readonly udp: number; readonly tcp: number }
  close(): Promise<void>
}

/** Listens on loopback for packets and connections, and answers nothing. */
export async function listenRaw(): Promise<RawListener> {
  const came = { udp: 0, tcp: 0 }
  const packets = createSocket('udp4').on('message', () => (came.udp += 1))
  const connections = createTcpServer(socket => {
    came.tcp += 1
    socket.on('error', () => undefined).destroy()
  })
  await Promise.all([
    new Promise<void>(resolve => packets.bind(0, '127.0.0.1', resolve)),
    new Promise<void>(resolve => connections.listen(0, '127.0.0.1', resolve)),
  ])
  return {
    udp: packets.address().port,
    tcp: (connections.address() as AddressInfo).port,
    came: () => ({ ...came }),
    async close() {
      packets.close()
      await new Promise(resolve => connections.close(resolve))
    },
  }
}
