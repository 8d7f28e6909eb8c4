/** Numbers of GM/T 0016-2012 (codes: Annex A) and GM/T 0006 (algorithms), those that are used here. */

export const SAR = {
  ok: 0,
  fail: 0x0a000001,
  unknown: 0x0a000002,
  notSupportedYet: 0x0a000003,
  invalidHandle: 0x0a000005,
  invalidParameter: 0x0a000006,
  keyUsage: 0x0a00000a,
  timeout: 0x0a00000f,
  inputLength: 0x0a000010,
  input: 0x0a000011,
  hashObject: 0x0a000013,
  hash: 0x0a000014,
  rsaDecrypt: 0x0a000019,
  hashNotEqual: 0x0a00001a,
  keyNotFound: 0x0a00001b,
  certificateNotFound: 0x0a00001c,
  notExportable: 0x0a00001d,
  decryptPadding: 0x0a00001e,
  bufferTooSmall: 0x0a000020,
  deviceRemoved: 0x0a000023,
  pinIncorrect: 0x0a000024,
  pinLocked: 0x0a000025,
  pinInvalid: 0x0a000026,
  pinLength: 0x0a000027,
  alreadyLoggedIn: 0x0a000028,
  userPinNotInitialized: 0x0a000029,
  applicationExists: 0x0a00002c,
  notLoggedIn: 0x0a00002d,
  noRoom: 0x0a000030,
} as const

/** Names of the codes 0x0A000001 to 0x0A000032; above, every vendor family has its own. */
export const codeNames: readonly string[] = [
  ...['FAIL', 'UNKNOWNERR', 'NOTSUPPORTYETERR', 'FILEERR', 'INVALIDHANDLEERR', 'INVALIDPARAMERR', 'READFILEERR'],
  ...['WRITEFILEERR', 'NAMELENERR', 'KEYUSAGEERR', 'MODULUSLENERR', 'NOTINITIALIZEERR', 'OBJERR', 'MEMORYERR'],
  ...['TIMEOUTERR', 'INDATALENERR', 'INDATAERR', 'GENRANDERR', 'HASHOBJERR', 'HASHERR', 'GENRSAKEYERR'],
  ...['RSAMODULUSLENERR', 'CSPIMPRTPUBKEYERR', 'RSAENCERR', 'RSADECERR', 'HASHNOTEQUALERR', 'KEYNOTFOUNTERR'],
  ...['CERTNOTFOUNTERR', 'NOTEXPORTERR', 'DECRYPTPADERR', 'MACLENERR', 'BUFFER_TOO_SMALL', 'KEYINFOTYPEERR'],
  ...['NOT_EVENTERR', 'DEVICE_REMOVED', 'PIN_INCORRECT', 'PIN_LOCKED', 'PIN_INVALID', 'PIN_LEN_RANGE'],
  ...['USER_ALREADY_LOGGED_IN', 'USER_PIN_NOT_INITIALIZED', 'USER_TYPE_INVALID', 'APPLICATION_NAME_INVALID'],
  ...['APPLICATION_EXISTS', 'USER_NOT_LOGGED_IN', 'APPLICATION_NOT_EXISTS', 'FILE_ALREADY_EXIST', 'NO_ROOM'],
  ...['FILE_NOT_EXIST', 'REACH_MAX_CONTAINER_COUNT'],
]

/** GM/T 0006. The numbers of SM2_1 differ between drafts; they occur only where a practice lock is made. */
export const SGD = { sm4Ecb: 0x401, sm4Cbc: 0x402, sm2Sign: 0x20200 } as const

/** What SKF_GetContainerType answers: nothing in it, RSA pairs, SM2 pairs. */
export const containerType = { empty: 0, rsa: 1, sm2: 2 } as const

export const pinType = { administrator: 0, user: 1 } as const

/** SECURE_USER_ACCOUNT: who may make files in an application. */
export const secureUserAccount = 0x10

/** Lengths of structures in bytes; the same in both layouts (tokens.md 1.3). */
export const blobLength = { rsaPublicKey: 268, eccPublicKey: 132, eccCipher: 164, eccSignature: 128 } as const
