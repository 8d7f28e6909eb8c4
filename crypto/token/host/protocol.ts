import { CryptoFailure, cryptoFailureCodes } from '../../errors.ts'
import type { CryptoFailureCode } from '../../errors.ts'
import type { CallName } from './calls.ts'
import { isCallName } from './calls.ts'
import type { Json } from './codec.ts'
import { asObject, count, refuse, text } from './codec.ts'
import { encodeFrame } from './frames.ts'

/** What the application sends: an operation, or the wish that an earlier one be dropped. */
export type HostRequest =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly args: unknown }
  | { readonly kind: 'cancel'; readonly id: number }

/** What the token process answers: that an operation began, and once for each how it ended. */
export type HostReply =
  | { readonly kind: 'started'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: CryptoFailure }

/** A message ready for the byte stream: its frame. Throws `token.unsupported` when it is too long for one. */
export function encodeCall(id: number, name: CallName, args: Json): Uint8Array {
  return encode({ id, call: name, args })
}

export function encodeCancel(id: number): Uint8Array {
  return encode({ id, cancel: true })
}

export function encodeStarted(id: number): Uint8Array {
  return encode({ id, started: true })
}

export function encodeResult(id: number, result: Json): Uint8Array {
  return encode({ id, result })
}

/** Only the code and the detail cross; what is not ours becomes `internal` without its words, which might hold anything. */
export function encodeFailure(id: number, error: unknown): Uint8Array {
  const failure =
    error instanceof CryptoFailure ? error : new CryptoFailure('internal', 'an unexpected error in the token process')
  return encode({ id, code: failure.code, detail: failure.detail.slice(0, detailLimit) })
}

/** A frame's body read as a request. Throws `token.driver-crashed` for anything else. */
export function decodeRequest(body: Uint8Array): HostRequest {
  const message = decode(body)
  const id = count.decode(message['id'])
  if (message['cancel'] === true) return { kind: 'cancel', id }
  const name = message['call']
  return isCallName(name) ? { kind: 'call', id, name, args: message['args'] } : refuse()
}

/** A frame's body read as a reply. Throws `token.driver-crashed` for anything else. */
export function decodeReply(body: Uint8Array): HostReply {
  const message = decode(body)
  const id = count.decode(message['id'])
  if (message['started'] === true) return { kind: 'started', id }
  if ('result' in message) return { kind: 'done', id, result: message['result'] }
  const code = cryptoFailureCodes.find((known: CryptoFailureCode) => known === message['code']) ?? refuse()
  return { kind: 'failed', id, failure: new CryptoFailure(code, text(detailLimit).decode(message['detail'])) }
}

const detailLimit = 400

function encode(message: Json): Uint8Array {
  return encodeFrame(new TextEncoder().encode(JSON.stringify(message)))
}

function decode(body: Uint8Array): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse()
  }
  return asObject(json)
}
