// The part of the public API that concerns tokens; crypto/index.ts passes it on. Re-exports only.

export { checkKey, checkKeys, type Deviation, type KeyCheck, requireNoDeviation } from './first-use.ts'
export { connectTokenHost } from './host/client.ts'
export type { CallOptions, HostConnection } from './host/client.ts'
export { messageLimit } from './host/calls.ts'
export type { CallArgs, CallName, CallResult, TokenModule } from './host/calls.ts'
export { requireCarried } from './host/raw-codec.ts'
export { chooseCertificate, keyOpenerFromToken, signerFromToken } from './identities.ts'
export type { IdentityChoice } from './identities.ts'
export { readableCertificate, usesOf } from './key-use.ts'
export { openPkcs11Driver } from './pkcs11/driver.ts'
export type {
  KeyUse,
  ModuleSummary,
  PinChange,
  PinConsent,
  PinState,
  PracticeCertificate,
  PracticeKeyKind,
  PracticeTokenKeys,
  PracticeTokenOptions,
  TokenCertificate,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from './port.ts'
export type { Pkcs11Profile, Pkcs11Sm2, SkfExtension, SkfProfile } from './profiles/driver-profile.ts'
export * from './profiles/index.ts'
export * from './raw/index.ts'
export { openSkfDriver } from './skf/driver.ts'
export { openSoftDriver } from './soft/driver.ts'
export { softKeyIds, writeSoftLock } from './soft/pkcs12-write.ts'
export type { NewSoftLock, SoftKeyPair } from './soft/pkcs12-write.ts'
export { oaepEnvelope, trialEnvelopes } from './trial-envelope.ts'
export type { TrialEnvelope } from './trial-envelope.ts'
export { digestFor, isHashedAgain, signatureHolds, withZeros } from './trial-signature.ts'
export { formatTokenUri, matchesSkfToken, matchesToken, parseTokenUri } from './uri.ts'
export type { Pkcs11Uri, SkfUri, SoftUri, TokenUri } from './uri.ts'
