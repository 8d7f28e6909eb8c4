// The public API: the only file of crypto/ that others may import. Re-exports only.

export { CryptoFailure, type CryptoFailureCode, cryptoFailureCodes, throwIfCancelled } from './errors.ts'
export type { DetachedSignature, EnvelopeRecipient, RunningDigest, Suite, SuiteId, WrapOptions } from './suite.ts'
export { suiteById, suiteOfSignature } from './suites/index.ts'
export { gm1 } from './suites/gm-1.ts'
export { intl1 } from './suites/intl-1.ts'

// Files, clock, randomness, progress
export type { DraftFile, FileSystem } from './io/files.ts'
export { nodeFiles } from './io/node-files.ts'
export type { Clock, JobControl, Progress, Randomness } from './io/ports.ts'
export { type Meter, startMeter } from './io/progress.ts'
export {
  type ByteSource,
  bytesSource,
  joinedSource,
  rangeSource,
  readAll,
  type Segment,
  segmentsLength,
} from './io/source.ts'
export { systemClock, systemRandomness } from './io/system.ts'

// Threads for the bulk work
export type { Pipeline } from './worker/pipeline.ts'
export { createPipeline, type PipelineOptions } from './worker/pool.ts'

// JSON
export { fromBase64, fromHex, toBase64, toHex } from './json/hex.ts'
export { check as checkShape, type Infer, type Shape } from './json/shape.ts'
export * as shapes from './json/shape.ts'
export { encodeJson, parseStrictJson, type StrictJsonOptions } from './json/strict-json.ts'
export { isJsonObject, type JsonObject, type JsonValue } from './json/value.ts'

// Certificates
export { type Certificate, parseCertificate, publicKeyOf } from './cert/certificate.ts'
export {
  completeCreditCode,
  type CreditCodeFinding,
  findCreditCode,
  type FoundCreditCode,
  isCreditCode,
  lookForCreditCode,
} from './cert/credit-code.ts'
export type { KeyUsage } from './cert/extensions.ts'
export { type CertificateProfile, issueCertificate, type IssueOptions } from './cert/issue.ts'
export { commonName, displayName, encodeName } from './cert/name.ts'
export { type LeafUse, type PathRequest, validatePath } from './cert/path.ts'
export { certificatesFromPem, toPem } from './cert/pem.ts'
export { readCertificateFile } from './cert/certificate-file.ts'
export {
  acceptableCrl,
  acceptableOcspResponse,
  authorityAddresses,
  type AuthorityAddresses,
  encodeOcspRequest,
  isIssuedBy,
  type JudgedCertificate,
  judgeRevocation,
  maxCrlLength,
  maxOcspResponseLength,
  noEvidence,
  readCrlFile,
  requireNotRevoked,
  type RevocationEvidence,
  type RevocationVerdict,
  type Statement as RevocationSpan,
} from './cert/revocation/index.ts'

// Signing, recovery codes, time stamps
export { makeRecoveryCode, printRecoveryCode, readRecoveryCode } from './cms/recovery-code.ts'
export {
  generatePrivateKey,
  isSm2Key,
  type PrivateKey,
  publicKeyInfoOf,
  readPrivateKey,
  type Sm2PrivateKey,
  writePrivateKey,
} from './sign/private-key.ts'
export type { SignatureAlgorithm, Signer } from './sign/signer.ts'
export { sm2Decrypt, sm2Encrypt, sm2PublicOf, sm2SignDigest, sm2VerifyDigest } from './sm/sm2/index.ts'
export { softKeyOpener, softSigner } from './sign/soft-key.ts'
export { type Imprint, type VerifiedTimestamp, verifyTimestamp } from './sign/timestamp.ts'
export {
  checkTimestampReply,
  maxTimestampLength,
  TimestampRefused,
  type TimestampReply,
  timestampRequest,
  type TimestampRequest,
} from './sign/timestamp-request.ts'
export { type FileDigestOptions, signFileGm, verifyFileGm } from './cms/gm/detached-file.ts'

// PDF documents and their signatures
export type { SealAppearance, VisibleText } from './sign/pdf/appearance.ts'
export type { LaterChange as PdfLaterChange } from './sign/pdf/later-changes.ts'
export { type PlaceBox, shownSize, type SignaturePlace } from './sign/pdf/places.ts'
export { SigningRefused, type SigningRefusal, signingRefusal } from './sign/pdf/refusal.ts'
export { type SignedPdf, signPdf, type SignPdfOptions } from './sign/pdf/sign-pdf.ts'
export type { StampVerdict as PdfStampVerdict } from './sign/pdf/signature-facts.ts'
export {
  inspectPdf,
  type PdfEncryption,
  type PdfFacts,
  type PdfPageFacts,
  type PdfTrouble,
} from './sign/pdf/inspect.ts'
export type {
  Coverage as PdfCoverage,
  PdfSignature,
  SignatureClaims as PdfSignatureClaims,
  SignatureVerdict as PdfSignatureVerdict,
} from './sign/pdf/signature-facts.ts'
export { type VerifiedPdf, verifyPdf } from './sign/pdf/verify-pdf.ts'
export type { PdfTrust } from './sign/pdf/verify-field.ts'

// Tokens
export * from './token/index.ts'

// Signed documents
export {
  type BidderTrust,
  requireDates,
  requireListedSigner,
  requireUse,
  verifyBidderDocument,
  verifyPlatformDocument,
} from './documents/authority.ts'
export { sha256, sha256Hex } from './documents/digest.ts'
export { decodeDocument, encodeDocument } from './documents/encoding.ts'
export { type DocumentFields, type DocumentKind, documentShapes } from './documents/kinds.ts'
export { type BidDocument, maxDocuments } from './documents/kinds/bid.ts'
export { fileName as fileNameShape } from './documents/kinds/common.ts'
export type { LockRecipient, RecoveryRecipient } from './documents/kinds/seal.ts'
export type {
  CertificatePurpose,
  TenderClause,
  TenderDocument,
  TenderField,
  TenderForm,
} from './documents/kinds/tender.ts'
export {
  signDocument,
  type SignedDocument,
  type VerifiedDocument,
  verifyDocument,
} from './documents/signed-document.ts'
export {
  envelopeCertificates,
  lotOf,
  partOfForm,
  readTender,
  requireTenderTrust,
  type Tender,
} from './documents/tender.ts'

// The sealed bid
export { mimetype as sealedBidMediaType } from './envelope/container.ts'
export {
  encodeHeader,
  parseHeader,
  type PartName,
  sealDigest,
  type SealHeader,
  type SealPart,
  type SealRecipient,
  shortCode,
  type TenderReference,
} from './envelope/header.ts'
export type { KeyOpener, KeyTransport } from './envelope/key-opener.ts'
export { listDigest } from './envelope/list-digest.ts'
export {
  type BidManifest,
  type BidSink,
  type DocumentFile,
  type DocumentWriter,
  type OpenedBid,
  type OpeningData,
  openSealedBid,
} from './envelope/open.ts'
export { type KeysOf, openBid } from './envelope/open-bid.ts'
export { openPlainTwin, plainTwinMediaType, verifyPlainTwin } from './envelope/plain-twin.ts'
export { openByTwin, verifyTwinPart } from './envelope/open-twin.ts'
export {
  type HeldKeys,
  type Holds,
  holdsOf,
  joinShares,
  matchesCommitment,
  recipientOf,
  unwrapPartKeys,
  unwrapWithRecoveryCode,
} from './envelope/part-keys.ts'
export { archiveLength, headerArchive, readSealedBid, rebuildArchive, type SealedBid } from './envelope/read.ts'
export { checkChallenge, type CheckedChallenge, type ChallengeQuestion } from './envelope/challenge.ts'
export { acceptRelease, type AcceptedRelease, type AcceptReleaseOptions } from './envelope/accept-release.ts'
export { makeRelease, type Release, type ReleaseOptions } from './envelope/release.ts'
export { sealBid } from './envelope/seal.ts'
export type {
  DraftDocument,
  FilledForm,
  RecipientRequest,
  SealedPartOutcome,
  SealedRecipientOutcome,
  SealOptions,
  SealOutcome,
} from './envelope/seal-options.ts'
export { tenderReferenceOf } from './envelope/checks/tender.ts'
export {
  type VerifiedBid,
  type VerifiedPart,
  verifyPartRoots,
  verifySealedBid,
  type VerifyOptions,
} from './envelope/verify.ts'
