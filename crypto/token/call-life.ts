import type { CryptoFailure } from '../errors.ts'

/** How the calls of a driver or a session end. */
export interface CallLifeOptions {
  /**
   * The failure that an error of the library means. Where its code does not tell whether the token is gone, the library is
   * asked again here.
   */
  judge(error: unknown, doing: string): CryptoFailure
  /** Whether nothing works any more after this failure. Never, when it is not told. */
  isEnd?(failure: CryptoFailure): boolean
  /** Gives back what the calls needed; runs once, after which every call fails. Never throws. */
  end?(): void
}

/**
 * The life of a driver or a session over a library whose calls block: a plain call is one at a time, and its errors become
 * failures. Once over it stays so.
 */
export class CallLife {
  readonly #options: CallLifeOptions
  #over: CryptoFailure | null = null

  constructor(options: CallLifeOptions) {
    this.#options = options
  }

  /** Runs one call; `doing` is said in the detail of its failure. Throws what the life ended with, once it has. */
  async run<T>(doing: string, operation: () => T): Promise<T> {
    await Promise.resolve()
    if (this.#over !== null) throw this.#over
    try {
      return operation()
    } catch (error) {
      const failure = this.#options.judge(error, doing)
      if (this.#options.isEnd?.(failure) === true) this.end(failure)
      throw failure
    }
  }

  /** Ends it; every later call fails with `failure`. Harmless twice: the first one counts. */
  end(failure: CryptoFailure): void {
    if (this.#over !== null) return
    this.#over = failure
    this.#options.end?.()
  }
}
