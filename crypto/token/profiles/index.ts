// The part of the public API that concerns the publisher's data; crypto/token/index.ts passes it on. Re-exports only.

export { builtInData } from './built-in.ts'
export type { DataPlatform, Evidence, Words } from './data-shapes.ts'
export { type DriverProfile, parseDriverProfile } from './driver-profile-file.ts'
export { envelopeLimit, type PublisherKey } from './dsse.ts'
export { bearsName, isFor, type LibraryOnDisk, type MatchedLibrary, profileForLibrary } from './match-library.ts'
export { publisherKeys } from './publisher-keys.ts'
export { type DataKind, dataKinds, openPublisherData, type PublisherData, requireNewer } from './signed-data.ts'
export {
  authorityOf,
  type Recognition,
  rootsInForce,
  type TrustAuthority,
  type TrustList,
  type TrustRoot,
} from './trust-list.ts'
export {
  parseVendorProfile,
  profileLimit,
  type VendorLibrary,
  type VendorProfile,
  type VendorProfiles,
} from './vendor-profile.ts'
