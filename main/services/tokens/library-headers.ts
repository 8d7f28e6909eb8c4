/** What a library was built for: one slice of it where the file holds several (Mach-O, fat). */
export interface LibraryBuild {
  readonly system: LibrarySystem
  readonly word: 32 | 64
  /** As `process.arch` names it; `other` for one this program knows nothing of. */
  readonly processor: string
}

/** The system a kind of file belongs to. */
export type LibrarySystem = 'linux' | 'win32' | 'darwin'

/** What the first bytes of a file say that it is. */
export type LibraryHeader =
  | { readonly is: 'library'; readonly builds: readonly LibraryBuild[] }
  /** A program, an object file, or a format without any of the libraries of the three systems. */
  | { readonly is: 'other' }
  /** It begins as a library does and ends before its header does, or the header contradicts itself. */
  | { readonly is: 'damaged' }

/** How many bytes of the file {@link readHeader} may look at. */
export const headerLimit = 64 * 1024

/**
 * Reads the header of an ELF, PE or Mach-O file from its first bytes. Nothing in the file is believed further than it is
 * needed: every offset is held against the bytes that are there.
 */
export function readHeader(bytes: Uint8Array): LibraryHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    if (startsWith(bytes, 0x7f, 0x45, 0x4c, 0x46)) return readElf(view)
    if (startsWith(bytes, 0x4d, 0x5a)) return readPe(view)
    const magic = bytes.length < 4 ? 0 : view.getUint32(0)
    if (fatMagics.has(magic)) return readFat(view, magic === 0xcafebabf)
    return machMagics.has(magic) ? readMach(view, 0) : { is: 'other' }
  } catch (error) {
    // What DataView throws for a place outside the bytes.
    if (error instanceof RangeError) return { is: 'damaged' }
    throw error
  }
}

function startsWith(bytes: Uint8Array, ...magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte)
}

/** e_machine (System V ABI); the same numbers mean one processor in both word sizes. */
const elfMachines: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [8, 'mips'],
  [20, 'ppc'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
  [258, 'loong64'],
])

/** ET_DYN: shared objects. */
const elfShared = 3

function readElf(view: DataView): LibraryHeader {
  const [wordClass, order] = [view.getUint8(4), view.getUint8(5)]
  if (![1, 2].includes(wordClass) || ![1, 2].includes(order)) return { is: 'damaged' }
  const little = order === 1
  if (view.getUint16(16, little) !== elfShared) return { is: 'other' }
  const machine = elfMachines.get(view.getUint16(18, little))
  const processor = machine === 'mips' && little ? 'mipsel' : machine
  return library('linux', wordClass === 1 ? 32 : 64, processor)
}

/** IMAGE_FILE_HEADER.Machine. */
const peMachines: ReadonlyMap<number, string> = new Map([
  [0x014c, 'ia32'],
  [0x01c4, 'arm'],
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
])

/** IMAGE_FILE_DLL. */
const peLibrary = 0x2000

function readPe(view: DataView): LibraryHeader {
  const at = view.getUint32(0x3c, true)
  if (view.getUint32(at, false) !== 0x50450000) return { is: 'other' }
  if ((view.getUint16(at + 22, true) & peLibrary) === 0) return { is: 'other' }
  const magic = view.getUint16(at + 24, true)
  if (magic !== 0x10b && magic !== 0x20b) return { is: 'damaged' }
  return library('win32', magic === 0x10b ? 32 : 64, peMachines.get(view.getUint16(at + 4, true)))
}

/** Both orders of 32-bit and 64-bit files. */
const machMagics: ReadonlySet<number> = new Set([0xfeedface, 0xcefaedfe, 0xfeedfacf, 0xcffaedfe])

/** Java's class files begin with the first of them as well; their version stands where slices are counted. */
const fatMagics: ReadonlySet<number> = new Set([0xcafebabe, 0xcafebabf])
const mostSlices = 20

const machProcessors: ReadonlyMap<number, string> = new Map([
  [7, 'ia32'],
  [12, 'arm'],
  [18, 'ppc'],
  [0x01000007, 'x64'],
  [0x0100000c, 'arm64'],
  [0x01000012, 'ppc64'],
])

/** MH_DYLIB and MH_BUNDLE. */
const machLibraries: ReadonlySet<number> = new Set([6, 8])

function readMach(view: DataView, at: number): LibraryHeader {
  const magic = view.getUint32(at)
  const little = magic === 0xcefaedfe || magic === 0xcffaedfe
  if (!machLibraries.has(view.getUint32(at + 12, little))) return { is: 'other' }
  const word = magic === 0xfeedface || magic === 0xcefaedfe ? 32 : 64
  return library('darwin', word, machProcessors.get(view.getUint32(at + 4, little)))
}

/** The table of slices says what each is built for; the slices themselves lie far behind the first bytes. */
function readFat(view: DataView, wide: boolean): LibraryHeader {
  const count = view.getUint32(4)
  if (count === 0 || count > mostSlices) return { is: 'other' }
  const builds = Array.from({ length: count }, (_, index): LibraryBuild => {
    const processor = view.getUint32(8 + index * (wide ? 32 : 20))
    return {
      system: 'darwin',
      word: processor >= 0x01000000 ? 64 : 32,
      processor: machProcessors.get(processor) ?? 'other',
    }
  })
  return { is: 'library', builds }
}

function library(system: LibrarySystem, word: 32 | 64, processor = 'other'): LibraryHeader {
  return { is: 'library', builds: [{ system, word, processor }] }
}
