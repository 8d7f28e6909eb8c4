import trustList from './data/trust-list.dsse.json'
import vendorProfiles from './data/vendor-profiles.dsse.json'
import type { DataKind } from './signed-data.ts'

/** The signed data the program is shipped with, as files of theirs hold them. They are verified like every other. */
export const builtInData: Readonly<Record<DataKind, Uint8Array>> = {
  'vendor-profiles': encoded(vendorProfiles),
  'trust-list': encoded(trustList),
}

function encoded(envelope: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(envelope))
}
