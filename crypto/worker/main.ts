import { parentPort } from 'node:worker_threads'
import { perform } from './perform.ts'
import type { Order } from './protocol.ts'

// The program of a pipeline's thread, built as a file of its own. It does one run after the other until it is ended.

parentPort?.on('message', (order: Order) => {
  parentPort?.postMessage(perform(order))
})
