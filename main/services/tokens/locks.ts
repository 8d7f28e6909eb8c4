import {
  chooseCertificate,
  CryptoFailure,
  keyOpenerFromToken,
  parseTokenUri,
  signerFromToken,
} from '../../../crypto/index.ts'
import type {
  IdentityChoice,
  KeyOpener,
  KeyUse,
  Signer,
  TokenCertificate,
  TokenSession,
  TokenSummary,
} from '../../../crypto/index.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import { findToken, type FoundToken } from './find-token.ts'
import { requireChecked } from './first-use.ts'
import { type AskPin, isLastTry, requireConsent, requireNotLocked } from './pin-given.ts'

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
  /**
   * Every certificate of the token for this use that the URI leaves open. Asks for the PIN only where the token shows
   * nothing without it.
   */
  keys(uri: string, use: KeyUse): Promise<readonly LockKey[]>
  /** Logs in (asking for the PIN the first time) and answers who can sign. Throws `token.deviation` at the first use. */
  signer(uri: string): Promise<Signer>
  /** Logs in (asking for the PIN the first time) and answers who can open envelopes. Throws `token.deviation` likewise. */
  opener(uri: string): Promise<KeyOpener>
  /** Logs out everywhere. The PINs were never kept. */
  close(): Promise<void>
}

/** What can be seen of locks; nothing is signed or opened through it. */
export type LockSight = Pick<Locks, 'find' | 'keys'>

export interface LockOptions {
  readonly hosts: TokenHosts
  /** Where to look for tokens whose URI names no module. */
  readonly modules: readonly ModuleReference[]
  /** Every URI of the command in the order it was named; decides the order in which PINs are given. */
  readonly order: readonly string[]
  readonly askPin: AskPin
  /** Answers certificates that may help to build chains, DER; asked when somebody is to sign. */
  readonly issuers?: () => Promise<readonly Uint8Array[]>
  /** Told when a vendor's lock is tried before its first use, which takes a moment. */
  readonly onCheck?: (token: TokenSummary) => void
}

interface Found extends FoundToken {
  session?: Promise<TokenSession>
}

/** Opens the ring of locks of one command; nothing is touched until it is asked for. */
export function openLocks(options: LockOptions): Locks {
  const byUri = new Map<string, Promise<Found>>()
  const byToken = new Map<string, Found>()

  function found(uri: string): Promise<Found> {
    const known = byUri.get(uri)
    if (known !== undefined) return known
    const search = findToken(options.hosts, options.modules, uri).then(token => {
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
    const index = await positionOf(summary)
    try {
      return await loginOnce(driver, summary, index)
    } catch (error) {
      // Another program may have used up tries since the lock was looked at: only its driver knew, and has sent nothing.
      if (!(error instanceof CryptoFailure) || error.code !== 'token.pin-last-try') throw error
      const now = (await driver.list()).find(({ uri }) => uri === summary.uri)
      if (now === undefined) throw error
      return loginOnce(driver, { ...now, pin: { ...now.pin, state: 'last-try' } }, index)
    }
  }

  async function loginOnce(driver: Found['driver'], token: TokenSummary, index: number): Promise<TokenSession> {
    requireNotLocked(token.pin)
    const asked = !token.pin.protectedPath || isLastTry(token.pin)
    const { pin, consent = {} } = asked ? await options.askPin({ token, index }) : { pin: null }
    requireConsent(token.pin, consent)
    return driver.login(token.uri, token.pin.protectedPath ? null : pin, consent)
  }

  /**
   * PINs are given in the order of the command line, one for each token: a token named twice counts once, and one that cannot
   * be found keeps its place and nobody else from working.
   */
  async function positionOf(summary: TokenSummary): Promise<number> {
    const seen: string[] = []
    for (const uri of options.order) {
      const other = await found(uri).then(
        each => each.summary.uri,
        () => uri,
      )
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

  /** A logged-in token whose key for this use, where it is a vendor's, has been tried. */
  async function ready(uri: string, use: KeyUse) {
    const lock = await found(uri)
    const open = await session(lock)
    const all = await open.certificates()
    const choice = choiceOf(uri)
    if (lock.module.kind !== 'soft') {
      const key = { tokenUri: lock.summary.uri, session: open, certificates: all, use }
      await requireChecked({ ...key, certificate: chooseCertificate(all, use, choice) }, () => {
        options.onCheck?.(lock.summary)
      })
    }
    return { open, all, choice }
  }

  return {
    find: async uri => (await found(uri)).summary,
    async key(uri, use) {
      const lock = await found(uri)
      return { token: lock.summary, certificate: chooseCertificate(await certificates(lock), use, choiceOf(uri)) }
    },
    async keys(uri, use) {
      const lock = await found(uri)
      const { keyId, object } = choiceOf(uri)
      return (await certificates(lock))
        .filter(
          one =>
            one.uses.includes(use) &&
            one.keyId === (keyId?.toLowerCase() ?? one.keyId) &&
            one.label === (object ?? one.label),
        )
        .map(certificate => ({ token: lock.summary, certificate }))
    },
    async signer(uri) {
      const { open, all, choice } = await ready(uri, 'sign')
      return signerFromToken(open, all, { ...choice, issuerPool: (await options.issuers?.()) ?? [] })
    },
    async opener(uri) {
      const { open, all, choice } = await ready(uri, 'decrypt')
      return keyOpenerFromToken(open, all, choice)
    },
    async close() {
      for (const lock of byToken.values()) await lock.session?.then(open => open.close()).catch(() => undefined)
    },
  }
}

/** Which of the token's key pairs the URI singles out. */
function choiceOf(uri: string): IdentityChoice {
  const { keyId, object } = { object: undefined, ...parseTokenUri(uri) }
  return { keyId, object }
}
