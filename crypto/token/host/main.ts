import { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { TokenDriver } from '../port.ts'
import type { LocalRawLibrary } from '../raw/library.ts'
import type { RawModule } from '../raw/raw-call.ts'
import type { TokenModule } from './calls.ts'
import type { HostChannel } from './serve.ts'
import { serveTokenHost } from './serve.ts'

/** Exit codes of a token process that ends by itself. */
const exitCodes = { closed: 0, gone: 0, malformed: 65 } as const

/** What Electron puts on `process` in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(message: unknown): void
}

const port = parentPort()
// Ctrl-C reaches the whole process group: it is the application that decides what it means.
process.on('SIGINT', () => undefined)
if (port === null) watchParent()
const channel = port === null ? descriptorChannel() : portChannel(port)
void serveTokenHost(channel, openDriver, openRaw).then(end => process.exit(exitCodes[end]))

/** The drivers are loaded when they are asked for: a PKCS #11 process has no use for the PKCS #12 reader. */
async function openDriver(module: TokenModule): Promise<TokenDriver> {
  if (module.kind === 'pkcs11') {
    const { openPkcs11Driver } = await import('../pkcs11/driver.ts')
    return openPkcs11Driver(module.path, module.profile)
  }
  if (module.kind === 'skf') {
    const { openSkfDriver } = await import('../skf/driver.ts')
    return openSkfDriver(module.path, module.profile)
  }
  const { openSoftDriver } = await import('../soft/driver.ts')
  return openSoftDriver(module.path)
}

async function openRaw(module: RawModule): Promise<LocalRawLibrary> {
  const { openRawLibrary } = await import('../raw/library.ts')
  return openRawLibrary(module)
}

/** Child process: fd 3, because vendor libraries print on the standard streams. */
function descriptorChannel(): HostChannel {
  const socket = new Socket({ fd: 3, readable: true, writable: true })
  return {
    send: bytes => void socket.write(bytes),
    listen(onBytes, onEnd) {
      socket.on('data', onBytes)
      socket.on('end', onEnd)
      socket.on('close', onEnd)
      socket.on('error', onEnd)
    },
  }
}

/** Utility process: the frames travel as messages, one or more in each. Electron ends it with the application. */
function portChannel(port: ParentPort): HostChannel {
  return {
    send: bytes => port.postMessage(bytes),
    listen(onBytes) {
      port.on('message', ({ data }) => onBytes(data instanceof Uint8Array ? data : new Uint8Array(8)))
    },
  }
}

function parentPort(): ParentPort | null {
  const candidate: unknown = Reflect.get(process, 'parentPort')
  return isParentPort(candidate) ? candidate : null
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value
}

/**
 * A library that hangs keeps this thread from seeing that fd 3 was closed. Another thread looks whether the parent still
 * lives, so that no process with a logged-in token is left behind.
 */
function watchParent(): void {
  const source = `
    const parent = ${process.ppid}
    setInterval(() => {
      try {
        process.kill(parent, 0)
        if (process.platform === 'win32' || process.ppid === parent) return
      } catch {}
      process.kill(process.pid, 'SIGKILL')
    }, 500)`
  new Worker(source, { eval: true, env: {}, stdin: false }).unref()
}
