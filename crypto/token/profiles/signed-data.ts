import { CryptoFailure } from '../../errors.ts'
import { type PublisherKey, readEnvelope, verifyEnvelope } from './dsse.ts'
import { publisherKeys } from './publisher-keys.ts'
import { parseTrustList, type TrustList } from './trust-list.ts'
import { parseVendorProfiles, type VendorProfiles } from './vendor-profile.ts'

/** The kinds of data a publisher signs. */
export const dataKinds = ['vendor-profiles', 'trust-list'] as const
export type DataKind = (typeof dataKinds)[number]

/** What the publisher has signed, verified and read. */
export type PublisherData =
  | { readonly kind: 'vendor-profiles'; readonly content: VendorProfiles }
  | { readonly kind: 'trust-list'; readonly content: TrustList }

/** The payload type of each kind, as it is signed. */
export const payloadTypes: Readonly<Record<DataKind, string>> = {
  'vendor-profiles': 'application/vnd.bidseal.vendor-profiles+json',
  'trust-list': 'application/vnd.bidseal.trust-list+json',
}

/**
 * Verifies a signed file and reads what it holds; nothing of it is read before its signature holds. Throws `data.malformed`
 * for no envelope, an unknown type, or broken content; `data.signature` when no pinned key has signed it.
 */
export function openPublisherData(bytes: Uint8Array, keys: readonly PublisherKey[] = publisherKeys): PublisherData {
  const envelope = readEnvelope(bytes)
  const kind = dataKinds.find(each => payloadTypes[each] === envelope.payloadType)
  if (kind === undefined) throw new CryptoFailure('data.malformed', 'signed data of a type this program does not know')
  const payload = verifyEnvelope(envelope, payloadTypes[kind], keys)
  return kind === 'vendor-profiles'
    ? { kind, content: parseVendorProfiles(payload) }
    : { kind, content: parseTrustList(payload) }
}

/** Requires that an update goes forward. Throws `data.downgrade`. */
export function requireNewer(offered: number, present: number): void {
  if (offered > present) return
  const how = offered === present ? 'is in use already' : `is older than version ${present}, which is in use`
  throw new CryptoFailure('data.downgrade', `version ${offered} ${how}`)
}
