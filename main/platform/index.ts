export type {
  EventsOptions,
  OpeningEvent,
  OpeningState,
  OpeningStatus,
  Platform,
  ReleaseAnswer,
  Submission,
  SubmissionPart,
  SubmissionRequest,
  TenderListing,
} from './port.ts'
export { filePlatform, type FilePlatformOptions } from './files/file-platform.ts'
export { openPlatform } from './open-platform.ts'
export { httpPlatform, type HttpPlatformOptions } from './http-platform.ts'
export { pathOf, platformRoutes, type PlatformRouteName, type Route } from './routes.ts'
export { base64, fieldsOf, patterns, type Fields } from './fields.ts'
export {
  decodeRelease,
  decodeReleaseAnswer,
  decodeSigned,
  encodeEvent,
  encodeListing,
  encodeOpening,
  encodeRelease,
  encodeReleaseAnswer,
  encodeSigned,
  headerArchiveBytes,
  partNames,
  type Json,
  type PartName,
} from './wire.ts'
export { readTenderPackage, type TenderPackage } from './tender-package.ts'
export { writeTenderPackage, type TenderAttachment } from './tender-package-writer.ts'
