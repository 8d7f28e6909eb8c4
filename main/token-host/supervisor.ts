import type { CallName, TokenDriver, TokenModule, TokenSession } from '../../crypto/index.ts'
import { messageLimit } from '../../crypto/index.ts'
import type { StartProcess } from './host-process.ts'
import type { TokenLimits } from './limits.ts'
import type { RunningHost } from './running-host.ts'
import { SupervisedDesk } from './supervised-desk.ts'

/** What a token host is made of. */
export interface TokenHostOptions {
  /** The one library of this process; as a function it is asked each time a process is started. */
  readonly module: TokenModule | (() => Promise<TokenModule>)
  readonly startProcess: StartProcess
  /** Milliseconds; what is not given is {@link defaultLimits}. */
  readonly limits?: Partial<TokenLimits>
  /** Told when a call begins and ends, for a line such as “waiting for the token”. */
  readonly onCall?: (call: { readonly name: CallName; readonly phase: 'begun' | 'ended' }) => void
}

/** A token driver in a process of its own. */
export interface TokenHost extends TokenDriver {
  /** The same driver for a job that can be cancelled: its calls, and those of its sessions, end with the signal. */
  within(signal: AbortSignal): TokenDriver
}

/**
 * Supervises one vendor library in its own process, which starts with the first call. A crash is answered with
 * `token.driver-crashed`, a hang with `token.driver-hung` after the process has been ended; the next call starts a new
 * one. Sessions end with their process: their calls then fail with `token.driver-crashed`, and a new login is needed.
 * `close` always ends the process.
 */
export function startTokenHost(options: TokenHostOptions): TokenHost {
  const { module, ...rest } = options
  const library = typeof module === 'function' ? module : () => Promise.resolve(module)
  const desk = new SupervisedDesk({ ...rest, module: async () => ({ raw: false, library: await library() }) })
  return { ...supervisedDriver(desk, undefined), within: signal => supervisedDriver(desk, signal) }
}

function supervisedDriver(desk: SupervisedDesk, signal: AbortSignal | undefined): TokenDriver {
  return {
    module: () => desk.call('module', undefined, signal),
    list: () => desk.call('list', undefined, signal),
    async login(tokenUri, pin, consent = {}) {
      const { host, session } = await desk.login(tokenUri, pin, consent, signal)
      return supervisedSession(desk, host, session, signal)
    },
    changePin: (uri, change) => desk.call('changePin', { uri, change }, signal),
    initialisePracticeToken: options => desk.call('initialise', options, signal),
    storePracticeCertificates: (uri, pin, certificates) => desk.call('store', { uri, pin, certificates }, signal),
    close: () => desk.close(),
  }
}

function supervisedSession(
  desk: SupervisedDesk,
  host: RunningHost,
  session: number,
  signal: AbortSignal | undefined,
): TokenSession {
  return {
    certificates: () => desk.callSession(host, 'certificates', { session }, signal),
    algorithms: keyId => desk.callSession(host, 'algorithms', { session, keyId }, signal),
    sign(keyId, algorithm, digest, message) {
      // Only locks that digest the message themselves need it, and only short ones fit into a call.
      const rest = message === undefined || message.length > messageLimit ? {} : { message }
      return desk.callSession(host, 'sign', { session, keyId, algorithm, digest, ...rest }, signal)
    },
    open: (keyId, transport) => desk.callSession(host, 'open', { session, keyId, transport }, signal),
    async close() {
      // Logging out is wanted all the more when the job was cancelled; with its process the session is gone anyway.
      if (!host.over) await desk.callSession(host, 'logout', { session }, undefined).catch(() => undefined)
    },
  }
}
