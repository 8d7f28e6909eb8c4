import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import type { Ports } from '../services/index.ts'

/** What commands that have something time-stamped understand. */
export interface TimeStampOptions {
  readonly tsa?: string
  readonly tsaPolicy?: string
  /** False after `--no-timestamp`. */
  readonly timestamp?: boolean
}

/** Adds `--tsa`, `--tsa-policy` and `--no-timestamp`. */
export function withTimeStampOption(command: Command): Command {
  return command
    .option('--tsa <url>', 'a time-stamp server (RFC 3161; default: the one in the network settings)')
    .option('--tsa-policy <oid>', 'the policy to ask it for')
    .option('--no-timestamp', 'ask no time-stamp server')
}

/** The ports of a command with the time-stamp server that its options name. Throws `arguments.bad` for a contradiction. */
export function portsWithTimeStamps(ports: Ports, { tsa, tsaPolicy, timestamp = true }: TimeStampOptions): Ports {
  if (tsaPolicy !== undefined && tsa === undefined) throw new AppFailure('arguments.bad', '--tsa-policy needs --tsa')
  if (!timestamp && tsa !== undefined) {
    throw new AppFailure('arguments.bad', '--tsa and --no-timestamp contradict each other')
  }
  if (!timestamp) return { ...ports, timeStamps: null }
  return tsa === undefined ? ports : { ...ports, timeStamps: { url: tsa, policy: tsaPolicy } }
}
