import type { Command } from 'commander'
import type { TokenSummary } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { changePin, isLastTry, modulesToSearch } from '../services/index.ts'
import type { ChangedPin } from '../services/index.ts'
import { withTokenOptions } from './options.ts'
import type { TokenOptions } from './options.ts'
import { lastTryConsent, typedPin } from './pins.ts'
import type { Context, Shell } from './shell.ts'
import { plain } from './wording.ts'

interface PinOptions extends TokenOptions {
  readonly token: string
}

/** `token pin`. */
export function addTokenPin(token: Command, shell: Shell): void {
  const command = token
    .command('pin')
    .description('change the PIN of a lock; with --pin-stdin the old one on the first line, the new one on the second')
    .requiredOption('--token <uri>', 'the lock')
  withTokenOptions(command).action((options: PinOptions, command: Command) =>
    shell.run(command, context => run(context, options)),
  )
}

async function run(context: Context, options: PinOptions): Promise<void> {
  const { terminal, ports } = context
  const token = await changePin({
    hosts: ports.tokens,
    modules: modulesToSearch(options.module ?? [], ports.home),
    uri: options.token,
    ask: found => bothPins(context, options, found),
  })
  terminal.result({ ok: true, uri: token.uri, label: token.label })
  const label = plain(token.label)
  terminal.say(terminal.words({ zh: `「${label}」的 PIN 码已更改。`, en: `The PIN of “${label}” has been changed.` }))
}

async function bothPins({ terminal }: Context, options: PinOptions, token: TokenSummary): Promise<ChangedPin> {
  const { lastTry = false, pinStdin: fromInput = false } = options
  const consent = isLastTry(token.pin) ? { consent: await lastTryConsent(terminal, token, { lastTry, fromInput }) } : {}
  if (fromInput) {
    const [pin = '', newPin = ''] = await terminal.inputLines()
    if (pin === '' || newPin === '')
      throw new AppFailure('token.pin-required', 'two lines are needed: old PIN, new PIN')
    return { pin, newPin, ...consent }
  }
  const label = plain(token.label)
  const pin = await typedPin(terminal, { zh: `请输入「${label}」现在的 PIN 码：`, en: `Present PIN of “${label}”: ` })
  const newPin = await typedPin(terminal, { zh: '请输入新的 PIN 码：', en: 'New PIN: ' })
  const again = await typedPin(terminal, { zh: '请再输入一次新的 PIN 码：', en: 'New PIN again: ' })
  // Nothing has been sent to the lock yet.
  if (newPin !== again) throw new AppFailure('arguments.bad', 'the new PIN was typed in two ways; nothing was changed')
  return { pin, newPin, ...consent }
}
