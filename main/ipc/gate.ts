import type { Failure, FailureCode, Result } from '../contract/failure.ts'
import { channels, requests } from '../contract/requests.ts'
import type { Channel, Handlers } from '../contract/requests.ts'
import { isPinAnswer, pinChannels } from '../contract/pin.ts'
import type { PinAnswer, PinQuestion } from '../contract/pin.ts'

/** What a call says of its sender; judged by the shell. */
export type IsTrusted<E> = (event: E) => boolean

/** The part of Electron's `ipcMain` that is needed. */
export interface InvokeChannels<E> {
  handle(channel: string, listener: (event: E, ...args: readonly unknown[]) => Promise<unknown>): void
}

/** Whoever answers the PIN page. */
export interface PinAnswers {
  question(): PinQuestion
  /** Null gives up. Throws `token.pin-last-try` while consent to the last try is missing. */
  answer(answer: PinAnswer | null): void
}

/**
 * Answers every channel of the contract. A call is served only when it comes from a trusted frame and its arguments pass
 * their checks, number included; otherwise the caller gets a failure, never silence.
 * SECURITY: S17, A1.
 */
export function openGate<E>(
  ipc: InvokeChannels<E>,
  handlers: Handlers,
  isTrusted: IsTrusted<E>,
  toFailure: (error: unknown) => Failure,
): void {
  for (const channel of channels) {
    // The table ties arguments and handler together; TypeScript loses the tie on an indexed union of functions.
    const handler = handlers[channel] as (...args: readonly unknown[]) => Promise<unknown>
    ipc.handle(
      channel,
      guarded(isTrusted, args => accepts(channel, args), handler, toFailure),
    )
  }
}

/** The two channels of the PIN page, guarded in the same way. */
export function openPinGate<E>(
  ipc: InvokeChannels<E>,
  answers: PinAnswers,
  isTrusted: IsTrusted<E>,
  toFailure: (error: unknown) => Failure,
): void {
  const question = async (): Promise<PinQuestion> => answers.question()
  const answer = async (said: unknown): Promise<null> => {
    if (isPinAnswer(said)) answers.answer(said)
    return null
  }
  ipc.handle(
    pinChannels.question,
    guarded(isTrusted, args => args.length === 0, question, toFailure),
  )
  const one = (args: readonly unknown[]): boolean => args.length === 1 && isPinAnswer(args[0])
  ipc.handle(pinChannels.answer, guarded(isTrusted, one, answer, toFailure))
}

function guarded<E>(
  isTrusted: IsTrusted<E>,
  accepted: (args: readonly unknown[]) => boolean,
  handler: (...args: readonly unknown[]) => Promise<unknown>,
  toFailure: (error: unknown) => Failure,
): (event: E, ...args: readonly unknown[]) => Promise<Result<unknown>> {
  return async (event, ...args) => {
    if (!isTrusted(event)) return refuse('bridge.sender', 'the caller is not trusted')
    if (!accepted(args)) return refuse('bridge.arguments', 'the arguments are not those of the request')
    try {
      return { ok: true, value: await handler(...args) }
    } catch (error) {
      return { ok: false, failure: toFailure(error) }
    }
  }
}

function accepts(channel: Channel, args: readonly unknown[]): boolean {
  const checks: readonly ((value: unknown) => boolean)[] = requests[channel].checks
  return args.length === checks.length && checks.every((check, index) => check(args[index]))
}

function refuse(code: FailureCode, detail: string): Result<never> {
  return { ok: false, failure: { code, detail } }
}
