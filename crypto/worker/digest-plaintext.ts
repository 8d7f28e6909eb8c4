import { chunkSize } from '../envelope/part-layout.ts'
import type { BulkSuite, RunningDigest } from '../suite.ts'
import { digestSize, type OpenTask } from './protocol.ts'
import { layOut } from './stretches.ts'

/** Digests the documents of a part from its chunks in order. */
export interface PlaintextDigest {
  take(index: number, chunk: Uint8Array): void
  /** The digests of all documents, one after the other. */
  finish(): Uint8Array
}

/** Begins the digests of an {@link OpenTask}. */
export function digestPlaintext({ expected }: OpenTask, suite: BulkSuite): PlaintextDigest {
  let documents = 0
  const spans = expected.map(segment =>
    segment.kind === 'bytes'
      ? { length: segment.bytes.length, document: null }
      : { length: segment.length, document: documents++ },
  )
  const laid = layOut(spans, ({ length }) => length)
  const empty = suite.digest()
  const found = new Uint8Array(documents * digestSize)
  for (let place = 0; place < documents; place += 1) found.set(empty, place * digestSize)
  let running: RunningDigest | null = null
  return {
    take(index, chunk) {
      laid.within(index * chunkSize, chunk.length, ({ length, document }, from, at, count) => {
        if (document === null) return
        running ??= suite.createDigest()
        running.update(chunk.subarray(at, at + count))
        if (from + count < length) return
        found.set(running.digest(), document * digestSize)
        running = null
      })
    },
    finish: () => found,
  }
}
