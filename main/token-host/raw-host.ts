import type { RawCall, RawCallOptions, RawLibrary, RawModule } from '../../crypto/index.ts'
import { CryptoFailure, requireCarried } from '../../crypto/index.ts'
import type { StartProcess } from './host-process.ts'
import type { TokenLimits } from './limits.ts'
import { SupervisedDesk } from './supervised-desk.ts'

/** What a raw host is made of. */
export interface RawHostOptions {
  /** The one library of this process. */
  readonly module: RawModule
  readonly startProcess: StartProcess
  /** Milliseconds; what is not given is `defaultLimits`. A raw call has the limit of `use`, loading that of `probe`. */
  readonly limits?: Partial<TokenLimits>
}

/** A library whose functions are called one by one, in a process of its own. */
export interface RawHost extends RawLibrary {
  /** Ends the process with all that the library knows; the next call loads it anew. */
  restart(): Promise<void>
}

/**
 * Supervises one vendor library that is called function by function, in its own process, which starts with the first call.
 * A crash is answered with `token.driver-crashed`, a hang with `token.driver-hung` after the process has been ended; the next
 * call starts a new one, in which nothing is initialised and no handle is known. `close` always ends the process.
 */
export function startRawHost({ module, startProcess, limits = {} }: RawHostOptions): RawHost {
  const desk = new SupervisedDesk({
    module: () => Promise.resolve({ raw: true, library: module }),
    startProcess,
    limits,
  })
  const together = async (calls: readonly RawCall[], { limit, signal }: RawCallOptions = {}) => {
    requireCarried(calls)
    return desk.call('raw', { calls }, signal, limit)
  }
  return {
    kind: module.kind,
    has: async name => (await desk.functions()).includes(name),
    async call(name, args, options) {
      const [answer] = await together([{ name, args }], options)
      // The process answers every call that it was asked.
      if (answer === undefined) throw new CryptoFailure('token.driver-crashed', 'the token process answers nothing')
      return answer
    },
    together: (calls, options) => (calls.length === 0 ? Promise.resolve([]) : together(calls, options)),
    restart: () => desk.restart(),
    close: () => desk.close(),
  }
}
