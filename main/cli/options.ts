import { Option } from 'commander'
import type { Command } from 'commander'
import { profileOption } from './profile-option.ts'

/** What every command understands, beside its own options. */
export interface CommonOptions {
  readonly json?: boolean
  readonly home?: string
  readonly lang?: string
  readonly debug?: boolean
}

/** What commands that use locks understand. */
export interface TokenOptions {
  readonly module?: readonly string[]
  readonly pinStdin?: boolean
  readonly lastTry?: boolean
}

export interface TrustOptions {
  readonly trust?: readonly string[]
}

/** Adds `--json`, `--home`, `--lang`, `--debug`. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON object and nothing else')
    .option('--home <dir>', 'where state is kept (or BIDSEAL_HOME)')
    .addOption(new Option('--lang <language>', 'language of the texts').choices(['zh', 'en']))
    .option('--debug', 'print the trace of a failure')
}

/** Adds `--module`, `--profile`, `--pin-stdin` and `--last-try`. */
export function withTokenOptions(command: Command): Command {
  return profileOption(
    command.option('--module <path>', 'PKCS#11 library, .p12 file or folder of them (repeatable)', collect),
  )
    .option('--pin-stdin', 'read the PINs from standard input, one line a token in the order they are named')
    .option('--last-try', 'use a PIN although one try is left: another wrong one blocks the lock')
}

/** Adds `--trust`. */
export function withTrustOption(command: Command): Command {
  return command.option('--trust <file>', 'PEM file with trust anchors (repeatable; default: the trust list)', collect)
}

/** Gathers a repeatable option. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}
