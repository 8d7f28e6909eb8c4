import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

/** A virtual display of this test process; it ends with it. */
let display: Promise<string> | null = null

/** The name of a display to open windows on, for `DISPLAY`. */
export function testDisplay(): Promise<string> {
  display ??= startDisplay()
  return display
}

function startDisplay(): Promise<string> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '2600x1700x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => server.kill('SIGKILL'))
  return numberOf(server)
}

function numberOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', () => reject(new Error('Xvfb cannot be started (Debian: apt-get install xvfb)')))
    server.once('exit', code => reject(new Error(`Xvfb ended with ${code ?? 'a signal'}`)))
    server.stdio[3]?.once('data', (bytes: Uint8Array) => resolve(`:${Buffer.from(bytes).toString().trim()}`))
  })
}
