import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  archiveLength,
  bytesSource,
  CryptoFailure,
  nodeFiles,
  readSealedBid,
  rebuildArchive,
  throwIfCancelled,
  verifyPartRoots,
} from '../../../crypto/index.ts'
import type { ByteSource, JobControl, SealedBid, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { syncFolder, writeFailure, writeFileAtomic } from '../../store/index.ts'
import { documentBytes, readSmallFile, signatureBytes } from './answers.ts'
import { headerArchiveBytes } from '../wire.ts'
import type { PartName } from '../wire.ts'

/** Bytes copied at a time. */
const pieceBytes = 1024 * 1024

/** What is exported for one bid: a folder named by its sealId. */
export interface Outbox {
  /** Keeps the header archive; answers how many bytes of each part are there already. */
  begin(bid: SealedBid, header: Uint8Array): Promise<ReadonlyMap<PartName, number>>
  /** Copies a part behind what is there. Throws `output.*`, `input.*`, `cancelled`. */
  copyPart(sealId: string, part: PartName, source: ByteSource, control: JobControl): Promise<void>
  /**
   * Puts header and parts together to `<sealId>.sbid`; done before, it does nothing. Throws `seal.root` when the parts are
   * not those of the header: they are dropped, and taken again.
   */
  assemble(sealId: string, control: JobControl): Promise<void>
  /** Writes `name.json` and `name.p7s`, and other small files beside them: what is there as a pair belongs together. */
  keep(sealId: string, name: string, document: SignedDocument, beside?: ReadonlyMap<string, Uint8Array>): Promise<void>
  /** What {@link Outbox.keep} has written under a name; null without a whole pair. */
  kept(sealId: string, name: string): Promise<SignedDocument | null>
  /** The header archive of a bid that was begun here; null for another. */
  header(sealId: string): Promise<{ readonly bid: SealedBid; readonly bytes: Uint8Array } | null>
  folderOf(sealId: string): string
}

/** The outgoing half of an exchange folder. */
export function outboxAt(root: string): Outbox {
  const folderOf = (sealId: string): string => join(root, checkedId(sealId))
  const partPath = (sealId: string, part: PartName): string => join(folderOf(sealId), `${part}.enc.part`)
  const header: Outbox['header'] = async sealId => {
    const bytes = await readSmallFile(join(folderOf(sealId), 'bid.header'), headerArchiveBytes)
    return bytes === null ? null : { bid: await readSealedBid(bytesSource(bytes)), bytes }
  }
  const archivePath = (sealId: string): string => join(folderOf(sealId), `${sealId}.sbid`)
  const isWhole = async (bid: SealedBid): Promise<boolean> =>
    (await sizeOf(archivePath(bid.header.sealId))) === archiveLength(bid)
  return {
    folderOf,
    header,
    async begin(bid, bytes) {
      const { sealId, parts } = bid.header
      await writeFileAtomic(join(folderOf(sealId), 'bid.header'), bytes)
      const whole = await isWhole(bid)
      const offsets = new Map<PartName, number>()
      for (const { name, sealedSize } of parts) {
        const there = whole ? sealedSize : await sizeOf(partPath(sealId, name))
        offsets.set(name, Math.min(there, sealedSize))
      }
      return offsets
    },
    async copyPart(sealId, part, source, control) {
      const known = await header(sealId)
      if (known !== null && (await isWhole(known.bid))) return
      await copy(partPath(sealId, part), source, control)
    },
    async assemble(sealId, control) {
      const known = await header(sealId)
      if (known === null) throw new AppFailure('platform.unknown', 'no such submission in the exchange folder')
      if (await isWhole(known.bid)) return
      const target = archivePath(sealId)
      const draft = `${target}.part`
      const names = known.bid.header.parts.map(({ name }) => name)
      const sources = new Map<PartName, ByteSource>()
      try {
        for (const name of names) sources.set(name, await nodeFiles.open(partPath(sealId, name)))
        const archive = rebuildArchive(known.bytes, sources)
        await rm(draft, { force: true })
        await copy(draft, archive, { signal: control.signal })
        // Read from the disk again: what a person carries away is what counts.
        await requireSealed(draft, known.bid, control)
        await writing(() => rename(draft, target))
        await syncFolder(folderOf(sealId))
      } catch (error) {
        if (error instanceof CryptoFailure && error.code.startsWith('seal.')) {
          // Which part differs is not worth a second reading: all are copied again.
          for (const path of [draft, ...names.map(name => partPath(sealId, name))]) await rm(path, { force: true })
          throw error.code === 'seal.root'
            ? error
            : new CryptoFailure('seal.root', 'the exported parts are not those that were sealed', error)
        }
        throw error
      } finally {
        for (const source of sources.values()) await source.close()
      }
      for (const name of names) await rm(partPath(sealId, name), { force: true })
    },
    async keep(sealId, name, document, beside = new Map()) {
      for (const [file, bytes] of beside) await writeFileAtomic(join(folderOf(sealId), file), bytes)
      const signature = join(folderOf(sealId), `${name}.p7s`)
      await rm(signature, { force: true })
      await writeFileAtomic(join(folderOf(sealId), `${name}.json`), document.bytes)
      await writeFileAtomic(signature, document.signature)
    },
    async kept(sealId, name) {
      const bytes = await readSmallFile(join(folderOf(sealId), `${name}.json`), documentBytes)
      const signature = await readSmallFile(join(folderOf(sealId), `${name}.p7s`), signatureBytes)
      return bytes === null || signature === null ? null : { bytes, signature }
    },
  }
}

/** Throws `seal.root` unless a file is the whole bid of a header, byte for byte. */
async function requireSealed(path: string, { sealDigest }: SealedBid, control: JobControl): Promise<void> {
  const source = await nodeFiles.open(path)
  try {
    const bid = await readSealedBid(source)
    if (bid.kind !== 'whole' || bid.sealDigest !== sealDigest) {
      throw new CryptoFailure('seal.root', 'the exported file is not the one that was sealed')
    }
    await verifyPartRoots(bid, { signal: control.signal })
  } finally {
    await source.close()
  }
}

/** Goes on behind what is there; what is there was flushed before its length was ever told. */
async function copy(path: string, source: ByteSource, control: JobControl): Promise<void> {
  await writing(() => mkdir(join(path, '..'), { recursive: true }))
  const handle = await writing(() => open(path, 'a+'))
  try {
    let offset = (await handle.stat()).size
    if (offset > source.size) {
      await handle.truncate(0)
      offset = 0
    }
    const piece = new Uint8Array(pieceBytes)
    for (; offset < source.size;) {
      throwIfCancelled(control.signal)
      const bytes = piece.subarray(0, Math.min(piece.length, source.size - offset))
      await source.read(offset, bytes)
      await writing(() => handle.writeFile(bytes))
      offset += bytes.length
      control.onProgress?.({ stage: 'upload', done: offset, total: source.size })
    }
    await writing(() => handle.sync())
  } finally {
    await handle.close()
  }
}

async function sizeOf(path: string): Promise<number> {
  return lstat(path).then(
    status => (status.isFile() ? status.size : 0),
    () => 0,
  )
}

async function writing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw writeFailure(error)
  }
}

function checkedId(sealId: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sealId)) return sealId
  throw new CryptoFailure('seal.header', 'the sealId is no UUID')
}
