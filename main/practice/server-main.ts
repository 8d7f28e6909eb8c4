import { parseArgs } from 'node:util'
import { AppFailure } from '../contract/failure.ts'
import { judgeArgument, runJudge } from './opening/judge-thread.ts'
import { openerArgument, runOpener } from './opening/opener-process.ts'
import { startPracticePlatform } from './start.ts'
import type { PracticeOptions } from './start.ts'
import { s3PlaceOf } from './storage.ts'

// The practice platform as a process of its own:
//   practice --dir DIR [--opened DIR] [--port N] [--s3 URL [--s3-region R]] [--with-parent] [--quiet]
// Prints one JSON line {url, adminToken, store, pid} when it listens; or {code, detail} and exits 2 when it cannot.
// With --with-parent it ends when its stdin does, which is when the parent ends, however that comes about.

// With --open-bids (a process) and --judge-releases (a thread) it is what such a process starts for itself.

if (process.argv[2] === openerArgument) runOpener()
else if (process.argv[2] === judgeArgument) runJudge()
else void main()

async function main(): Promise<void> {
  try {
    const { withParent, ...options } = readArguments()
    const platform = await startPracticePlatform(options)
    const end = (): void => {
      void platform.close().finally(() => process.exit(0))
    }
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    if (withParent) {
      process.stdin.once('end', end)
      process.stdin.once('error', end)
      process.stdin.resume()
    }
    print({ url: platform.url, adminToken: platform.adminToken, store: platform.store, pid: process.pid })
  } catch (error) {
    const failure = error instanceof AppFailure ? error.failure : { code: 'internal', detail: describe(error) }
    print({ code: failure.code, detail: failure.detail ?? '' })
    process.exitCode = 2
  }
}

function readArguments(): PracticeOptions & { readonly withParent: boolean } {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      opened: { type: 'string' },
      port: { type: 'string', default: '0' },
      s3: { type: 'string' },
      's3-region': { type: 'string' },
      'with-parent': { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (values.dir === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppFailure('arguments.bad', '--dir DIR is needed, --port is 0 to 65535')
  }
  return {
    dir: values.dir,
    ...(values.opened === undefined ? {} : { opened: values.opened }),
    port,
    ...(values.s3 === undefined ? {} : { s3: s3PlaceOf(values.s3, values['s3-region']) }),
    ...(process.argv[1] === undefined ? {} : { program: process.argv[1] }),
    withParent: values['with-parent'],
    ...(values.quiet ? {} : { log }),
  }
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'thrown'
}
