import { AppFailure } from '../../contract/failure.ts'
import { crc32 } from '../documents/images/crc.ts'

/** Files by name, in the order of the archive. */
export type Entries = ReadonlyMap<string, Uint8Array>

/** Most entries and longest entry of a package: nobody's memory is filled by a file that claims to be one. */
const maxEntries = 2000
const maxName = 200
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/

const localHeader = 30
const centralHeader = 46
const endRecord = 22

/**
 * Packs files as a ZIP that is a function of their names and bytes: stored, in the order of their names, dated 1980-01-01,
 * without any optional field (APPNOTE 6.3.10, 4.3). So a reader can build it again and see every changed byte.
 */
export function writeCanonicalZip(files: Entries): Uint8Array {
  const names = [...files.keys()].sort(byBytes)
  const locals: Uint8Array[] = []
  const centrals: Uint8Array[] = []
  let offset = 0
  for (const name of names) {
    if (!nameForm.test(name) || name.length > maxName) throw new AppFailure('internal', 'a strange name in a package')
    const bytes = files.get(name) ?? new Uint8Array(0)
    const encoded = Buffer.from(name, 'latin1')
    const common = commonFields(bytes, encoded.length)
    locals.push(Buffer.concat([signature(0x04034b50), common, encoded]), bytes)
    centrals.push(Buffer.concat([signature(0x02014b50), u16(20), common, centralFields(offset), encoded]))
    offset += localHeader + encoded.length + bytes.length
  }
  const central = Buffer.concat(centrals)
  const end = Buffer.concat([
    ...[signature(0x06054b50), u16(0), u16(0), u16(names.length), u16(names.length)],
    ...[u32(central.length), u32(offset), u16(0)],
  ])
  return new Uint8Array(Buffer.concat([...locals, central, end]))
}

/**
 * Reads what {@link writeCanonicalZip} writes, and nothing else: whatever differs by one byte from the archive of its own
 * entries is `evidence.broken`, with the entry it lies in.
 */
export function readCanonicalZip(archive: Uint8Array): Entries {
  const files = new Map<string, Uint8Array>()
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  let at = 0
  while (at + localHeader <= archive.length && view.getUint32(at, true) === 0x04034b50) {
    const checksum = view.getUint32(at + 14, true)
    const size = view.getUint32(at + 22, true)
    const start = at + localHeader + view.getUint16(at + 26, true)
    const before = [...files.keys()].at(-1)
    if (start + size > archive.length) throw broken(before ?? 'ZIP', 'the entry after it is longer than the file')
    const name = Buffer.from(archive.subarray(at + localHeader, start)).toString('latin1')
    if (!nameForm.test(name) || name.length > maxName) throw broken(before ?? 'ZIP', 'an impossible name follows it')
    if (before !== undefined && byBytes(before, name) >= 0) throw broken(name, 'it is out of order')
    if (files.size >= maxEntries) throw broken(name, 'more entries than a package has')
    const bytes = archive.subarray(start, start + size)
    if (crc32(bytes) !== checksum) throw broken(name, 'its bytes do not match its checksum')
    files.set(name, bytes)
    at = start + size
  }
  requireSame(archive, writeCanonicalZip(files), files)
  return files
}

/** What makes a package fail: the entry, and what is wrong with it. */
export function broken(entry: string, why: string, cause?: unknown): AppFailure {
  return new AppFailure('evidence.broken', `${entry}: ${why}`, cause === undefined ? {} : { cause })
}

function requireSame(archive: Uint8Array, rebuilt: Uint8Array, files: Entries): void {
  if (Buffer.compare(archive, rebuilt) === 0) return
  const shorter = Math.min(archive.length, rebuilt.length)
  let differs = 0
  while (differs < shorter && archive[differs] === rebuilt[differs]) differs += 1
  throw broken(entryAt(files, differs), 'the archive differs from the one its entries make')
}

/** Whose header, content or directory line a byte of the archive belongs to. */
function entryAt(files: Entries, offset: number): string {
  const names = [...files.keys()]
  let end = 0
  for (const name of names) {
    end += localHeader + name.length + (files.get(name)?.length ?? 0)
    if (offset < end) return name
  }
  for (const name of names) {
    end += centralHeader + name.length
    if (offset < end) return name
  }
  return offset < end + endRecord ? 'ZIP' : 'bytes after the archive'
}

/** What local and central headers share: version 2.0, no flags, stored, the first moment DOS knows. */
function commonFields(bytes: Uint8Array, nameLength: number): Buffer {
  const size = u32(bytes.length)
  return Buffer.concat([
    u16(20),
    u16(0),
    u16(0),
    u16(0),
    u16(0x21),
    u32(crc32(bytes)),
    size,
    size,
    u16(nameLength),
    u16(0),
  ])
}

function centralFields(offset: number): Buffer {
  return Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)])
}

function signature(value: number): Buffer {
  return u32(value)
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
