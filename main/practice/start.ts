import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { nodeFiles, systemClock } from '../../crypto/index.ts'
import type { Clock } from '../../crypto/index.ts'
import type { PracticeContext } from './context.ts'
import { claimFolder } from './instance.ts'
import { moveAllOn } from './opening/window.ts'
import { loadPlatformKeys } from './platform-keys.ts'
import { adminEndpoints } from './server/admin.ts'
import { apiEndpoints } from './server/api.ts'
import { practiceServer } from './server/practice-server.ts'
import { openUploads } from './server/uploads.ts'
import { openBidShelf } from './state/bid-shelf.ts'
import { prepareFolders } from './state/folders.ts'
import { keyedLock } from './state/keyed-lock.ts'
import { openNonces } from './state/nonces.ts'
import { openOpeningShelf } from './state/opening-shelf.ts'
import { openPracticeClock } from './state/practice-clock.ts'
import { openTenderShelf } from './state/tender-shelf.ts'
import { resumeCompletions } from './submission/complete.ts'

export interface PracticeOptions {
  /** A folder `setupPracticePlatform` has been run on. */
  readonly dir: string
  /** Where decrypted bids go; `dir/opened` unless told otherwise. */
  readonly opened?: string
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** The machine's clock; the platform's own is this one, moved forward. */
  readonly machineClock?: Clock
  readonly log?: (line: string) => void
}

/** A practice platform that is listening. */
export interface PracticePlatform {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** For the `/practice` requests; another one after each start. */
  readonly adminToken: string
  /** Stops listening, drops connections, waits for what is being written. State stays as it is. */
  close(): Promise<void>
}

/** How often openings are looked at when nobody asks, in milliseconds. */
const tick = 500

/**
 * Starts the practice platform on loopback. Everything it knows is read from its folder, and what a killed run left
 * undone is taken up. Throws `arguments.bad` when the folder holds no platform or another one serves it.
 */
export async function startPracticePlatform(options: PracticeOptions): Promise<PracticePlatform> {
  const machineClock = options.machineClock ?? systemClock
  const log = options.log ?? (() => undefined)
  const keys = await loadPlatformKeys(options.dir)
  const folders = await prepareFolders(options.dir, options.opened)
  const bids = await openBidShelf(folders)
  const context: PracticeContext = {
    folders,
    keys,
    bids,
    log,
    files: nodeFiles,
    suite: keys.suite,
    clock: await openPracticeClock(join(folders.root, 'clock.json'), machineClock),
    nonces: await openNonces(folders.nonces, join(folders.keys, 'nonce.json'), machineClock),
    tenders: await openTenderShelf(folders.tenders, keys),
    openings: await openOpeningShelf(folders),
    uploads: openUploads(folders.uploads, bids),
    lock: keyedLock(),
    completions: new Map(),
    decisions: new Map(),
  }
  const adminToken = randomBytes(24).toString('base64url')
  const instanceId = randomUUID()
  const server = practiceServer([...apiEndpoints(context), ...adminEndpoints(context, adminToken)], log)
  server.on('request', (_, response) => {
    response.setHeader('x-practice-instance', instanceId)
  })
  const claim = await claimFolder(folders.root, instanceId)
  // Before anybody can ask: an opening that begins waits for the submissions that are being completed.
  resumeCompletions(context)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await claim.listening(port)

  const moving = setInterval(() => {
    moveAllOn(context).catch((error: unknown) => {
      log(`openings could not be looked at: ${error instanceof Error ? error.message : 'thrown'}`)
    })
  }, tick)
  moving.unref()

  return {
    url: `http://127.0.0.1:${port}`,
    adminToken,
    async close() {
      clearInterval(moving)
      server.close()
      server.closeAllConnections()
      await Promise.allSettled([...context.completions.values(), ...context.decisions.values()])
      await claim.release()
    },
  }
}
