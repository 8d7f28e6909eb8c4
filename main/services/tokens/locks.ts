import {
  chooseCertificate,
  keyOpenerFromToken,
  matchesSkfToken,
  matchesToken,
  parseTokenUri,
  signerFromToken,
} from '../../../crypto/index.ts'
import type {
  IdentityChoice,
  KeyOpener,
  KeyUse,
  Signer,
  TokenCertificate,
  TokenDriver,
  TokenSession,
  TokenSummary,
  TokenUri,
} from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { modulesOfUri } from './modules.ts'

/** Whom to ask for the PIN of a token. `index` counts the tokens of this command in the order they were named. */
export interface PinRequest {
  readonly token: TokenSummary
  readonly index: number
}

/** Answers the PIN. Throws `token.pin-required` when nobody can be asked, `cancelled` when the person gives up. */
export type AskPin = (request: PinRequest) => Promise<string>

/** One key pair on a token, found without a PIN. */
export interface LockKey {
  readonly token: TokenSummary
  readonly certificate: TokenCertificate
}

/** The locks one command works with. Each is found once and logged in once, whatever it is used for. */
export interface Locks {
  /** The token a URI names. Throws `token.absent`, `arguments.bad`. */
  find(uri: string): Promise<TokenSummary>
  /** The certificate on the named token for this use. Throws `token.wrong-lock` when it has none or the URI names none. */
  key(uri: string, use: KeyUse): Promise<LockKey>
  /** Logs in (asking for the PIN the first time) and answers who can sign. */
  signer(uri: string): Promise<Signer>
  /** Logs in (asking for the PIN the first time) and answers who can open envelopes. */
  opener(uri: string): Promise<KeyOpener>
  /** Logs out everywhere. The PINs were never kept. */
  close(): Promise<void>
}

export interface LockOptions {
  readonly hosts: TokenHosts
  /** Where to look for tokens whose URI names no module. */
  readonly modules: readonly ModuleReference[]
  /** Every URI of the command in the order it was named; decides the order in which PINs are given. */
  readonly order: readonly string[]
  readonly askPin: AskPin
  /** Certificates that may help to build chains, DER. */
  readonly issuers?: readonly Uint8Array[]
}

interface Found {
  readonly driver: TokenDriver
  readonly summary: TokenSummary
  session?: Promise<TokenSession>
}

/** Opens the ring of locks of one command; nothing is touched until it is asked for. */
export function openLocks(options: LockOptions): Locks {
  const byUri = new Map<string, Promise<Found>>()
  const byToken = new Map<string, Found>()

  function found(uri: string): Promise<Found> {
    const known = byUri.get(uri)
    if (known !== undefined) return known
    const search = searchToken(uri, options).then(token => {
      const same = byToken.get(token.summary.uri)
      if (same === undefined) byToken.set(token.summary.uri, token)
      return same ?? token
    })
    byUri.set(uri, search)
    return search
  }

  async function session(lock: Found): Promise<TokenSession> {
    lock.session ??= login(lock)
    try {
      return await lock.session
    } catch (error) {
      delete lock.session
      throw error
    }
  }

  async function login({ driver, summary }: Found): Promise<TokenSession> {
    const { pin } = summary
    if (pin.state === 'locked') throw new AppFailure('token.pin-locked', 'the driver says that the PIN is locked')
    const index = await positionOf(summary)
    return driver.login(summary.uri, pin.protectedPath ? null : await options.askPin({ token: summary, index }))
  }

  /** PINs are given in the order of the command line, one for each token: a token named twice counts once. */
  async function positionOf(summary: TokenSummary): Promise<number> {
    const seen: string[] = []
    for (const uri of options.order) {
      const other = (await found(uri)).summary.uri
      if (!seen.includes(other)) seen.push(other)
    }
    const index = seen.indexOf(summary.uri)
    return index < 0 ? seen.length : index
  }

  /** Some tokens show their certificates only after the login. */
  async function certificates(lock: Found): Promise<readonly TokenCertificate[]> {
    const { certificates: shown } = lock.summary
    return lock.session === undefined && shown.length > 0 ? shown : (await session(lock)).certificates()
  }

  return {
    find: async uri => (await found(uri)).summary,
    async key(uri, use) {
      const lock = await found(uri)
      return { token: lock.summary, certificate: chooseCertificate(await certificates(lock), use, choiceOf(uri)) }
    },
    async signer(uri) {
      const open = await session(await found(uri))
      return signerFromToken(open, await open.certificates(), { ...choiceOf(uri), issuerPool: options.issuers ?? [] })
    },
    async opener(uri) {
      const open = await session(await found(uri))
      return keyOpenerFromToken(open, await open.certificates(), choiceOf(uri))
    },
    async close() {
      for (const lock of byToken.values()) await lock.session?.then(open => open.close()).catch(() => undefined)
    },
  }
}

/** Whether a name means a token of the modules that it leads to. */
function means(uri: TokenUri, summary: TokenSummary): boolean {
  if (uri.kind === 'soft') return true
  if (uri.kind === 'pkcs11') return matchesToken(uri, summary)
  const own = parseTokenUri(summary.uri)
  if (own.kind !== 'skf') return false
  const { token: label = '', serial = '', manufacturer = '', application = '' } = own
  return matchesSkfToken(uri, { label, serial, manufacturer, application })
}

/** Which of the token's key pairs the URI singles out. */
function choiceOf(uri: string): IdentityChoice {
  const { keyId, object } = { object: undefined, ...parseTokenUri(uri) }
  return { keyId, object }
}

async function searchToken(uri: string, options: LockOptions): Promise<Found> {
  const parsed = parseTokenUri(uri)
  const candidates: Found[] = []
  for (const module of modulesOfUri(uri, options.modules)) {
    const driver = options.hosts.driver(module)
    for (const summary of await driver.list()) {
      if (means(parsed, summary)) candidates.push({ driver, summary })
    }
  }
  const [only] = candidates
  if (only === undefined) throw new AppFailure('token.absent', 'no token of this name is plugged in')
  if (candidates.length > 1) {
    throw new AppFailure('token.wrong-lock', 'several tokens bear this name; use the whole URI that token list prints')
  }
  return only
}
