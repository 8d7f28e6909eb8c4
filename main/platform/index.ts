export type {
  OpeningState,
  OpeningStatus,
  Platform,
  Submission,
  SubmissionPart,
  SubmissionRequest,
  TenderListing,
} from './port.ts'
export { httpPlatform, type HttpPlatformOptions } from './http-platform.ts'
export { pathOf, platformRoutes, type PlatformRouteName, type Route } from './routes.ts'
export { base64, fieldsOf, patterns, type Fields } from './fields.ts'
export { refusalOf } from './refusal.ts'
export {
  decodeRelease,
  decodeSigned,
  encodeListing,
  encodeOpening,
  encodeRelease,
  encodeSigned,
  headerArchiveBytes,
  partNames,
  type Json,
  type PartName,
} from './wire.ts'
export { readTenderPackage, type TenderPackage } from './tender-package.ts'
export { writeTenderPackage, type TenderAttachment } from './tender-package-writer.ts'
