import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import type { Json } from '../../platform/index.ts'
import { isMissing, syncFolder, writeFailure } from '../../store/index.ts'

/**
 * Changes in the order they came, in one file that only grows: what comes while the disk is busy shares the next flush,
 * so that a thousand releases cost a few of them. A line is one flush: a digest, then its changes.
 */
export interface OpeningLog {
  /** Durable when it resolves. Throws `output.disk-full`, `output.unwritable`; then nothing of the change is kept. */
  append(change: Json): Promise<void>
  /** Empties the log once nothing is being written and `isDone` says that nothing in it is needed any more. */
  clear(isDone: () => boolean): Promise<void>
  /** Waits for what is being written. */
  close(): Promise<void>
}

/**
 * What a log holds, oldest first; nothing where there is none. A last line that a power cut has torn was never answered
 * for, and is left out. Throws `input.unreadable` for a damaged line before others.
 */
export async function* readOpeningLog(path: string): AsyncGenerator<unknown, void, undefined> {
  let torn = false
  for await (const line of linesOf(path)) {
    // A line is only begun when the one before is durable.
    if (torn) throw new AppFailure('input.unreadable', 'the log of the openings is damaged')
    const found = changesIn(line)
    if (found === null) torn = true
    else yield* found
  }
}

/** An empty log at a path; what was there is gone, and must be elsewhere by now. */
export async function openOpeningLog(path: string): Promise<OpeningLog> {
  const file = await open(path, 'w', 0o600)
  await file.datasync()
  await syncFolder(dirname(path))
  let length = 0
  let broken: AppFailure | null = null
  let waiting: Waiting[] = []
  let emptying: (() => boolean) | null = null
  let working: Promise<void> | null = null

  const work = async (): Promise<void> => {
    // Whoever comes in this very moment comes along.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const line = lineOf(batch.map(each => each.change))
      try {
        if (broken !== null) throw broken
        await writeAll(file, line, length)
        length += line.length
        for (const { done } of batch) done()
      } catch (error) {
        const failure = writeFailure(error)
        broken ??= await cutOff(file, length)
        for (const { failed } of batch) failed(failure)
      }
    }
    if (emptying?.() === true && length > 0 && broken === null) {
      broken = await cutOff(file, 0)
      length = 0
    }
    emptying = null
  }
  const start = (): Promise<void> => {
    working ??= work().finally(() => {
      working = null
      if (waiting.length > 0) void start()
    })
    return working
  }

  return {
    append(change) {
      return new Promise<void>((done, failed) => {
        waiting.push({ change, done, failed })
        void start()
      })
    },
    async clear(isDone) {
      emptying = isDone
      await start()
    },
    async close() {
      for (let running = working; running !== null; running = working) await running
      await file.close()
    },
  }
}

interface Waiting {
  readonly change: Json
  readonly done: () => void
  readonly failed: (error: Error) => void
}

/** Takes back what was half written; a disk that refuses even that gets nothing more. */
async function cutOff(file: FileHandle, length: number): Promise<AppFailure | null> {
  try {
    await file.truncate(length)
    await file.datasync()
    return null
  } catch (error) {
    return writeFailure(error)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
  await file.datasync()
}

function lineOf(changes: readonly Json[]): Uint8Array {
  const text = JSON.stringify(changes)
  return Buffer.from(`${digestOf(text)} ${text}\n`)
}

function changesIn(line: string): readonly unknown[] | null {
  const text = line.slice(digestLength + 1)
  if (line.slice(0, digestLength) !== digestOf(text)) return null
  return JSON.parse(text) as readonly unknown[]
}

const digestLength = 64

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A piece of the file at a time: it may be larger than a text can be. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  const file = await openIfThere(path)
  if (file === null) return
  try {
    let begun: Uint8Array[] = []
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes)
      if (bytesRead === 0) break
      let start = 0
      for (let end = buffer.indexOf(newLine); end >= 0 && end < bytesRead; end = buffer.indexOf(newLine, start)) {
        yield Buffer.concat([...begun, buffer.subarray(start, end)]).toString()
        begun = []
        start = end + 1
      }
      begun.push(buffer.subarray(start, bytesRead))
    }
    const rest = Buffer.concat(begun).toString()
    if (rest !== '') yield rest
  } finally {
    await file.close()
  }
}

const pieceBytes = 2 ** 20
const newLine = 0x0a

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw new AppFailure('input.unreadable', 'the log of the openings cannot be read', { cause: error })
  }
}
