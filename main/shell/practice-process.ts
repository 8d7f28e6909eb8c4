import { createInterface } from 'node:readline'
import { utilityProcess } from 'electron'
import { AppFailure, isFailureCode } from '../contract/failure.ts'
import { fieldsOf } from '../platform/index.ts'
import type { SpawnedPlatform } from '../practice/index.ts'
import { childEnvironment, endByForce, endOnFault } from './utility-process.ts'

/** What the practice platform is started with. */
export interface PracticeFolders {
  readonly dir: string
  /** Where what it decrypts goes. */
  readonly opened: string
}

/**
 * Starts the practice platform (its built file) in a utility process, which ends with the app at the latest. Answers when
 * it listens. Throws the failure it names, `internal` when it ends without a word.
 */
export async function startPracticeProcess(program: string, folders: PracticeFolders): Promise<SpawnedPlatform> {
  const child = utilityProcess.fork(program, ['--dir', folders.dir, '--opened', folders.opened, '--quiet'], {
    serviceName: 'BidSeal practice platform',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: childEnvironment(process.env),
    execArgv: [],
  })
  endOnFault(child)
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => resolve())
  })
  const start = fieldsOf(JSON.parse(await firstLine(child.stdout, ended)), 'internal')
  const code = start.textOrNull('code', /^[a-z.-]{1,60}$/)
  if (code !== null) {
    await ended
    throw new AppFailure(isFailureCode(code) ? code : 'internal', start.text('detail', /^[^\n]{0,1000}$/))
  }
  return {
    url: start.text('url', /^http:\/\/127\.0\.0\.1:\d{1,5}$/),
    adminToken: start.text('adminToken', /^[A-Za-z0-9_-]{20,100}$/),
    pid: start.count('pid'),
    store: start.textOrNull('store', /^[^\n]{1,1000}$/),
    ended,
    async close() {
      child.kill()
      await ended
    },
    async kill() {
      endByForce(child)
      await ended
    },
  }
}

async function firstLine(stream: NodeJS.ReadableStream | null, ended: Promise<void>): Promise<string> {
  if (stream === null) throw new AppFailure('internal', 'the practice platform has no output')
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
