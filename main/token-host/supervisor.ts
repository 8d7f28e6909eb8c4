import type {
  CallArgs,
  CallName,
  CallResult,
  PinConsent,
  TokenDriver,
  TokenModule,
  TokenSession,
} from '../../crypto/index.ts'
import { CryptoFailure, messageLimit } from '../../crypto/index.ts'
import { callQueue } from './call-queue.ts'
import type { StartProcess } from './host-process.ts'
import { defaultLimits, type TokenLimits } from './limits.ts'
import { RunningHost } from './running-host.ts'

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
  const desk = new SupervisedDesk(options)
  return { ...supervisedDriver(desk, undefined), within: signal => supervisedDriver(desk, signal) }
}

/** The process that is running now, and the queue before it. */
class SupervisedDesk {
  readonly #options: TokenHostOptions
  readonly #limits: TokenLimits
  readonly #queue = callQueue()
  #host: { readonly running: RunningHost; readonly module: TokenModule } | null = null
  #closed = false

  constructor(options: TokenHostOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
  }

  /** A call to the library, in a new process where none runs. */
  call<N extends CallName>(name: N, args: CallArgs<N>, signal: AbortSignal | undefined): Promise<CallResult<N>> {
    return this.#queue.add(async () => this.#perform(await this.#ready(), name, args, signal), signal)
  }

  /** A call to a session, which lives and dies with its process. */
  callSession<N extends CallName>(
    host: RunningHost,
    name: N,
    args: CallArgs<N>,
    signal: AbortSignal | undefined,
  ): Promise<CallResult<N>> {
    return this.#queue.add(() => {
      if (host.over) throw new CryptoFailure('token.driver-crashed', 'the driver was started anew; log in again')
      return this.#perform(host, name, args, signal)
    }, signal)
  }

  /** A login whose session nobody waits for any more is ended at once. */
  login(
    uri: string,
    pin: string | null,
    consent: PinConsent,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly host: RunningHost; readonly session: number }> {
    return this.#queue.add(async () => {
      const host = await this.#ready()
      const session = await this.#perform(host, 'login', { uri, pin, consent }, signal)
      if (signal?.aborted === true) await host.call('logout', { session }).catch(() => undefined)
      return { host, session }
    }, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    const host = this.#host?.running
    this.#host = null
    // A library that works on something cannot be asked to close.
    if (this.#queue.busy) host?.kill()
    await host?.close()
  }

  async #ready(): Promise<RunningHost> {
    if (this.#host === null || this.#host.running.over) {
      this.#requireOpen()
      const { module } = this.#options
      const told = typeof module === 'function' ? await module() : module
      this.#requireOpen()
      this.#host = { running: new RunningHost(this.#options.startProcess, this.#limits), module: told }
    }
    const host = this.#host
    await host.running.load(host.module)
    return host.running
  }

  #requireOpen(): void {
    if (this.#closed) throw new CryptoFailure('token.driver-unavailable', 'the driver is closed')
  }

  async #perform<N extends CallName>(
    host: RunningHost,
    name: N,
    args: CallArgs<N>,
    signal: AbortSignal | undefined,
  ): Promise<CallResult<N>> {
    this.#options.onCall?.({ name, phase: 'begun' })
    try {
      return await host.call(name, args, signal)
    } finally {
      this.#options.onCall?.({ name, phase: 'ended' })
    }
  }
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
