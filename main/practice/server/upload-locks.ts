import type { Lock, Locker } from '@tus/server'

/** How long a request waits for an upload somebody else writes to, in milliseconds. */
const patience = 10_000

/** Turns at uploads, for the tus server and for the checks that must not be written into. */
export interface UploadLocks extends Locker {
  /** Runs work while nobody writes to the upload. Throws what a tus request would get: `{status_code: 423}`. */
  exclusively<T>(uploadId: string, work: () => Promise<T>): Promise<T>
}

/**
 * In-process locks that wait in line. Whoever holds one is asked to let go when another comes (a connection the client
 * has given up may sit on it), as the tus protocol wants.
 */
export function uploadLocks(): UploadLocks {
  const held = new Map<string, Holder>()

  const newLock = (uploadId: string): Lock => ({
    async lock(signal, requestRelease) {
      const until = Date.now() + patience
      for (let holder = held.get(uploadId); holder !== undefined; holder = held.get(uploadId)) {
        await holder.requestRelease()
        await releasedOr(holder, signal, until - Date.now())
        if (signal.aborted || (held.has(uploadId) && Date.now() >= until)) throw locked
      }
      held.set(uploadId, newHolder(requestRelease))
    },
    unlock() {
      const holder = held.get(uploadId)
      held.delete(uploadId)
      holder?.release()
      return Promise.resolve()
    },
  })

  return {
    newLock,
    async exclusively(uploadId, work) {
      const lock = newLock(uploadId)
      await lock.lock(new AbortController().signal, () => undefined)
      try {
        return await work()
      } finally {
        await lock.unlock()
      }
    },
  }
}

interface Holder {
  readonly requestRelease: () => Promise<void> | void
  readonly released: Promise<void>
  release(): void
}

// The tus server answers what has a status code as that answer.
const locked = Object.assign(new Error('the upload is being written to'), { status_code: 423, body: 'locked\n' })

function newHolder(requestRelease: Holder['requestRelease']): Holder {
  let release = (): void => undefined
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  return {
    requestRelease,
    released,
    release: () => {
      release()
    },
  }
}

async function releasedOr(holder: Holder, signal: AbortSignal, milliseconds: number): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, Math.max(milliseconds, 0))
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
    void holder.released.then(resolve).finally(() => {
      clearTimeout(timer)
    })
  })
}
