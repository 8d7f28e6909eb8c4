import type { PinConsent, TokenSummary } from '../../crypto/index.ts'
import { isLastTry } from '../services/index.ts'
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

/** Where PINs come from, and whether the last try may be used. */
export interface PinSourceOptions {
  readonly fromInput: boolean
  readonly environment: ReadonlyMap<number, string>
  /** `--last-try`: whoever wrote the command has made sure of the PIN. */
  readonly lastTry: boolean
}

/** Where the PINs of this command come from: standard input, the environment, or a person at the terminal. */
export function pinSource(terminal: Terminal, options: PinSourceOptions): AskPin {
  return async ({ token, index }) => {
    const consent = isLastTry(token.pin) ? { consent: await lastTryConsent(terminal, token, options) } : {}
    if (token.pin.protectedPath) return { pin: null, ...consent }
    const given = options.fromInput ? (await terminal.inputLines())[index] : options.environment.get(index)
    if (given !== undefined && given !== '') return { pin: given, ...consent }
    if (options.fromInput) throw new AppFailure('token.pin-required', 'no PIN was given')
    return { pin: await typedPin(terminal, pinWords(token)), ...consent }
  }
}

/**
 * What the user says before the last try: `--last-try`, or a whole word typed after the warning. Throws
 * `token.pin-last-try` when nobody can be asked or says no.
 */
export async function lastTryConsent(
  terminal: Terminal,
  { label, pin }: TokenSummary,
  options: Pick<PinSourceOptions, 'lastTry' | 'fromInput'>,
): Promise<PinConsent> {
  if (options.lastTry) return { lastTry: true }
  if (pin.state === 'locked' || !terminal.interactive || options.fromInput) {
    throw new AppFailure(
      'token.pin-last-try',
      'one try is left; it is used only with --last-try, or by a person who agrees',
    )
  }
  for (const line of terminal.words(lastTryWarning(plain(label))).split('\n')) terminal.note(line)
  const typed = await terminal.line(terminal.words(lastTryQuestion))
  if (typed === null) throw new AppFailure('cancelled', 'the question was not answered')
  if (/^(yes|是|同意)$/i.test(typed.trim())) return { lastTry: true }
  throw new AppFailure('token.pin-last-try', 'the last try was declined')
}

/** A PIN typed unseen. Throws `token.pin-required` where nobody can be asked, `cancelled` when the input ends. */
export async function typedPin(terminal: Terminal, prompt: Words): Promise<string> {
  if (!terminal.interactive) throw new AppFailure('token.pin-required', 'no PIN was given')
  const typed = await terminal.secret(terminal.words(prompt))
  if (typed === null) throw new AppFailure('cancelled', 'no PIN was typed')
  return typed
}

function pinWords({ label, pin }: TokenSummary): Words {
  const few =
    pin.state === 'few-tries' ? { zh: '剩余次数不多，请仔细输入。', en: 'Few tries are left, type with care. ' } : none
  const name = plain(label)
  return { zh: `${few.zh}请输入「${name}」的 PIN 码：`, en: `${few.en}PIN of “${name}”: ` }
}

const none: Words = { zh: '', en: '' }

function lastTryWarning(label: string): Words {
  return {
    zh: `警告：「${label}」的 PIN 码只剩最后一次机会，再错一次锁将被锁死。\n没有把握请先向发锁的 CA 机构核实或重置 PIN 码，已封标的文件不受影响。`,
    en: `Warning: “${label}” has ONE PIN TRY LEFT; another wrong PIN blocks the lock.\nIf in doubt have the CA confirm or reset the PIN first. Your sealed bids are not affected.`,
  }
}

const lastTryQuestion: Words = {
  zh: '已核实 PIN 码、同意使用最后一次机会，请输入“是”：',
  en: 'Type “yes” if you have made sure of the PIN and want to use the last try: ',
}
