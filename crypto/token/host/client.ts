import { CryptoFailure } from '../../errors.ts'
import type { Call, CallArgs, CallName, CallResult } from './calls.ts'
import { calls } from './calls.ts'
import { frameReader } from './frames.ts'
import { decodeReply, encodeCall, encodeCancel } from './protocol.ts'

/** How a call can be watched and stopped. */
export interface CallOptions {
  /** The process has begun with it: what came before is waiting. */
  readonly onStarted?: () => void
  /** Tells the process that the result is no longer wanted; the call still ends when the process answers. */
  readonly signal?: AbortSignal | undefined
}

/** The application's end of the protocol with one token process. */
export interface HostConnection {
  /** Throws what the process answers, or what {@link end} was given. */
  call<N extends CallName>(name: N, args: CallArgs<N>, options?: CallOptions): Promise<CallResult<N>>
  /** Bytes from the process. Throws `token.driver-crashed` when they are no messages: the process must then be ended. */
  receive(bytes: Uint8Array): void
  /** Every call that waits, and every later one, fails with this. */
  end(failure: CryptoFailure): void
}

/** Speaks with a token process whose bytes go out through `send`. */
export function connectTokenHost(send: (bytes: Uint8Array) => void): HostConnection {
  const pending = new Map<number, Pending>()
  const reader = frameReader()
  let lastId = 0
  let ended: CryptoFailure | null = null

  return {
    async call(name, args, options = {}) {
      if (ended !== null) throw ended
      lastId += 1
      const id = lastId
      const { signal } = options
      const codecs: Call<CallArgs<typeof name>, CallResult<typeof name>> = calls[name]
      const stop = (): void => send(encodeCancel(id))
      signal?.addEventListener('abort', stop, { once: true })
      try {
        const json = await new Promise<unknown>((resolve, reject) => {
          pending.set(id, { resolve, reject, onStarted: options.onStarted ?? (() => undefined) })
          send(encodeCall(id, name, codecs.args.encode(args)))
        })
        return codecs.result.decode(json)
      } finally {
        pending.delete(id)
        signal?.removeEventListener('abort', stop)
      }
    },
    receive(bytes) {
      for (const body of reader.push(bytes)) {
        const reply = decodeReply(body)
        const waiting = pending.get(reply.id)
        if (waiting === undefined)
          throw new CryptoFailure('token.driver-crashed', 'the token process answers what was not asked')
        if (reply.kind === 'started') waiting.onStarted()
        else if (reply.kind === 'done') waiting.resolve(reply.result)
        else waiting.reject(reply.failure)
      }
    },
    end(failure) {
      ended ??= failure
      for (const waiting of pending.values()) waiting.reject(ended)
      pending.clear()
    },
  }
}

interface Pending {
  readonly resolve: (json: unknown) => void
  readonly reject: (failure: CryptoFailure) => void
  readonly onStarted: () => void
}
