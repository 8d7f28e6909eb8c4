import type { AppEvent, EventApi } from '../main/contract/events.ts'
import type { Failure, Result } from '../main/contract/failure.ts'
import type { PinApi } from '../main/contract/pin.ts'
import type { Args, Channel, Reply, RequestApi } from '../main/contract/requests.ts'

/** What the preloads of the two pages put on the window. */
interface Exposed {
  readonly bidseal?: RequestApi & EventApi
  readonly bidsealPin?: PinApi
}

/** A request that the main process answered with a failure, or did not answer at all (`internal`). */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly failure: Failure

  constructor(failure: Failure, options?: { readonly cause: unknown }) {
    super(failure.code, options)
    this.failure = failure
  }
}

/** Asks the main process for what the contract names. Throws `CallFailed` and nothing else. */
export async function call<K extends Channel>(channel: K, ...args: Args<K>): Promise<Reply<K>> {
  const result = await ask(channel, args)
  if (!result.ok) throw new CallFailed(result.failure)
  return result.value
}

/** Listens to what main says unasked. Answers a function that stops listening. */
export function onEvent(listener: (event: AppEvent) => void): () => void {
  return exposed().bidseal?.onEvent(listener) ?? (() => undefined)
}

/** The surface of the PIN page. Throws `CallFailed` in a page that has none. */
export function pinApi(): PinApi {
  const api = exposed().bidsealPin
  if (api === undefined) throw new CallFailed({ code: 'internal', detail: 'this page may not ask for a PIN' })
  return api
}

async function ask<K extends Channel>(channel: K, args: Args<K>): Promise<Result<Reply<K>>> {
  const api = exposed().bidseal
  if (api === undefined) throw new CallFailed({ code: 'internal', detail: 'the page is not connected' })
  // The table ties channel, arguments and reply together; TypeScript loses the tie on an indexed union of functions.
  const request = api[channel] as (...args: Args<K>) => Promise<Result<Reply<K>>>
  try {
    return await request(...args)
  } catch (cause) {
    throw new CallFailed({ code: 'internal', detail: 'the request did not come back' }, { cause })
  }
}

function exposed(): Exposed {
  return globalThis as Exposed
}
