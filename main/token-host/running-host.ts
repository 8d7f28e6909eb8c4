import type { CallArgs, CallName, CallResult, HostConnection, RawModule, TokenModule } from '../../crypto/index.ts'
import { connectTokenHost, CryptoFailure } from '../../crypto/index.ts'
import type { HostProcess, StartProcess } from './host-process.ts'
import { limitOf, type TokenLimits } from './limits.ts'

/** The library of a process, and whether the product's driver is over it or its functions are called one by one. */
export type HostModule =
  { readonly raw: false; readonly library: TokenModule } | { readonly raw: true; readonly library: RawModule }

/** One token process from its start to its end. A call over its limit ends the process: nothing else ends a hung library. */
export class RunningHost {
  readonly #process: HostProcess
  readonly #connection: HostConnection
  readonly #limits: TokenLimits
  readonly #exited: Promise<void>
  #loaded: Promise<readonly string[]> | null = null
  #begun = false
  #over = false

  constructor(startProcess: StartProcess, limits: TokenLimits) {
    this.#limits = limits
    this.#process = startProcess()
    this.#connection = connectTokenHost(bytes => this.#process.send(bytes))
    this.#exited = new Promise(resolve => {
      this.#process.onExit(how => {
        this.#end(new CryptoFailure('token.driver-crashed', `the driver's process ended (${how}); nothing is lost`))
        resolve()
      })
    })
    this.#process.onBytes(bytes => {
      try {
        this.#connection.receive(bytes)
      } catch (error) {
        this.#end(
          error instanceof CryptoFailure ? error : new CryptoFailure('token.driver-crashed', 'a broken message'),
        )
      }
    })
  }

  /** The process has ended or been ended; another must be started. */
  get over(): boolean {
    return this.#over
  }

  /** Loads the library, once; answers its functions' names where they are called one by one. A process whose library cannot be loaded is of no use and is ended. */
  load(module: HostModule): Promise<readonly string[]> {
    this.#loaded ??= this.#load(module).catch((error: unknown) => {
      this.kill()
      throw error
    })
    return this.#loaded
  }

  /**
   * One call, within its limit or the one that is given (milliseconds). Throws what the driver throws,
   * `token.driver-crashed`, `token.driver-hung`.
   */
  async call<N extends CallName>(
    name: N,
    args: CallArgs<N>,
    signal?: AbortSignal,
    limit = this.#limits[limitOf[name]],
  ): Promise<CallResult<N>> {
    let timer = setTimeout(() => this.#hung(), this.#begun ? limit : this.#limits.boot)
    const onStarted = (): void => {
      this.#begun = true
      clearTimeout(timer)
      timer = setTimeout(() => this.#hung(), limit)
    }
    try {
      return await this.#connection.call(name, args, { onStarted, signal })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Lets the driver log out and close, then ends the process, by force when it takes too long. */
  async close(): Promise<void> {
    if (!this.#over) await this.call('close', undefined).catch(() => undefined)
    await this.#exitWithin(this.#limits.close)
    this.kill()
    await this.#exitWithin(this.#limits.close)
  }

  /** Ends the process at once. */
  kill(): void {
    this.#end(new CryptoFailure('token.driver-crashed', 'the driver was stopped'))
  }

  async #load(module: HostModule): Promise<readonly string[]> {
    if (module.raw) return this.call('rawLoad', { module: module.library })
    await this.call('load', { module: module.library })
    return []
  }

  #hung(): void {
    this.#end(
      new CryptoFailure('token.driver-hung', 'the driver did not answer in time and was ended; nothing is lost'),
    )
  }

  #end(failure: CryptoFailure): void {
    if (this.#over) return
    this.#over = true
    this.#connection.end(failure)
    this.#process.kill()
  }

  #exitWithin(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds)
      void this.#exited.then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
