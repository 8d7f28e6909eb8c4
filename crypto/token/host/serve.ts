import { CryptoFailure } from '../../errors.ts'
import type { TokenDriver, TokenSession } from '../port.ts'
import type { LocalRawLibrary } from '../raw/library.ts'
import type { RawModule } from '../raw/raw-call.ts'
import type { Call, CallArgs, CallName, CallResult, TokenModule } from './calls.ts'
import { calls } from './calls.ts'
import type { Json } from './codec.ts'
import { refuse } from './codec.ts'
import { frameReader } from './frames.ts'
import { decodeRequest, encodeFailure, encodeResult, encodeStarted } from './protocol.ts'

/** The byte stream to the application: fd 3 of a child process, the parent port of a utility process. */
export interface HostChannel {
  send(bytes: Uint8Array): void
  /** Called once, before anything arrives. `onEnd` says that the other side is gone. */
  listen(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void
}

/** Loads the library that a `load` call names. */
export type OpenDriver = (module: TokenModule) => Promise<TokenDriver>

/** Loads the library that a `rawLoad` call names. */
export type OpenRaw = (module: RawModule) => Promise<LocalRawLibrary>

/** Why serving ended: the application went away, asked for it, or sent what is not a message. */
export type ServeEnd = 'gone' | 'closed' | 'malformed'

/**
 * Answers a channel's calls with one driver, one at a time in the order they came; a cancelled call that waits is
 * dropped, the result of one that runs is refused. Resolves when it is over; the driver is closed by then, except after
 * `malformed`, where the process should end at once.
 */
export function serveTokenHost(
  channel: HostChannel,
  openDriver: OpenDriver,
  openRaw: OpenRaw = noRaw,
): Promise<ServeEnd> {
  return new Promise(resolve => {
    const desk = new CallDesk(openDriver, openRaw)
    const waiting = new Map<number, { cancelled: boolean }>()
    const reader = frameReader()
    let tail = Promise.resolve()
    let over = false

    async function answer(id: number, name: CallName, args: unknown, state: { cancelled: boolean }): Promise<void> {
      if (over) return
      try {
        if (!state.cancelled) channel.send(encodeStarted(id))
        const result = state.cancelled ? null : await desk.answer(name, args)
        if (state.cancelled) {
          if (name === 'login' && typeof result === 'number') await desk.answer('logout', { session: result })
          throw new CryptoFailure('cancelled', 'stopped at the request of the caller')
        }
        channel.send(encodeResult(id, result))
      } catch (error) {
        channel.send(encodeFailure(id, error))
      } finally {
        waiting.delete(id)
      }
      if (name === 'close') end('closed')
    }

    function end(why: ServeEnd): void {
      if (over) return
      over = true
      if (why === 'malformed') resolve(why)
      else void desk.close().then(() => resolve(why))
    }

    channel.listen(
      piece => {
        if (over) return
        try {
          for (const body of reader.push(piece)) {
            const request = decodeRequest(body)
            const state = { cancelled: false }
            if (request.kind === 'call') {
              if (waiting.has(request.id) || waiting.size >= queueLimit) refuse()
              waiting.set(request.id, state)
              tail = tail.then(() => answer(request.id, request.name, request.args, state))
            } else {
              const known = waiting.get(request.id)
              if (known !== undefined) known.cancelled = true
            }
          }
        } catch {
          end('malformed')
        }
      },
      () => end('gone'),
    )
  })
}

const queueLimit = 1024

function noRaw(): never {
  throw new CryptoFailure('token.unsupported', 'this process calls no library function by function')
}

type Handlers = { readonly [N in CallName]: (args: CallArgs<N>) => Promise<CallResult<N>> }

/** One driver and its sessions behind the table of calls. */
class CallDesk {
  readonly #openDriver: OpenDriver
  readonly #sessions = new Map<number, TokenSession>()
  readonly #openRaw: OpenRaw
  #driver: TokenDriver | null = null
  #raw: LocalRawLibrary | null = null
  #lastSession = 0

  constructor(openDriver: OpenDriver, openRaw: OpenRaw) {
    this.#openDriver = openDriver
    this.#openRaw = openRaw
  }

  async answer(name: CallName, args: unknown): Promise<Json> {
    return this.#answer(name, args)
  }

  async close(): Promise<void> {
    const opened = [this.#driver, this.#raw]
    this.#driver = null
    this.#raw = null
    this.#sessions.clear()
    for (const library of opened) await library?.close().catch(() => undefined)
  }

  async #answer<N extends CallName>(name: N, args: unknown): Promise<Json> {
    const call: Call<CallArgs<N>, CallResult<N>> = calls[name]
    const handler: Handlers[N] = this.#handlers[name]
    return call.result.encode(await handler(call.args.decode(args)))
  }

  readonly #handlers: Handlers = {
    load: async ({ module }) => {
      await this.close()
      this.#driver = await this.#openDriver(module)
      return undefined
    },
    module: () => this.#loaded().module(),
    list: () => this.#loaded().list(),
    login: async ({ uri, pin, consent }) => {
      const session = await this.#loaded().login(uri, pin, consent)
      this.#lastSession += 1
      this.#sessions.set(this.#lastSession, session)
      return this.#lastSession
    },
    changePin: async ({ uri, change }) => {
      await this.#loaded().changePin(uri, change)
      return undefined
    },
    certificates: ({ session }) => this.#session(session).certificates(),
    algorithms: ({ session, keyId }) => this.#session(session).algorithms(keyId),
    sign: ({ session, keyId, algorithm, digest, message }) =>
      this.#session(session).sign(keyId, algorithm, digest, message),
    open: ({ session, keyId, transport }) => this.#session(session).open(keyId, transport),
    logout: async ({ session }) => {
      const open = this.#sessions.get(session)
      this.#sessions.delete(session)
      await open?.close()
      return undefined
    },
    initialise: options => this.#loaded().initialisePracticeToken(options),
    store: async ({ uri, pin, certificates }) => {
      await this.#loaded().storePracticeCertificates(uri, pin, certificates)
      return undefined
    },
    rawLoad: async ({ module }) => {
      await this.close()
      this.#raw = await this.#openRaw(module)
      return this.#raw.functions
    },
    raw: async ({ calls: asked }) => {
      const library = this.#loadedRaw()
      const [only] = asked
      return asked.length === 1 && only !== undefined
        ? [await library.call(only.name, only.args)]
        : library.together(asked)
    },
    close: async () => {
      await this.close()
      return undefined
    },
  }

  #loadedRaw(): LocalRawLibrary {
    if (this.#raw === null) throw new CryptoFailure('token.driver-unavailable', 'no library is loaded')
    return this.#raw
  }

  #loaded(): TokenDriver {
    if (this.#driver === null) throw new CryptoFailure('token.driver-unavailable', 'no library is loaded')
    return this.#driver
  }

  #session(id: number): TokenSession {
    const session = this.#sessions.get(id)
    if (session === undefined) throw new CryptoFailure('token.removed', 'the session has ended; log in again')
    return session
  }
}
