import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { exportedNames } from './library-exports.ts'
import { headerLimit, type LibraryBuild, readHeader } from './library-headers.ts'

/** Longest library whose exports are looked at, in bytes; vendors' have a few MiB. */
const lengthLimit = 64 * 1024 * 1024

/** Why a file cannot be a vendor's library. */
export type LibraryFault =
  /** Nothing stands under this name. */
  | 'missing'
  /** Links that lead to one another and to no file. */
  | 'loop'
  /** A folder, a device or the like. */
  | 'not-a-file'
  /** The system does not let this user read it. */
  | 'unreadable'
  | 'empty'
  /** A text: a web page that was saved, the linker's script beside the library. */
  | 'text'
  /** A program, an archive, anything else. */
  | 'not-a-library'
  /** It begins as a library and is cut off or contradicts itself. */
  | 'damaged'

/** What the file of a driver is, told without loading it. */
export type LibraryFile =
  | { readonly state: 'library'; readonly bytes: number; readonly builds: readonly LibraryBuild[] }
  | { readonly state: 'unusable'; readonly fault: LibraryFault }

/** The interfaces that a library offers by its exports. */
export type LibraryInterface = 'pkcs11' | 'skf'

/** Looks at the first bytes of a library. Never throws for what it finds. */
export function readLibraryFile(path: string): LibraryFile {
  let descriptor: number | null = null
  try {
    const { size, isFile } = statOf(path)
    if (!isFile) return unusable('not-a-file')
    if (size === 0) return unusable('empty')
    descriptor = openSync(path, 'r')
    const head = Buffer.alloc(Math.min(size, headerLimit))
    const read = readSync(descriptor, head, 0, head.length, 0)
    const bytes = head.subarray(0, read)
    const header = readHeader(bytes)
    if (header.is === 'library') return { state: 'library', bytes: size, builds: header.builds }
    if (header.is === 'damaged') return unusable('damaged')
    return unusable(isText(bytes) ? 'text' : 'not-a-library')
  } catch (error) {
    return unusable(faultOf(error))
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

/**
 * Which of the two interfaces a library offers, by the functions it exports. None for what is no library, cannot be read, or
 * is larger than any vendor's.
 */
export function interfacesOf(path: string): ReadonlySet<LibraryInterface> {
  const found = new Set<LibraryInterface>()
  const file = readLibraryFile(path)
  const [build] = file.state === 'library' ? file.builds : []
  if (file.state !== 'library' || file.bytes > lengthLimit || build === undefined) return found
  try {
    const names = exportedNames(readFileSync(path), build.system, [pkcs11Entry, skfEntry])
    if (names.has(pkcs11Entry)) found.add('pkcs11')
    if (names.has(skfEntry)) found.add('skf')
    return found
  } catch {
    return found
  }
}

const pkcs11Entry = 'C_GetFunctionList'
const skfEntry = 'SKF_EnumDev'

function statOf(path: string): { readonly size: number; readonly isFile: boolean } {
  const found = statSync(path)
  return { size: found.size, isFile: found.isFile() }
}

function unusable(fault: LibraryFault): LibraryFile {
  return { state: 'unusable', fault }
}

function faultOf(error: unknown): LibraryFault {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'missing'
  if (code === 'ELOOP') return 'loop'
  return 'unreadable'
}

/** No zero byte and hardly a control character. */
function isText(bytes: Uint8Array): boolean {
  const controls = bytes.filter(byte => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte))
  return !bytes.includes(0) && controls.length <= bytes.length / 100
}
