export { uploadChunkBytes, uploadPart, type UploadPartOptions } from './upload-part.ts'
