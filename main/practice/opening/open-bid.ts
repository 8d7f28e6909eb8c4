import { mkdir, open, rename, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  bytesSource,
  encodeDocument,
  openByTwin,
  openSealedBid,
  readSealedBid,
  rebuildArchive,
  verifySealedBid,
} from '../../../crypto/index.ts'
import type { BidSink, ByteSource, OpenedBid, Tender } from '../../../crypto/index.ts'
import { syncFolder, writeFailure, writeFileAtomic } from '../../store/index.ts'
import type { PartName } from '../../platform/index.ts'
import { fileNames } from './file-names.ts'

/** A bid that is opened by its keys, or by the plain twin its bidder has handed in. */
export interface BidToOpen {
  readonly sealId: string
  readonly headerArchive: Uint8Array
  /** The package it was sealed for. */
  readonly tender: Tender
  /** When its certificates are judged. */
  readonly receivedAt: Date
  /** The part keys; null where `parts` are those of its plain twin. */
  readonly partKeys: ReadonlyMap<PartName, Uint8Array> | null
  readonly parts: ReadonlyMap<PartName, ByteSource>
  /** Where opened bids go. */
  readonly folder: string
}

/** Bytes after which what was written is made durable: no flush of others waits for more than this. */
const flushBytes = 16 * 2 ** 20

/**
 * Opens one bid: with its keys checks 1 to 11 on the stored bytes, certificates judged at the receipt's time. The documents
 * stand under `<sealId>/documents` only when every check has held; until then, and after a failure, there is at most a
 * draft folder. `pause` is awaited before each piece. Answers the digest of the opening data. Throws `seal.*`, `output.*`.
 */
export async function openBid(bid: BidToOpen, pause: () => Promise<void>): Promise<string> {
  const final = join(bid.folder, bid.sealId)
  const draft = join(bid.folder, `.${bid.sealId}.${randomBytes(6).toString('hex')}.part`)
  const documents = join(draft, 'documents')
  try {
    await writing(() => mkdir(documents, { recursive: true }))
    const opened = await decrypt(bid, documentSink(documents, pause), pause)
    await writeFileAtomic(join(draft, 'opening.json'), encodeDocument('opening', opened.opening))
    await writing(async () => {
      await syncFolder(documents)
      // A folder that is there already is this bid's from a run whose record was lost; it holds the same bytes.
      await rm(final, { recursive: true, force: true })
      await rename(draft, final)
      await syncFolder(bid.folder)
    })
    return opened.bid.openingDigest
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function decrypt(bid: BidToOpen, sink: BidSink, pause: () => Promise<void>): Promise<OpenedBid> {
  const { tender, receivedAt, partKeys } = bid
  const parts = new Map([...bid.parts].map(([name, source]) => [name, paced(source, pause)]))
  const trust = { anchors: tender.anchors, tender, at: receivedAt }
  if (partKeys === null) {
    const header = await readSealedBid(bytesSource(bid.headerArchive))
    return openByTwin(await verifySealedBid(header, { ...trust, skipParts: true }), parts, sink)
  }
  const sealed = await readSealedBid(rebuildArchive(bid.headerArchive, parts))
  return openSealedBid(await verifySealedBid(sealed, trust), partKeys, sink)
}

/** The same bytes, a piece at a time, each when its time has come. */
function paced(source: ByteSource, pause: () => Promise<void>): ByteSource {
  return {
    size: source.size,
    async read(offset, into) {
      await pause()
      await source.read(offset, into)
    },
    close: () => source.close(),
  }
}

function documentSink(folder: string, pause: () => Promise<void>): BidSink {
  const nameOf = fileNames()
  return {
    async document(entry) {
      const handle = await writing(() => open(join(folder, nameOf(entry.name)), 'wx'))
      let unflushed = 0
      return {
        async write(bytes) {
          await pause()
          await writing(() => handle.writeFile(bytes))
          unflushed += bytes.length
          if (unflushed < flushBytes) return
          unflushed = 0
          await writing(() => handle.datasync())
        },
        async close() {
          await writing(() => handle.sync()).finally(() => handle.close())
        },
      }
    },
  }
}

async function writing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw writeFailure(error)
  }
}
