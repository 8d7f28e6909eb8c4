import { interfacesOf } from './library-file.ts'

/**
 * Whether a library is one of SKF (GM/T 0016) or of PKCS#11, told by the names it exports, without loading it. PKCS#11 where
 * it is both, and for what cannot be read: its driver then says what is wrong.
 */
export function libraryKind(path: string): 'pkcs11' | 'skf' {
  const interfaces = interfacesOf(path)
  return interfaces.has('skf') && !interfaces.has('pkcs11') ? 'skf' : 'pkcs11'
}
