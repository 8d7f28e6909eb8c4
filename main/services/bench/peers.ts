import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import type { Contestant } from './measure.ts'
import { timed } from './measure.ts'

/** A file to be read and one of its length that every contestant overwrites in place. */
export interface BenchFiles {
  readonly input: string
  readonly output: string
}

/** A plain copy, 1 MiB at a time. */
export function plainCopy({ input, output }: BenchFiles): Contestant {
  return {
    name: 'copy',
    run: () =>
      timed(async () => {
        const [from, to] = [await open(input, 'r'), await open(output, 'r+')]
        try {
          const buffer = Buffer.allocUnsafe(2 ** 20)
          for (let at = 0; ;) {
            const { bytesRead } = await from.read(buffer, 0, buffer.length, at)
            if (bytesRead === 0) return
            await to.write(buffer, 0, bytesRead, at)
            at += bytesRead
          }
        } finally {
          await from.close()
          await to.close()
        }
      }),
  }
}

/** OpenSSL's streaming encryption to a certificate (PEM): no digest, no signature. */
export function opensslEncrypt(files: BenchFiles, certificate: string): Contestant {
  const args = ['cms', '-encrypt', '-binary', '-stream', '-aes-256-gcm', '-outform', 'DER', '-in', files.input]
  return program('openssl cms -encrypt -stream -aes-256-gcm', 'openssl', [...args, certificate], files.output)
}

/** A program that measures for itself and prints its seconds. */
export function measuredElsewhere(name: string, command: string, args: readonly string[]): Contestant {
  return {
    name,
    async run() {
      const { code, printed } = await ran(command, args, 'pipe')
      const seconds = Number(printed)
      return code === 0 && Number.isFinite(seconds) && seconds > 0 ? seconds : null
    },
  }
}

function program(name: string, command: string, args: readonly string[], output: string): Contestant {
  return {
    name,
    async run() {
      const file = await open(output, 'r+')
      try {
        const started = performance.now()
        const { code } = await ran(command, args, file.fd)
        return code === 0 ? (performance.now() - started) / 1000 : null
      } finally {
        await file.close()
      }
    },
  }
}

function ran(
  command: string,
  args: readonly string[],
  output: number | 'pipe',
): Promise<{ readonly code: number | null; readonly printed: string }> {
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: ['ignore', output, 'ignore'] })
    let printed = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes.toString()
    })
    child.once('error', () => {
      resolve({ code: null, printed: '' })
    })
    child.once('close', code => {
      resolve({ code, printed })
    })
  })
}
