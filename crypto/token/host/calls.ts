import type { KeyTransport } from '../../envelope/key-opener.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import type {
  ModuleSummary,
  PinChange,
  PinConsent,
  PinState,
  PracticeCertificate,
  PracticeKeyKind,
  PracticeTokenKeys,
  PracticeTokenOptions,
  TokenCertificate,
  TokenSummary,
} from '../port.ts'
import type { Pkcs11Profile, SkfProfile } from '../profiles/driver-profile.ts'
import type { RawAnswer, RawCall, RawModule } from '../raw/raw-call.ts'
import type { Codec } from './codec.ts'
import { asObject, bytes, count, flag, list, nothing, nullable, record, refuse, text, word } from './codec.ts'
import { pkcs11Profile, skfProfile } from './profile-codec.ts'
import { rawAnswers, rawCalls } from './raw-codec.ts'

/** Which library a token process is for, and what the vendor's profile says of it. */
export type TokenModule =
  | { readonly kind: 'pkcs11'; readonly path: string; readonly profile?: Pkcs11Profile }
  | { readonly kind: 'skf'; readonly path: string; readonly profile?: SkfProfile }
  | { readonly kind: 'soft'; readonly path: string }

/** Every operation a token process answers, by name: the protocol's whole vocabulary. */
export interface CallTypes {
  load: { args: { readonly module: TokenModule }; result: undefined }
  module: { args: undefined; result: ModuleSummary }
  list: { args: undefined; result: readonly TokenSummary[] }
  /** Answers the number by which the session is called until `logout`. */
  login: { args: LoginArgs; result: number }
  changePin: { args: ChangePinArgs; result: undefined }
  certificates: { args: SessionArgs; result: readonly TokenCertificate[] }
  algorithms: { args: KeyArgs; result: readonly SignatureAlgorithm[] }
  sign: { args: KeyArgs & SignArgs; result: Uint8Array }
  open: { args: KeyArgs & OpenArgs; result: Uint8Array }
  logout: { args: SessionArgs; result: undefined }
  initialise: { args: PracticeTokenOptions; result: PracticeTokenKeys }
  store: { args: StoreArgs; result: undefined }
  /** Loads a library without a driver; answers the names of its functions. */
  rawLoad: { args: { readonly module: RawModule }; result: readonly string[] }
  /** One function on the main thread; several at the same time, each on a thread of its own. */
  raw: { args: { readonly calls: readonly RawCall[] }; result: readonly RawAnswer[] }
  close: { args: undefined; result: undefined }
}

interface SessionArgs {
  readonly session: number
}
interface KeyArgs extends SessionArgs {
  readonly keyId: string
}
interface LoginArgs {
  readonly uri: string
  readonly pin: string | null
  readonly consent: PinConsent
}
interface ChangePinArgs {
  readonly uri: string
  readonly change: PinChange
}
interface SignArgs {
  readonly algorithm: SignatureAlgorithm
  readonly digest: Uint8Array
  readonly message?: Uint8Array
}
interface OpenArgs {
  readonly transport: KeyTransport
}
interface StoreArgs {
  readonly uri: string
  readonly pin: string
  readonly certificates: readonly PracticeCertificate[]
}

/** An operation's name. */
export type CallName = keyof CallTypes
/** What an operation is asked with. */
export type CallArgs<N extends CallName> = CallTypes[N]['args']
/** What an operation answers. */
export type CallResult<N extends CallName> = CallTypes[N]['result']

/** How one operation's arguments and result cross. */
export interface Call<A, R> {
  readonly args: Codec<A>
  readonly result: Codec<R>
}

const name = text(512)
const keyId = text(512)
const pin = text(256)
const session = count
const certificateBytes = bytes(64 * 1024)
const smallBytes = bytes(4096)

/** Longest message that is handed to a token which digests it itself, in bytes; a frame carries no more. */
export const messageLimit = 512 * 1024

const modulePath = text(4096)
const pkcs11Module = record<{ kind: 'pkcs11'; path: string }, { profile: Pkcs11Profile }>(
  { kind: word('pkcs11'), path: modulePath },
  { profile: pkcs11Profile },
)
const skfModule = record<{ kind: 'skf'; path: string }, { profile: SkfProfile }>(
  { kind: word('skf'), path: modulePath },
  { profile: skfProfile },
)
const softModule = record<{ kind: 'soft'; path: string }>({ kind: word('soft'), path: modulePath })

const module: Codec<TokenModule> = {
  encode(value) {
    switch (value.kind) {
      case 'pkcs11':
        return pkcs11Module.encode(value)
      case 'skf':
        return skfModule.encode(value)
      case 'soft':
        return softModule.encode(value)
    }
  },
  decode(json) {
    switch (asObject(json)['kind']) {
      case 'pkcs11':
        return pkcs11Module.decode(json)
      case 'skf':
        return skfModule.decode(json)
      default:
        return softModule.decode(json)
    }
  },
}

/** The same, without the kind that no library stands behind. */
const rawModule: Codec<RawModule> = {
  encode: value => module.encode(value),
  decode(json) {
    const decoded = module.decode(json)
    return decoded.kind === 'soft' ? refuse() : decoded
  },
}

const moduleSummary = record<ModuleSummary>({ path: text(4096), description: name, manufacturer: name, version: name })

const tokenCertificate = record<TokenCertificate>({
  keyId,
  label: name,
  certificate: certificateBytes,
  uses: list(word('sign', 'decrypt'), 2),
})

const pinState = record<Omit<PinState, 'triesLeft' | 'isDefault'>, { triesLeft: number; isDefault: boolean }>(
  { state: word('ok', 'few-tries', 'last-try', 'locked', 'not-set', 'unknown'), protectedPath: flag },
  { triesLeft: count, isDefault: flag },
)

const tokenSummary = record<TokenSummary>({
  uri: text(16384),
  kind: word('pkcs11', 'skf', 'soft'),
  label: name,
  manufacturer: name,
  model: name,
  serial: name,
  pin: pinState,
  certificates: list(tokenCertificate, 256),
  mechanisms: list(text(80), 1024),
})

const algorithm: Codec<SignatureAlgorithm> = word('rsa-pkcs1-sha256', 'rsa-pss-sha256', 'ecdsa-sha256', 'sm2-sm3')

const oaepTransport = record<Extract<KeyTransport, { kind: 'rsa-oaep-sha256' }>>({
  kind: word('rsa-oaep-sha256'),
  encryptedKey: smallBytes,
})
const pkcs1Transport = record<Extract<KeyTransport, { kind: 'rsa-pkcs1' }>>({
  kind: word('rsa-pkcs1'),
  encryptedKey: smallBytes,
  keyLength: count,
})

const ecTransport = record<Extract<KeyTransport, { kind: 'ecdh-aes256-wrap' }>>({
  kind: word('ecdh-aes256-wrap'),
  ephemeralPoint: bytes(97),
  wrappedKey: bytes(40),
})

const sm2Transport = record<Extract<KeyTransport, { kind: 'sm2-sm4-cbc' }>>({
  kind: word('sm2-sm4-cbc'),
  encryptedKey: smallBytes,
  iv: bytes(16),
  content: bytes(48),
})

const transport: Codec<KeyTransport> = {
  encode(value) {
    switch (value.kind) {
      case 'rsa-oaep-sha256':
        return oaepTransport.encode(value)
      case 'rsa-pkcs1':
        return pkcs1Transport.encode(value)
      case 'ecdh-aes256-wrap':
        return ecTransport.encode(value)
      case 'sm2-sm4-cbc':
        return sm2Transport.encode(value)
    }
  },
  decode(json) {
    switch (asObject(json)['kind']) {
      case 'rsa-oaep-sha256':
        return oaepTransport.decode(json)
      case 'rsa-pkcs1':
        return pkcs1Transport.decode(json)
      case 'ecdh-aes256-wrap':
        return ecTransport.decode(json)
      case 'sm2-sm4-cbc':
        return sm2Transport.decode(json)
      default:
        return refuse()
    }
  },
}

const keyKind: Codec<PracticeKeyKind> = word('rsa-2048', 'sm2')
const practiceKey = record<{ keyId: string; publicKey: Uint8Array }>({ keyId, publicKey: smallBytes })
const practiceKeys = record<PracticeTokenKeys>({ tokenUri: text(16384), sign: practiceKey, decrypt: practiceKey })
const practiceCertificate = record<Omit<PracticeCertificate, 'keyId'>, { keyId: string }>(
  { label: name, certificate: certificateBytes },
  { keyId },
)

const sessionArgs = record<SessionArgs>({ session })
const signArgs = record<Omit<KeyArgs & SignArgs, 'message'>, { message: Uint8Array }>(
  { session, keyId, algorithm, digest: smallBytes },
  { message: bytes(messageLimit) },
)
const consent = record<object, { lastTry: boolean }>({}, { lastTry: flag })
const pinChange = record<{ oldPin: string; newPin: string }, { lastTry: boolean }>(
  { oldPin: pin, newPin: pin },
  { lastTry: flag },
)

/** The codecs of every operation. */
export const calls: { readonly [N in CallName]: Call<CallArgs<N>, CallResult<N>> } = {
  load: { args: record({ module }), result: nothing },
  module: { args: nothing, result: moduleSummary },
  list: { args: nothing, result: list(tokenSummary, 64) },
  login: { args: record({ uri: text(16384), pin: nullable(pin), consent }), result: session },
  changePin: { args: record({ uri: text(16384), change: pinChange }), result: nothing },
  certificates: { args: sessionArgs, result: list(tokenCertificate, 256) },
  algorithms: { args: record({ session, keyId }), result: list(algorithm, 8) },
  sign: { args: signArgs, result: smallBytes },
  open: { args: record({ session, keyId, transport }), result: smallBytes },
  logout: { args: sessionArgs, result: nothing },
  initialise: { args: record({ label: name, keyKind, pin, soPin: pin }), result: practiceKeys },
  store: { args: record({ uri: text(16384), pin, certificates: list(practiceCertificate, 16) }), result: nothing },
  rawLoad: { args: record({ module: rawModule }), result: list(text(64), 256) },
  raw: { args: record({ calls: rawCalls }), result: rawAnswers },
  close: { args: nothing, result: nothing },
}

/** Whether a word from the other process names an operation. */
export function isCallName(value: unknown): value is CallName {
  return typeof value === 'string' && Object.hasOwn(calls, value)
}
