import type { CallArgs, CallName, CallResult, PinConsent } from '../../crypto/index.ts'
import { CryptoFailure } from '../../crypto/index.ts'
import { callQueue } from './call-queue.ts'
import type { StartProcess } from './host-process.ts'
import { defaultLimits, type TokenLimits } from './limits.ts'
import { type HostModule, RunningHost } from './running-host.ts'

/** What a desk is made of. */
export interface DeskOptions {
  /** Asked each time a process is started. */
  readonly module: () => Promise<HostModule>
  readonly startProcess: StartProcess
  readonly limits?: Partial<TokenLimits>
  readonly onCall?: (call: { readonly name: CallName; readonly phase: 'begun' | 'ended' }) => void
}

/** The process that is running now, and the queue before it. */
export class SupervisedDesk {
  readonly #options: DeskOptions
  readonly #limits: TokenLimits
  readonly #queue = callQueue()
  #host: { readonly running: RunningHost; readonly module: HostModule } | null = null
  #closed = false

  constructor(options: DeskOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
  }

  /** A call to the library, in a new process where none runs; `limit` is in milliseconds. */
  call<N extends CallName>(
    name: N,
    args: CallArgs<N>,
    signal: AbortSignal | undefined,
    limit?: number,
  ): Promise<CallResult<N>> {
    return this.#queue.add(async () => this.#perform(await this.#ready(), name, args, signal, limit), signal)
  }

  /** Names of the functions of a library that is called function by function. */
  functions(): Promise<readonly string[]> {
    return this.#queue.add(async () => {
      const host = await this.#ready()
      return this.#host === null ? [] : host.load(this.#host.module)
    })
  }

  /** Ends the process; the next call starts another. What still waits goes to that one. */
  async restart(): Promise<void> {
    const host = this.#host?.running
    this.#host = null
    // A library that works on something cannot be asked to close.
    if (this.#queue.busy) host?.kill()
    await host?.close()
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

  /** Ends the process for good. */
  async close(): Promise<void> {
    this.#closed = true
    await this.restart()
  }

  async #ready(): Promise<RunningHost> {
    if (this.#host === null || this.#host.running.over) {
      this.#requireOpen()
      const module = await this.#options.module()
      this.#requireOpen()
      this.#host = { running: new RunningHost(this.#options.startProcess, this.#limits), module }
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
    limit?: number,
  ): Promise<CallResult<N>> {
    this.#options.onCall?.({ name, phase: 'begun' })
    try {
      return await host.call(name, args, signal, limit)
    } finally {
      this.#options.onCall?.({ name, phase: 'ended' })
    }
  }
}
