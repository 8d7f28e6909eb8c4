import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { nodeFiles, systemClock } from '../../crypto/index.ts'
import type { Clock } from '../../crypto/index.ts'
import type { PracticeContext } from './context.ts'
import { claimFolder } from './instance.ts'
import { aheadOf } from './opening/queue.ts'
import { moveAllOn } from './opening/window.ts'
import { openingWork } from './opening/work.ts'
import { loadPlatformKeys } from './platform-keys.ts'
import { adminEndpoints } from './server/admin.ts'
import { apiEndpoints } from './server/api.ts'
import { practiceServer } from './server/practice-server.ts'
import { eventStreams } from './server/event-streams.ts'
import { folderStore } from './server/folder-store.ts'
import { scripted } from './server/scripted.ts'
import type { OpenUploadStore } from './server/upload-store.ts'
import { openUploads } from './server/uploads.ts'
import { openBidShelf } from './state/bid-shelf.ts'
import { prepareFolders } from './state/folders.ts'
import { keyedLock } from './state/keyed-lock.ts'
import { openNonces } from './state/nonces.ts'
import { openNoticeShelf } from './state/notice-shelf.ts'
import { openOpeningShelf } from './state/opening-shelf.ts'
import { openPracticeClock } from './state/practice-clock.ts'
import { openScript } from './state/script.ts'
import { openTenderShelf } from './state/tender-shelf.ts'
import { openWatchers } from './state/watchers.ts'
import { openStorage } from './storage.ts'
import type { S3Place, S3Storage } from './storage.ts'
import { abandonedUploads } from './submission/abandoned.ts'
import type { Abandoned } from './submission/abandoned.ts'
import { resumeCompletions } from './submission/complete.ts'
import { applyExtensions } from './submission/notices.ts'

export interface PracticeOptions {
  /** A folder `setupPracticePlatform` has been run on. */
  readonly dir: string
  /** Where decrypted bids go; `dir/opened` unless told otherwise. */
  readonly opened?: string
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** The machine's clock; the platform's own is this one, moved forward. */
  readonly machineClock?: Clock
  /** Stores uploads there instead of in the folder, from the first bid on; the folder remembers it. */
  readonly s3?: S3Place
  /** Milliseconds of silence on a stream of events before a sign of life; 15,000 unless told otherwise. */
  readonly heartbeat?: number
  /** The platform's own built program, which opens bids in a process of its own; without it they are opened in this one. */
  readonly program?: string
  readonly log?: (line: string) => void
}

/** A practice platform that is listening. */
export interface PracticePlatform {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** For the `/practice` requests; another one after each start. */
  readonly adminToken: string
  /** The S3-compatible store the uploads go to; null where that is the folder. */
  readonly store: string | null
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
  const instanceId = randomUUID()
  // Before anything in the folder is touched: what a killed run has left is taken up, what a living one writes is not.
  const claim = await claimFolder(options.dir, instanceId)
  const folders = await prepareFolders(options.dir, options.opened)
  const bids = await openBidShelf(folders)
  const openings = await openOpeningShelf(folders)
  const tenders = await openTenderShelf(folders.tenders, keys)
  const notices = await openNoticeShelf(folders.notices)
  applyExtensions(tenders, notices)
  const storage = await openStorage(options.dir, {
    wanted: options.s3,
    hasBids: bids.all().length > 0,
    env: process.env,
  })
  const context: PracticeContext = {
    folders,
    keys,
    bids,
    log,
    files: nodeFiles,
    suite: keys.suite,
    clock: await openPracticeClock(join(folders.root, 'clock.json'), machineClock),
    nonces: await openNonces(folders.nonces, join(folders.keys, 'nonce.json'), machineClock),
    tenders,
    notices,
    openings,
    uploads: await openUploads({
      store: storage === null ? folderStore(folders.uploads) : await openS3(storage),
      bids,
      twinAwaited: ({ openingId, sealDigest }) =>
        openings.opening(openingId)?.closedAt === null && openings.attendance(openingId, sealDigest).twin === 'awaited',
    }),
    watchers: openWatchers(),
    script: openScript(),
    lock: keyedLock(),
    completions: new Map(),
    decisions: new Map(),
    work: openingWork(options.program ?? null, options.dir, keys),
  }
  const adminToken = randomBytes(24).toString('base64url')
  let port = options.port ?? 0
  let closed = false
  const interrupt = (milliseconds: number): void => {
    server.close()
    server.closeAllConnections()
    setTimeout(() => {
      if (!closed) server.listen(port, '127.0.0.1')
    }, milliseconds)
  }
  const streams = eventStreams(context, {
    aheadOf: (openingId, sealDigest) => aheadOf(context, openingId, sealDigest),
    heartbeat: options.heartbeat ?? 15_000,
  })
  const api = scripted(context, apiEndpoints(context, streams))
  const server = practiceServer([...api, ...adminEndpoints(context, adminToken, interrupt)], log)
  server.prependListener('request', (_, response) => {
    response.setHeader('x-practice-instance', instanceId)
  })
  // Before anybody can ask: an opening that begins waits for the submissions that are being completed.
  resumeCompletions(context)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  await claim.listening(port)

  const abandoned = abandonedUploads()
  const moving = setInterval(() => {
    moveOnAndTidy(context, abandoned).catch((error: unknown) => {
      log(`openings could not be looked at: ${error instanceof Error ? error.message : 'thrown'}`)
    })
  }, tick)
  moving.unref()

  return {
    url: `http://127.0.0.1:${port}`,
    adminToken,
    store: storage === null ? null : `${storage.endpoint}/${storage.bucket}`,
    async close() {
      closed = true
      clearInterval(moving)
      streams.close()
      server.close()
      server.closeAllConnections()
      context.work.close()
      await Promise.allSettled([...context.completions.values(), ...context.decisions.values()])
      await openings.close()
      await claim.release()
    },
  }
}

async function moveOnAndTidy(context: PracticeContext, abandoned: Abandoned): Promise<void> {
  await moveAllOn(context)
  await abandoned.remove(context)
}

/** What speaks to an S3 store is large, and only loaded for one. */
async function openS3(storage: S3Storage): Promise<OpenUploadStore> {
  const { s3Store } = await import('./server/s3-store.ts')
  return s3Store(storage)
}
