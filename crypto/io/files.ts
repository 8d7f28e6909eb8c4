import type { ByteSource } from './source.ts'

/** A file being made under a temporary name beside its final one. Nothing stands under the final name before `commit`. */
export interface DraftFile {
  /** Where the bytes are until `commit`; the self-test reads them from here. */
  readonly draftPath: string
  /** The open file, where it is a regular one: worker threads write there themselves, past `write`. */
  readonly descriptor?: number | undefined
  /** Writes all of `bytes` at `offset` (bytes from the start). Throws `output.disk-full` or `output.unwritable`. */
  write(offset: number, bytes: Uint8Array): Promise<void>
  /** Flushes the data to the medium; the draft stays a draft. */
  flush(): Promise<void>
  /** Flushes, gives the file its final name, flushes the folder. After it the draft is closed. */
  commit(): Promise<void>
  /** Closes and removes the draft. Harmless after `commit` or a second time; never throws. */
  discard(): Promise<void>
}

/** The file system, as far as this library needs it. */
export interface FileSystem {
  /**
   * Whether paths are those of the computer's own files, and nothing is lost when a worker thread opens them past this
   * port. Absent: everything goes through here.
   */
  readonly plain?: boolean | undefined
  /** Opens a file for reading. Throws `input.unreadable`. */
  open(path: string): Promise<ByteSource>
  /**
   * Begins a file of `size` bytes that will stand under `path`, as `path` + `.part`. A draft left by a killed run is
   * overwritten. Checks the free space first where the system tells it: `output.disk-full` with how much is missing.
   */
  create(path: string, size: number): Promise<DraftFile>
}
