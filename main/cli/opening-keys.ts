import { AppFailure } from '../contract/failure.ts'
import type { OpeningKeys } from '../services/index.ts'
import type { Words } from './language.ts'
import type { TokenOptions } from './options.ts'
import type { Context } from './shell.ts'
import { size } from './wording.ts'

/** The options that say what opens a bid. */
export interface KeyOptions {
  readonly recoveryCodeStdin?: boolean
  readonly twin?: string
  /** SECURITY: agreed to by its own name, never by `--yes`: plaintext cannot be taken back. */
  readonly handOverPlaintext?: boolean
}

/** What opens, by the options; asks for the recovery code after so many PINs. Throws `arguments.bad`, `cancelled`. */
export async function openingKeys(
  context: Context,
  options: KeyOptions & Pick<TokenOptions, 'pinStdin'>,
  pins: number,
): Promise<OpeningKeys> {
  const { twin, recoveryCodeStdin } = options
  if (recoveryCodeStdin === true) {
    if (twin !== undefined) throw new AppFailure('arguments.bad', 'either --recovery-code-stdin or --twin')
    return { kind: 'recovery-code', code: await recoveryCode(context, options.pinStdin === true ? pins : 0) }
  }
  if (twin === undefined) return { kind: 'lock' }
  const handOver = (bytes: number): Promise<boolean> =>
    agreed(context, options.handOverPlaintext === true, {
      zh: `备用明文（${size(bytes)}）已核对，与封标文件同次生成。交出后平台可以读取全部内容，无法收回。交出备用明文？`,
      en: `The plain twin (${size(bytes)}) is of the same run as the sealed bid. Once handed over the platform can read all of it, and it cannot be taken back. Hand over the plain twin?`,
    })
  return { kind: 'plain-twin', file: twin, handOver }
}

/** SECURITY: read once, handed on, kept nowhere. */
async function recoveryCode({ terminal }: Context, after: number): Promise<string> {
  const prompt = terminal.words({ zh: '请输入恢复码（不显示）：', en: 'Recovery code (not shown): ' })
  const typed = terminal.interactive ? await terminal.secret(prompt) : (await terminal.inputLines())[after]
  if (typed === null) throw new AppFailure('cancelled', 'no recovery code was typed')
  if (typed === undefined || typed.trim() === '') throw new AppFailure('arguments.bad', 'no recovery code was given')
  return typed
}

/** The answer of whoever sits there; yes where an option says so, no where nobody does. */
export function agreed({ terminal }: Context, yes: boolean, words: Words): Promise<boolean> {
  if (yes) return Promise.resolve(true)
  return terminal.interactive ? terminal.confirm(terminal.words(words)) : Promise.resolve(false)
}
