import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { AppFailure, isFailureCode } from '../contract/failure.ts'
import { fieldsOf, patterns } from '../platform/index.ts'

export interface SpawnOptions {
  /** The built program, `out/practice.cjs`. */
  readonly program: string
  readonly dir: string
  readonly opened?: string
  readonly port?: number
  /** `http(s)://HOST[:PORT]/BUCKET`: uploads go there instead of into the folder. The environment has the keys. */
  readonly s3?: string
  readonly s3Region?: string
  /** What runs the program; this process's own Node unless told otherwise. */
  readonly execPath?: string
  /** The child's environment; must hold no PIN. This process's own, without ours that could, unless told otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Takes the platform's log, line by line. */
  readonly onLog?: (line: string) => void
}

/** A practice platform in a process of its own; it ends with this one at the latest. */
export interface SpawnedPlatform {
  readonly url: string
  readonly adminToken: string
  readonly pid: number
  /** The S3-compatible store its uploads go to; null where that is its folder. */
  readonly store: string | null
  /** Settles when the process has ended, whatever ended it. */
  readonly ended: Promise<void>
  /** Ends it in order and waits. */
  close(): Promise<void>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** Starts the platform and waits until it listens. Throws the failure it names, `internal` when it ends without a word. */
export async function spawnPracticePlatform(options: SpawnOptions): Promise<SpawnedPlatform> {
  const child = spawn(
    options.execPath ?? process.execPath,
    [
      options.program,
      ...['--dir', options.dir],
      ...(options.opened === undefined ? [] : ['--opened', options.opened]),
      ...['--port', String(options.port ?? 0)],
      ...(options.s3 === undefined ? [] : ['--s3', options.s3]),
      ...(options.s3Region === undefined ? [] : ['--s3-region', options.s3Region]),
      '--with-parent',
      ...(options.onLog === undefined ? ['--quiet'] : []),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...(options.env ?? environmentWithoutPins()) } },
  )
  const ended = new Promise<void>(resolve => {
    child.once('close', () => {
      resolve()
    })
    child.once('error', () => {
      resolve()
    })
  })
  child.stdin.on('error', () => undefined)
  createInterface(child.stderr).on('line', line => options.onLog?.(line))
  const line = await firstLine(child.stdout, ended)
  const start = fieldsOf(JSON.parse(line), 'internal')
  const code = start.textOrNull('code', /^[a-z.-]{1,60}$/)
  if (code !== null) {
    await ended
    throw new AppFailure(isFailureCode(code) ? code : 'internal', start.text('detail', /^[^\n]{0,1000}$/))
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return {
    url: start.text('url', /^http:\/\/127\.0\.0\.1:\d{1,5}$/),
    adminToken: start.text('adminToken', /^[A-Za-z0-9_-]{20,100}$/),
    pid: start.count('pid'),
    store: start.textOrNull('store', patterns.line),
    ended,
    close: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

async function firstLine(stream: NodeJS.ReadableStream, ended: Promise<void>): Promise<string> {
  const lines = createInterface(stream)
  const line = await Promise.race([
    new Promise<string>(resolve => {
      lines.once('line', resolve)
    }),
    ended.then(() => null),
  ])
  if (line === null) throw new AppFailure('internal', 'the practice platform ended before it listened')
  return line
}

function environmentWithoutPins(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^BIDSEAL_PIN(_|$)/.test(name)))
}
