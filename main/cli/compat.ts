import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import { extname, resolve } from 'node:path'
import type { TokenModule, TokenSummary } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import {
  jsonReport,
  keptIssuers,
  moduleAt,
  moduleProfiles,
  runWorkbench,
  summaryOf,
  vendorDataAt,
  workbenchGroups,
} from '../services/index.ts'
import type { BenchModule, LibraryAccess, WorkbenchGroup, WorkbenchRequest } from '../services/index.ts'
import { writeFileAtomic } from '../store/index.ts'
import { childProcessStarter, defaultLimits, startRawHost, startTokenHost } from '../token-host/index.ts'
import { addCompare } from './compat-compare.ts'
import { runNarrator, sayOutcome } from './compat-words.ts'
import type { TrustOptions } from './options.ts'
import { withTrustOption } from './options.ts'
import { ownProfile, profileOption } from './profile-option.ts'
import type { Context, Shell } from './shell.ts'
import { plain } from './wording.ts'

interface CompatOptions extends TrustOptions {
  readonly module?: string
  readonly kind?: 'pkcs11' | 'skf'
  readonly profile?: string
  readonly token?: string
  readonly groups?: readonly WorkbenchGroup[]
  readonly rounds: number
  readonly pinStdin?: boolean
  readonly allowPinTests?: boolean
  readonly allowWrites?: boolean
  readonly person?: boolean
  readonly resume?: boolean
  readonly report?: readonly string[]
}

/** `compat`, `compat compare`. */
export function addCompat(program: Command, shell: Shell): void {
  const compat = program
    .command('compat')
    .description(
      'the CA compatibility workbench: tries a driver and its key case by case, with the product’s own driver code',
    )
    .option('--module <path>', 'the driver library under test')
    .addOption(new Option('--kind <kind>', 'its interface (default: as it looks)').choices(['pkcs11', 'skf']))
    .option('--token <uri>', 'the key that is meant (default: the first that can sign)')
    .option('--groups <list>', `only these, separated by commas: ${workbenchGroups.join(', ')}`, groupList)
    .option('--rounds <N>', 'how often to repeat what goes wrong now and then', roundNumber, 64)
    .option('--pin-stdin', 'read the PIN from standard input: that is the consent to a login')
    .option('--allow-pin-tests', 'wrong PINs may be sent, as long as two tries are left after each')
    .option('--allow-writes', 'what is on the key may be changed')
    .option('--person', 'somebody is at the key who plugs and unplugs it when asked')
    .option('--resume', 'go on where an interrupted run of the same library and key has stopped')
    .option('--report <file>', 'write the report, in the format of its name: .json (repeatable)', collectReport)
  withTrustOption(profileOption(compat))
    .addHelpText('after', help)
    .action((options: CompatOptions, command: Command) =>
      shell.run(command, context => run(context, options, program.version() ?? '')),
    )
  addCompare(compat, shell)
}

const help = `
No PIN is sent without consent: --pin-stdin, BIDSEAL_PIN, or one typed at the
terminal (an empty line runs without a login). It is asked for once, and not at
all where a wrong one would leave fewer than two tries.

A driver that crashes or hangs is a finding: it is started anew and the run goes
on. Ctrl-C stops in order; --resume goes on, after a crash or a power cut too.

Exit code: 0 when no must case fails, else 1.

--json prints {format, tool, version, language, startedAt, finishedAt,
 environment, module: {path, kind, sha256, profile, info}, token, settings,
 cases: [{id, group, title, level, clause, status, code?, evidence, ms}],
 summary, verdicts, timings, learned}
status is one of pass, fail, skip, na; level one of must, should, info.`

async function run(context: Context, options: CompatOptions, version: string): Promise<void> {
  const { terminal, ports, control } = context
  const reports = (options.report ?? []).map(reportFile)
  const { module, profileSource } = await benchModule(context, options)
  const trust = await context.trust(options)
  const request: WorkbenchRequest = {
    ...{ module, profileSource, version, token: options.token ?? null, groups: options.groups ?? null },
    ...{ rounds: options.rounds, resume: options.resume === true },
    ...{ allowPinTests: options.allowPinTests === true, allowWrites: options.allowWrites === true },
    askPin: token => consentAndPin(context, options, token),
    person: options.person === true && terminal.interactive ? asked => terminal.confirm(terminal.words(asked)) : null,
    anchors: trust.anchors,
    issuers: await keptIssuers(ports),
  }
  const narrator = runNarrator(terminal)
  const result = await runWorkbench(ports, accessTo(context, module), request, {
    signal: control.signal,
    onProgress: progress => narrator.tell(progress),
  })
  const report = jsonReport(result, terminal.language)
  for (const { path, write } of reports) await write(path, result, context)
  terminal.result({ ...report })
  sayOutcome(terminal, result)
  for (const { path } of reports) terminal.say(terminal.words({ zh: `报告：${path}`, en: `Report: ${path}` }))
  if (!summaryOf(result.results).ok) context.setExitCode(1)
}

/** The library with what its drivers are told of it. */
async function benchModule(
  { ports }: Context,
  options: CompatOptions,
): Promise<Pick<WorkbenchRequest, 'module' | 'profileSource'>> {
  // Not a required option: `compat compare` has none.
  if (options.module === undefined) throw new AppFailure('arguments.bad', '--module names the library that is tried')
  const looked = moduleAt(options.module)
  if (looked.kind === 'soft') {
    throw new AppFailure('arguments.bad', 'the workbench tries driver libraries; a soft lock has none')
  }
  const kind = options.kind ?? looked.kind
  const profiles = moduleProfiles(vendorDataAt(ports.home), ownProfile(options))
  const module = benchModuleOf(await profiles({ kind, path: looked.path }))
  if (options.profile !== undefined) return { module, profileSource: 'own' }
  return { module, profileSource: module.profile === undefined ? 'none' : 'built-in' }
}

function benchModuleOf(module: TokenModule): BenchModule {
  if (module.kind === 'soft') throw new AppFailure('arguments.bad', 'a soft lock has no driver library')
  return module
}

/** Uses of a key and logins that take longer hang, as far as a run without a person is concerned; in milliseconds. */
const limits = { use: 20_000, login: 30_000 }

function accessTo({ siblings }: Context, module: BenchModule): LibraryAccess {
  const startProcess = childProcessStarter(siblings.tokenHost)
  return {
    startDriver: signal =>
      startTokenHost({ module, startProcess, limits: { ...defaultLimits, ...limits } }).within(signal),
    startRaw: () => startRawHost({ module, startProcess, limits: { ...defaultLimits, ...limits } }),
  }
}

/** The PIN is the consent: whoever gives none agrees to no login. A pad of the token's own is asked about in words. */
async function consentAndPin(
  context: Context,
  options: CompatOptions,
  token: TokenSummary,
): Promise<string | null | undefined> {
  const { terminal } = context
  const label = plain(token.label)
  if (token.pin.protectedPath) {
    if (!terminal.interactive) return undefined
    const asked = {
      zh: `「${label}」在锁上输入 PIN 码。是否登录？`,
      en: `The PIN of “${label}” is typed on the key itself. Log in?`,
    }
    return (await terminal.confirm(terminal.words(asked))) ? null : undefined
  }
  if (terminal.interactive && options.pinStdin !== true) {
    terminal.note(terminal.words({ zh: '直接回车则不登录。', en: 'An empty line runs without a login.' }))
  }
  try {
    const { pin } = await context.pins({ pinStdin: options.pinStdin === true })({ token, index: 0 })
    return pin === null || pin === '' ? undefined : pin
  } catch (error) {
    if (error instanceof AppFailure && error.failure.code === 'token.pin-required') return undefined
    throw error
  }
}

/** Writes one format of the report. */
type WriteReport = (path: string, run: Parameters<typeof jsonReport>[0], context: Context) => Promise<void>

/** By the file name's ending. */
const reportWriters: Readonly<Record<string, WriteReport>> = {
  '.json': async (path, result, { terminal }) => {
    const text = `${JSON.stringify(jsonReport(result, terminal.language), null, 2)}\n`
    await writeFileAtomic(path, Buffer.from(text))
  },
}

function reportFile(path: string): { readonly path: string; readonly write: WriteReport } {
  const write = reportWriters[extname(path).toLowerCase()]
  if (write === undefined) {
    const known = Object.keys(reportWriters).join(', ')
    throw new AppFailure('arguments.bad', `the name of a report ends with ${known}`)
  }
  return { path: resolve(path), write }
}

function collectReport(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function groupList(value: string): readonly WorkbenchGroup[] {
  return value.split(',').map(name => {
    const group = workbenchGroups.find(each => each === name.trim())
    if (group === undefined) throw new InvalidArgumentError(`There is no group ${name.trim()}.`)
    return group
  })
}

function roundNumber(value: string): number {
  const rounds = Number(value)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100_000) {
    throw new InvalidArgumentError('It is a whole number from 1 to 100000.')
  }
  return rounds
}
