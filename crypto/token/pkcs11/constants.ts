/** Numbers of PKCS #11 v2.40 (OASIS base specification and current mechanisms), those that are used here. */

export const CKF = {
  serialSession: 0x4,
  readWriteSession: 0x2,
  osLockingOk: 0x2,
  /** CK_TOKEN_INFO.flags */
  loginRequired: 0x4,
  userPinInitialized: 0x8,
  protectedAuthenticationPath: 0x100,
  tokenInitialized: 0x400,
  userPinCountLow: 0x10000,
  userPinFinalTry: 0x20000,
  userPinLocked: 0x40000,
} as const

export const CKU = { securityOfficer: 0, user: 1, contextSpecific: 2 } as const

export const CKO = { certificate: 1, publicKey: 2, privateKey: 3, secretKey: 4 } as const

export const CKK = { rsa: 0, ec: 3, genericSecret: 0x10 } as const

export const CKC = { x509: 0 } as const

export const CKA = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  certificateType: 0x80,
  issuer: 0x81,
  serialNumber: 0x82,
  keyType: 0x100,
  subject: 0x101,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  sign: 0x108,
  verify: 0x10a,
  derive: 0x10c,
  modulus: 0x120,
  modulusBits: 0x121,
  publicExponent: 0x122,
  valueLength: 0x161,
  extractable: 0x162,
  ecParams: 0x180,
  ecPoint: 0x181,
  alwaysAuthenticate: 0x202,
} as const

export const CKM = {
  rsaPkcsKeyPairGen: 0x0,
  rsaPkcs: 0x1,
  rsaX509: 0x3,
  rsaPkcsOaep: 0x9,
  rsaPkcsPss: 0xd,
  sha1RsaPkcs: 0x6,
  sha256RsaPkcs: 0x40,
  sha256RsaPkcsPss: 0x43,
  sha1: 0x220,
  sha256: 0x250,
  ecdsa: 0x1041,
  ecdsaSha256: 0x1044,
  ecdh1Derive: 0x1050,
} as const

export const CKG = { mgf1Sha1: 1, mgf1Sha256: 2 } as const

export const CKZ = { dataSpecified: 1 } as const

export const CKD = { null: 1 } as const

/** The binding's own numbers for the kinds of mechanism parameters (its CK_PARAMS_…). */
export const bindingParameter = { rsaOaep: 4, rsaPss: 5, ecdh1: 6 } as const

export const CKR = {
  slotIdInvalid: 0x3,
  generalError: 0x5,
  functionFailed: 0x6,
  argumentsBad: 0x7,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  attributeValueInvalid: 0x13,
  dataInvalid: 0x20,
  dataLenRange: 0x21,
  deviceError: 0x30,
  deviceRemoved: 0x32,
  encryptedDataInvalid: 0x40,
  encryptedDataLenRange: 0x41,
  functionCanceled: 0x50,
  functionNotSupported: 0x54,
  keyHandleInvalid: 0x60,
  keyTypeInconsistent: 0x63,
  keyFunctionNotPermitted: 0x68,
  mechanismInvalid: 0x70,
  mechanismParamInvalid: 0x71,
  objectHandleInvalid: 0x82,
  operationActive: 0x90,
  operationNotInitialized: 0x91,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLenRange: 0xa2,
  pinExpired: 0xa3,
  pinLocked: 0xa4,
  sessionClosed: 0xb0,
  sessionHandleInvalid: 0xb3,
  templateIncomplete: 0xd0,
  templateInconsistent: 0xd1,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  userPinNotInitialized: 0x102,
  bufferTooSmall: 0x150,
  cryptokiNotInitialized: 0x190,
  cryptokiAlreadyInitialized: 0x191,
  pinTooWeak: 0x1b8,
  /** What is above is the vendor's own. */
  vendorDefined: 0x80000000,
} as const

/** Names of the mechanisms that tell something about what a bid can be done with. */
const mechanismNames: ReadonlyMap<number, string> = new Map([
  [0x0, 'CKM_RSA_PKCS_KEY_PAIR_GEN'],
  [0x1, 'CKM_RSA_PKCS'],
  [0x3, 'CKM_RSA_X_509'],
  [0x6, 'CKM_SHA1_RSA_PKCS'],
  [0x9, 'CKM_RSA_PKCS_OAEP'],
  [0xd, 'CKM_RSA_PKCS_PSS'],
  [0x40, 'CKM_SHA256_RSA_PKCS'],
  [0x41, 'CKM_SHA384_RSA_PKCS'],
  [0x42, 'CKM_SHA512_RSA_PKCS'],
  [0x43, 'CKM_SHA256_RSA_PKCS_PSS'],
  [0x220, 'CKM_SHA_1'],
  [0x250, 'CKM_SHA256'],
  [0x1040, 'CKM_EC_KEY_PAIR_GEN'],
  [0x1041, 'CKM_ECDSA'],
  [0x1044, 'CKM_ECDSA_SHA256'],
  [0x1050, 'CKM_ECDH1_DERIVE'],
  [0x1051, 'CKM_ECDH1_COFACTOR_DERIVE'],
  [0x1082, 'CKM_AES_CBC'],
  [0x1087, 'CKM_AES_GCM'],
])

/** A mechanism's name in PKCS #11, or its number in hexadecimal. */
export function mechanismName(mechanism: number): string {
  return mechanismNames.get(mechanism) ?? `0x${mechanism.toString(16).padStart(8, '0')}`
}
