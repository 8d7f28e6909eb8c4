import type { LibrarySystem } from './library-headers.ts'

/** Most names of an export table that are looked at. */
const nameLimit = 100_000

/**
 * Which of some functions a library exports, without loading it: from the export table of a PE file and the dynamic symbols
 * of an ELF file; where there is none that can be read, and for Mach-O, whether the name stands in the file at all.
 */
export function exportedNames(
  bytes: Uint8Array,
  system: LibrarySystem,
  wanted: readonly string[],
): ReadonlySet<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const table = system === 'win32' ? peExports(buffer) : system === 'linux' ? elfExports(buffer) : null
    if (table !== null) return new Set(wanted.filter(name => table.has(name)))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  // An export's name is a string of its own, between zero bytes; Mach-O puts an underscore before it.
  return new Set(wanted.filter(name => buffer.includes(`${name}\0`, 0, 'latin1')))
}

/** IMAGE_EXPORT_DIRECTORY; null for a file without one. Throws RangeError for a place outside the file. */
function peExports(file: Buffer): ReadonlySet<string> | null {
  const at = file.readUInt32LE(0x3c)
  const sections = file.readUInt16LE(at + 6)
  const optional = at + 24
  const directories = optional + (file.readUInt16LE(optional) === 0x20b ? 112 : 96)
  const table = optional + file.readUInt16LE(at + 20)
  const placeOf = (address: number): number => {
    for (let index = 0; index < sections; index += 1) {
      const section = table + index * 40
      const [start, size] = [file.readUInt32LE(section + 12), file.readUInt32LE(section + 16)]
      if (address >= start && address < start + size) return address - start + file.readUInt32LE(section + 20)
    }
    throw new RangeError('an address outside every section')
  }
  const address = file.readUInt32LE(directories)
  if (address === 0) return null
  const directory = placeOf(address)
  const count = Math.min(file.readUInt32LE(directory + 24), nameLimit)
  const names = placeOf(file.readUInt32LE(directory + 32))
  const found = new Set<string>()
  for (let index = 0; index < count; index += 1) {
    found.add(textAt(file, placeOf(file.readUInt32LE(names + index * 4))))
  }
  return found
}

const SHT_DYNSYM = 11

/** The defined ones of the dynamic symbols; null for a file without section headers. Throws RangeError likewise. */
function elfExports(file: Buffer): ReadonlySet<string> | null {
  const wide = file[4] === 2
  const little = file[5] === 1
  const half = (at: number): number => (little ? file.readUInt16LE(at) : file.readUInt16BE(at))
  const word = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at))
  // Places above 2^32 lie in no file that is read here: the upper half must be zero, or the read is out of range.
  const long = (at: number): number => {
    if (!wide) return word(at)
    if (word(little ? at + 4 : at) !== 0) throw new RangeError('a place outside the file')
    return word(little ? at : at + 4)
  }
  const [headers, size, count] = wide ? [long(40), half(58), half(60)] : [long(32), half(46), half(48)]
  for (let index = 0; index < count; index += 1) {
    const section = headers + index * size
    if (word(section + 4) !== SHT_DYNSYM) continue
    const strings = headers + word(section + (wide ? 40 : 24)) * size
    const names = long(strings + (wide ? 24 : 16))
    const start = long(section + (wide ? 24 : 16))
    const each = wide ? 24 : 16
    const symbols = Math.min(Math.floor(long(section + (wide ? 32 : 20)) / each), nameLimit)
    const found = new Set<string>()
    for (let symbol = start; symbol < start + symbols * each; symbol += each) {
      // SHN_UNDEF: wanted from elsewhere, not exported.
      if (half(symbol + (wide ? 6 : 14)) !== 0) found.add(textAt(file, names + word(symbol)))
    }
    return found
  }
  return null
}

/** Longest name that is read. */
const textLimit = 256

function textAt(file: Buffer, at: number): string {
  if (at < 0 || at >= file.length) throw new RangeError('a name outside the file')
  const end = file.subarray(at, at + textLimit).indexOf(0)
  return file.toString('latin1', at, end < 0 ? at + textLimit : at + end)
}
