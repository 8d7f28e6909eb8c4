export {
  readSm2Cipher,
  type Sm2Cipher,
  type Sm2CipherLayout,
  sm2CipherLayoutOf,
  writeSm2Cipher,
} from './cipher-layout.ts'
export { isSm2PublicKey, requirePublicPoint } from './curve.ts'
export { sm2Decrypt, sm2DecryptAny, sm2DecryptParts, sm2Encrypt } from './encrypt.ts'
export { defaultSm2Id, sm2Digest, sm2Z } from './identity.ts'
export { generateSm2Key, sm2PublicOf, sm2SignDigest, sm2VerifyDigest } from './sign.ts'
export { readSm2Signature, type Sm2Signature, type Sm2SignatureForm, writeSm2Signature } from './signature.ts'
