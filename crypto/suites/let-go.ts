import { MessageChannel } from 'node:worker_threads'

const { port1: closed } = new MessageChannel()
closed.close()

/**
 * Gives the memory of bytes that nobody will look at again back at once, and leaves them empty. Every update of a cipher
 * allocates its output outside the heap; the collector would come for it only after tens of megabytes, and each would be new
 * memory for the system to clear. What is transferred to a closed port is freed there and then.
 */
export function letGo({ buffer, length }: Uint8Array): void {
  // A buffer that others may have a view of stays.
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return
  try {
    closed.postMessage(null, [buffer])
  } catch {
    // It can't be transferred: the collector's business after all.
  }
}
