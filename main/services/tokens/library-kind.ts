import { readFileSync, statSync } from 'node:fs'

/** Longest library that is looked into, in bytes; vendors' have a few MiB. */
const lengthLimit = 64 * 1024 * 1024

/**
 * Whether a library is one of SKF (GM/T 0016) or of PKCS#11, told by the names it exports, without loading it. PKCS#11 where
 * it is both, and for what cannot be read: its driver then says what is wrong.
 */
export function libraryKind(path: string): 'pkcs11' | 'skf' {
  try {
    if (statSync(path).size > lengthLimit) return 'pkcs11'
    const bytes = readFileSync(path)
    // An export's name is a string of its own, between zero bytes, in ELF, Mach-O (with an underscore before it) and PE.
    const exports = (name: string): boolean => bytes.includes(`${name}\0`, 0, 'latin1')
    return exports('SKF_EnumDev') && !exports('C_GetFunctionList') ? 'skf' : 'pkcs11'
  } catch {
    return 'pkcs11'
  }
}
