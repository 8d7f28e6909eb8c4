import { spawn } from 'node:child_process'

/** @type {Promise<string> | null} */
let display = null

/**
 * The name, for `DISPLAY`, of a virtual display to open windows on. It is this process's own and ends with it.
 * @returns {Promise<string>}
 */
export function testDisplay() {
  display ??= startDisplay()
  return display
}

/** @returns {Promise<string>} */
function startDisplay() {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '2600x1700x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => server.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    server.once('error', () => reject(new Error('Xvfb cannot be started (Debian: apt-get install xvfb)')))
    server.once('exit', code => reject(new Error(`Xvfb ended with ${code ?? 'a signal'}`)))
    server.stdio[3]?.once('data', bytes => {
      // Waiting for it must not keep a command from ending.
      server.unref()
      resolve(`:${bytes.toString().trim()}`)
    })
  })
}
