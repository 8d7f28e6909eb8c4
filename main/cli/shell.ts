import type { Command } from 'commander'
import type { JobControl, TokenSummary } from '../../crypto/index.ts'
import { failures } from '../contract/failure.ts'
import { keptIssuers, loadTrust, modulesToSearch, openLocks, toFailure } from '../services/index.ts'
import type { AskPin, Locks, Ports, Trust } from '../services/index.ts'
import { defaultHome } from '../store/index.ts'
import type { Siblings } from './compose.ts'
import { composePorts } from './compose.ts'
import { chooseLanguage } from './language.ts'
import type { CommonOptions, TokenOptions, TrustOptions } from './options.ts'
import { pinSource, takeEnvironmentPins } from './pins.ts'
import { ownProfile, requireUsableProfile } from './profile-option.ts'
import { proxyPassword, takeProxyPassword } from './proxy-password.ts'
import type { ProfileOptions } from './profile-option.ts'
import type { Terminal } from './terminal.ts'
import { openTerminal } from './terminal.ts'
import { plain } from './wording.ts'

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal
  readonly ports: Ports
  readonly siblings: Siblings
  /** Progress goes to the terminal; Ctrl-C stops the work. */
  readonly control: JobControl & { readonly signal: AbortSignal }
  /** The password of the proxy's user: from the environment, or from a person. */
  readonly proxyPassword: (user: string, proxy: string) => Promise<string | null>
  trust(options: TrustOptions): Promise<Trust>
  /** Where the PINs of this command come from. */
  pins(options: TokenOptions): AskPin
  /** The locks of this command; `order` has every token URI as it stands on the command line. Closed by the shell. */
  locks(options: TokenOptions, order: readonly string[]): Locks
  /** For a command that ran and found that what was asked about does not hold: it has printed its result already. */
  setExitCode(code: number): void
}

/** Runs commands: sets up what they need, words their failures, decides the exit code. */
export interface Shell {
  run(command: Command, work: (context: Context) => Promise<void>): Promise<void>
  /** The arguments could not be understood; null where the help has been shown and says enough. */
  refuse(detail: string | null): void
  /** The exit code so far. */
  readonly exitCode: number
}

/** The shell of this process; takes the PINs out of the environment at once. */
export function openShell(siblings: Siblings): Shell {
  const environmentPins = takeEnvironmentPins(process.env)
  const proxySecret = takeProxyPassword(process.env)
  let exitCode = 0

  async function run(command: Command, work: (context: Context) => Promise<void>): Promise<void> {
    const options = command.optsWithGlobals<CommonOptions & TokenOptions & ProfileOptions>()
    const language = chooseLanguage(options.lang, process.env)
    const terminal = openTerminal({ language, json: options.json === true })
    const stop = stopOnSignals()
    const home = options.home ?? process.env['BIDSEAL_HOME'] ?? defaultHome()
    const askProxy = proxyPassword(terminal, proxySecret)
    const ports = composePorts(home, siblings, {
      ...{ signal: stop.signal, profile: ownProfile(options), proxyPassword: askProxy },
    })
    const opened: Locks[] = []
    const context: Context = {
      terminal,
      ports,
      siblings,
      proxyPassword: askProxy,
      control: {
        signal: stop.signal,
        onProgress: progress => {
          terminal.progress.report(progress)
        },
      },
      trust: ({ trust = [] }) => loadTrust(ports.home, trust, { at: ports.clock.now() }),
      pins: ({ pinStdin = false, lastTry = false }) =>
        pinSource(terminal, { fromInput: pinStdin, environment: environmentPins, lastTry }),
      locks(options, order) {
        const askPin = context.pins(options)
        const onCheck = ({ label }: TokenSummary): void => {
          terminal.note(
            terminal.words({ zh: `  正在检测「${plain(label)}」…`, en: `  checking the lock “${plain(label)}” …` }),
          )
        }
        const modules = modulesToSearch(options.module ?? [], ports.home)
        const issuers = (): Promise<readonly Uint8Array[]> => keptIssuers(ports)
        const locks = openLocks({ hosts: ports.tokens, modules, order, askPin, onCheck, issuers })
        opened.push(locks)
        return locks
      },
      setExitCode(code) {
        exitCode = code
      },
    }
    try {
      await requireUsableProfile(options, ports.home)
      await work(context)
    } catch (error) {
      const failure = stop.signal.aborted ? ({ code: 'cancelled' } as const) : toFailure(error)
      terminal.failure(failure, options.debug === true ? trace(error) : undefined)
      exitCode = failures[failure.code].exit
    } finally {
      terminal.progress.clear()
      for (const locks of opened) await locks.close()
      await ports.tokens.close()
      stop.release()
    }
  }

  return {
    run,
    refuse(detail) {
      exitCode = failures['arguments.bad'].exit
      if (detail === null) return
      const json = process.argv.includes('--json')
      const asked = process.argv[process.argv.indexOf('--lang') + 1]
      const terminal = openTerminal({ language: chooseLanguage(asked, process.env), json })
      terminal.failure({ code: 'arguments.bad', detail: detail.replace(/^error: /, '') })
    },
    get exitCode() {
      return exitCode
    },
  }
}

/** The first signal stops the work in order; a second one ends the program at once. */
function stopOnSignals(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(failures.cancelled.exit)
    controller.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return {
    signal: controller.signal,
    release: () => process.off('SIGINT', stop).off('SIGTERM', stop),
  }
}

/** The chain of an error's causes. SECURITY: only asked for with --debug; failures never hold a PIN, key or plaintext. */
function trace(error: unknown): string {
  const lines: string[] = []
  for (let each: unknown = error; each instanceof Error && lines.length < 8; each = each.cause) {
    lines.push(each.stack ?? each.message)
  }
  return lines.join('\ncaused by ')
}
