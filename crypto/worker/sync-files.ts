import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { CryptoFailure } from '../errors.ts'
import { readFailure, writeFailure } from '../io/file-failures.ts'

// A thread that does nothing else may wait for the disk: no promise, no copy, no other thread's pool.

/** Unknown to Windows. */
const noFollow = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0

/** Opens a regular file and tells its length. Throws `input.unreadable`. */
export function openFile(path: string): { readonly descriptor: number; readonly size: number } {
  const descriptor = reading(() => openSync(path, 'r'))
  try {
    const status = reading(() => fstatSync(descriptor))
    if (!status.isFile()) throw new CryptoFailure('input.unreadable', 'not a regular file')
    return { descriptor, size: status.size }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Opens an existing file to write into it; never through a link. Throws `output.*`. */
export function openForWriting(path: string): number {
  return writing(() => openSync(path, constants.O_WRONLY | noFollow))
}

/** Closes what {@link openFile} opened; never throws. */
export function closeFile(descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch {
    // Nothing was written through it.
  }
}

/** Closes what {@link openForWriting} opened. Throws `output.*`: some file systems tell only now. */
export function closeWritten(descriptor: number): void {
  writing(() => closeSync(descriptor))
}

/** Length of an open file now. Throws `input.unreadable`. */
export function fileSize(descriptor: number): number {
  return reading(() => fstatSync(descriptor)).size
}

/** Fills all of `into`. Throws `input.unreadable`, `input.changed` when the file ends before. */
export function readFully(descriptor: number, into: Uint8Array, offset: number): void {
  for (let done = 0; done < into.length;) {
    const from = done
    const count = reading(() => readSync(descriptor, into, from, into.length - from, offset + from))
    if (count === 0) throw new CryptoFailure('input.changed', 'the file has become shorter')
    done += count
  }
}

/** Writes all of `bytes`. Throws `output.disk-full`, `output.unwritable`. */
export function writeFully(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    const from = done
    done += writing(() => writeSync(descriptor, bytes, from, bytes.length - from, offset + from))
  }
}

function reading<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw readFailure(error)
  }
}

function writing<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw writeFailure(error)
  }
}
