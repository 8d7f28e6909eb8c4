import { AppFailure } from '../../contract/failure.ts'
import { toFailure } from '../failure.ts'
import { type Bench, type Case, failed, type Outcome, skipped } from './case.ts'

/** Runs one case; what it throws becomes its outcome. Throws `cancelled` alone. */
export async function judgeCase(
  each: Case,
  bench: Bench,
  signal: AbortSignal,
): Promise<{ readonly outcome: Outcome; readonly thrown: boolean }> {
  try {
    return { outcome: await orAborted(each.run(bench), signal), thrown: false }
  } catch (error) {
    if (signal.aborted) throw cancelled()
    return { outcome: outcomeOf(error), thrown: true }
  }
}

/** Failures that a case leaves to the engine, by the name of the deviation. */
const thrownFaults: Readonly<Record<string, string>> = {
  'token.driver-crashed': 'driver-crashed',
  'token.driver-hung': 'driver-hung',
  'token.removed': 'token-removed',
  'token.absent': 'token-absent',
  'token.driver-unavailable': 'driver-unavailable',
  'token.driver-bitness': 'driver-bitness',
}

/** Failures after which a case has said nothing. */
const thrownSkips: Readonly<Record<string, string>> = {
  'token.pin-required': 'pin-not-given',
  'token.pin-last-try': 'pin-tries-low',
}

function outcomeOf(error: unknown): Outcome {
  const { code, detail } = toFailure(error)
  const evidence = [
    { name: 'failure', value: code },
    ...(detail === undefined ? [] : [{ name: 'detail', value: detail.slice(0, 200) }]),
  ]
  const fault = thrownFaults[code]
  if (fault !== undefined) return failed(fault, evidence)
  const skip = thrownSkips[code]
  return skip === undefined ? failed('internal', evidence) : skipped(skip, evidence)
}

/** A case that does not look at the signal must not keep the user waiting. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(cancelled())
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop)
    })
  })
}

/** What a run ends with that its user has stopped. */
export function cancelled(): AppFailure {
  return new AppFailure('cancelled', 'stopped at the request of the caller')
}
