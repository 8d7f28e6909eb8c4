import type { AskPin } from '../services/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { plain } from './wording.ts'

/** PINs taken out of the environment, by the position of their token; no child process ever sees them. */
export function takeEnvironmentPins(environment: Record<string, string | undefined>): ReadonlyMap<number, string> {
  const pins = new Map<number, string>()
  for (const [name, value] of Object.entries(environment)) {
    const match = /^BIDSEAL_PIN(?:_([1-9][0-9]{0,2}))?$/.exec(name)
    if (match === null) continue
    // SECURITY: A7. Children are started with a copy of the environment.
    Reflect.deleteProperty(environment, name)
    if (value !== undefined) pins.set(match[1] === undefined ? 0 : Number(match[1]) - 1, value)
  }
  return pins
}

/** Where the PINs of this command come from: standard input, the environment, or a person at the terminal. */
export function pinSource(
  terminal: Terminal,
  options: { readonly fromInput: boolean; readonly environment: ReadonlyMap<number, string> },
): AskPin {
  return async ({ token, index }) => {
    const given = options.fromInput ? (await terminal.inputLines())[index] : options.environment.get(index)
    if (given !== undefined && given !== '') {
      // A wrong stored PIN would spend the last try and block the lock: that try is the person's.
      if (token.pin.state === 'last-try') {
        throw new AppFailure('token.pin-required', 'one try is left; it is only taken from a person at the terminal')
      }
      return given
    }
    if (!terminal.interactive || options.fromInput) throw new AppFailure('token.pin-required', 'no PIN was given')
    const typed = await terminal.secret(
      `${terminal.words(warning(token.pin.state))}${terminal.words(prompt(plain(token.label)))}`,
    )
    if (typed === null) throw new AppFailure('cancelled', 'no PIN was typed')
    return typed
  }
}

function prompt(label: string): Words {
  return { zh: `请输入「${label}」的 PIN 码：`, en: `PIN of “${label}”: ` }
}

function warning(state: string): Words {
  if (state === 'last-try')
    return { zh: '只剩最后一次机会，再错将锁死。', en: 'ONE TRY IS LEFT; a wrong PIN blocks the lock. ' }
  if (state === 'few-tries') return { zh: '剩余次数不多，请仔细输入。', en: 'Few tries are left, type with care. ' }
  return { zh: '', en: '' }
}
