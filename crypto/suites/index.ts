import { oids } from '../der/oids.ts'
import { readDer, tags } from '../der/reader.ts'
import { oidString } from '../der/values.ts'
import { CryptoFailure } from '../errors.ts'
import type { Suite } from '../suite.ts'
import { gm1 } from './gm-1.ts'
import { intl1 } from './intl-1.ts'

/** Every suite this program knows. Adding one is adding it here. */
const suites: readonly Suite[] = [intl1, gm1]

const signatureTypes: ReadonlyMap<string, Suite> = new Map([
  [oids.signedData, intl1],
  [oids.gmSignedData, gm1],
])

/** The suite of a version string, or null for one this program does not know. */
export function suiteById(id: string): Suite | null {
  return suites.find(suite => suite.id === id) ?? null
}

/** The suite a detached signature belongs to by its ContentInfo's type, or null when it is no signature of a known one. */
export function suiteOfSignature(signature: Uint8Array): Suite | null {
  try {
    return signatureTypes.get(oidString(readDer(signature).fields().take(tags.oid))) ?? null
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}
