import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../crypto/index.ts'
import type { TokenModule } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import {
  exists,
  moduleAt,
  moduleProfiles,
  prepareRehearsal,
  rehearse,
  removeRehearsal,
  requireModuleFor,
  vendorDataAt,
} from '../services/index.ts'
import type { ModuleReference, OwnProfile, RehearsalFolders, RehearsalOutcome, StepName } from '../services/index.ts'
import { composePorts } from './compose.ts'
import type { Words } from './language.ts'
import { ownProfile, profileOption } from './profile-option.ts'
import type { Context, Shell } from './shell.ts'
import { type SuiteName, suiteNamed, suiteOption } from './suite-option.ts'
import { cell, duration, size } from './wording.ts'

interface DemoOptions {
  readonly dir?: string
  readonly size?: string
  readonly suite: SuiteName
  readonly module?: string
  readonly profile?: string
}

/** `demo`: the main job from end to end. */
export function addDemo(program: Command, shell: Shell): void {
  profileOption(
    program
      .command('demo')
      .description('the main job from end to end, with a practice CA, lock, tender and platform')
      .option('--dir <dir>', 'keep everything in this new or empty folder')
      .option('--size <MB>', 'add an attachment of so many megabytes to the bid')
      .addOption(suiteOption('algorithms: RSA and AES, or SM2, SM3 and SM4').default('intl'))
      .option('--module <path>', 'use a blank token of this library (PKCS#11 or SKF) as the lock'),
  ).action((options: DemoOptions, command: Command) => shell.run(command, context => demo(context, options)))
}

async function demo(context: Context, options: DemoOptions): Promise<void> {
  const { terminal, control, siblings } = context
  const suite = suiteNamed(options.suite)
  const attachment = megabytes(options.size)
  const module = options.module === undefined ? null : moduleAt(options.module)
  requireModuleFor(suite, module === null ? null : await toldModule(context, module, ownProfile(options)))
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'bidseal-demo-')))
  const existed = options.dir !== undefined && (await exists(dir))
  const folders = await prepareRehearsal(dir)
  try {
    terminal.say(terminal.words(titles[options.suite]))
    const outcome = await rehearse(
      {
        folders,
        module,
        suite,
        attachment,
        platformProgram: siblings.practice,
        font: siblings.font,
        portsWith: (home, clock) =>
          composePorts(home, siblings, {
            ...{ clock, signal: control.signal, profile: ownProfile(options) },
            profilesOf: context.ports.home,
          }),
        machineClock: systemClock,
        onStep: ({ name, ms }) => {
          const words = terminal.words(stepWords[name])
          terminal.say(`  ${cell(words, 30)} ${duration(ms, terminal.language).padStart(8)}`)
        },
      },
      control,
    )
    report(context, outcome, options.dir === undefined ? null : folders)
  } finally {
    // What failed is left to be looked at, where the user named a place for it; what was stopped is not.
    if (options.dir === undefined || control.signal.aborted) await removeRehearsal(folders, existed)
  }
}

/** The module with what its driver will be told. */
function toldModule(
  { ports }: Context,
  module: ModuleReference,
  profile: OwnProfile | undefined,
): Promise<TokenModule> {
  return moduleProfiles(vendorDataAt(ports.home), profile)(module)
}

function megabytes(text: string | undefined): number {
  if (text === undefined) return 0
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0 || value > 8000) {
    throw new AppFailure('arguments.bad', '--size is a number of megabytes up to 8000')
  }
  return Math.round(value * 1_000_000)
}

function report(context: Context, outcome: RehearsalOutcome, folders: RehearsalFolders | null): void {
  const { terminal } = context
  const { sealed, steps, receipt, record, digestsEqual } = outcome
  if (!digestsEqual) context.setExitCode(1)
  terminal.result({
    ok: digestsEqual,
    suite: sealed.suite,
    sealId: sealed.sealId,
    shortCode: sealed.shortCode,
    sealed: outcome.sealedPath,
    bytes: sealed.size,
    steps,
    receipt,
    record,
    digestsEqual,
  })
  const total = steps.reduce((sum, { ms }) => sum + ms, 0)
  terminal.say(
    `  ${cell(terminal.words({ zh: '合计', en: 'in all' }), 30)} ${duration(total, terminal.language).padStart(8)}`,
  )
  terminal.say()
  terminal.say(
    terminal.words(
      digestsEqual
        ? {
            zh: `平台解密出的文件与投标文件逐字节一致。识别码 ${sealed.shortCode}，封标文件 ${size(sealed.size)}。`,
            en: `What the platform decrypted is, byte for byte, what was put in. Short code ${sealed.shortCode}, sealed file ${size(sealed.size)}.`,
          }
        : { zh: '平台解密出的文件与投标文件不一致！', en: 'WHAT THE PLATFORM DECRYPTED DIFFERS FROM WHAT WAS PUT IN.' },
    ),
  )
  if (folders !== null)
    terminal.say(terminal.words({ zh: `全部文件在 ${folders.root}`, en: `Everything is in ${folders.root}` }))
}

const titles: Readonly<Record<SuiteName, Words>> = {
  intl: { zh: '标封演练：从编制到开标', en: 'BidSeal rehearsal: from drafting to the opening' },
  gm: {
    zh: '标封演练（国密算法）：从编制到开标',
    en: 'BidSeal rehearsal (SM2, SM3, SM4): from drafting to the opening',
  },
}

const stepWords: Readonly<Record<StepName, Words>> = {
  authority: { zh: '演练 CA', en: 'practice CA' },
  lock: { zh: 'CA 锁（签名、加密两张证书）', en: 'lock with two certificates' },
  platform: { zh: '演练平台', en: 'practice platform' },
  tender: { zh: '招标文件包', en: 'tender package' },
  bid: { zh: '编制投标文件', en: 'bid documents drawn up' },
  sign: { zh: '签章、检查', en: 'documents signed, bid checked' },
  seal: { zh: '签名、加密、试解密、落盘', en: 'signed, sealed, trial opening' },
  verify: { zh: '核验封标文件', en: 'sealed file verified' },
  submit: { zh: '递交并核验回执', en: 'submitted, receipt verified' },
  opening: { zh: '到开标时间', en: 'opening time reached' },
  release: { zh: '签到、远程解密', en: 'signed in, key released' },
  record: { zh: '核验并确认开标记录', en: 'record verified, confirmed' },
  evidence: { zh: '导出存证包', en: 'evidence package written' },
  compare: { zh: '逐字节比对', en: 'compared byte by byte' },
}
