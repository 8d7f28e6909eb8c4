import { join } from 'node:path'
import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import { spawnPracticePlatform, type SpawnedPlatform } from '../practice/index.ts'
import { preparePlatform } from '../services/index.ts'
import type { PlatformKit } from '../services/index.ts'
import type { Context, Shell } from './shell.ts'
import { type SuiteName, suiteNamed, suiteOption } from './suite-option.ts'
import { table } from './wording.ts'

interface PlatformOptions {
  readonly port?: string
  readonly dir?: string
  readonly minutes: string
  readonly suite: SuiteName
  readonly s3?: string
  readonly s3Region?: string
}

/** `platform`: the practice platform, with everything needed to bid to it by hand. */
export function addPlatform(program: Command, shell: Shell): void {
  program
    .command('platform')
    .description('the practice platform on loopback, until Ctrl-C')
    .option('--port <N>', 'port (default: a free one)')
    .option('--dir <dir>', 'its folder; a new one gets a practice CA, a lock and a tender (default: in the home)')
    .option('--minutes <N>', 'minutes until deadline and opening of the tender in a new folder', '30')
    .addOption(suiteOption('algorithms of a new folder').default('intl'))
    .option('--s3 <url>', 'uploads go to this S3-compatible store, http(s)://HOST/BUCKET (keys: AWS_ACCESS_KEY_ID …)')
    .option('--s3-region <name>', 'its region (default: us-east-1)')
    .action((options: PlatformOptions, command: Command) => shell.run(command, context => run(context, options)))
}

async function run(context: Context, options: PlatformOptions): Promise<void> {
  const { terminal, ports, siblings, control } = context
  const port = wholeNumber(options.port ?? '0', 65_535, '--port')
  const minutes = wholeNumber(options.minutes, 100_000, '--minutes')
  const dir = options.dir ?? join(ports.home.root, 'practice')
  const prepared = await preparePlatform(ports, dir, { suite: suiteNamed(options.suite), minutes }, control)
  const platform = await spawnPracticePlatform({
    program: siblings.practice,
    dir: prepared.platform,
    ...(prepared.opened === null ? {} : { opened: prepared.opened }),
    port,
    ...(options.s3 === undefined ? {} : { s3: options.s3 }),
    ...(options.s3Region === undefined ? {} : { s3Region: options.s3Region }),
    onLog: line => {
      terminal.note(`  ${line}`)
    },
  })
  const stopped = new Promise<'stopped'>(resolve => {
    control.signal.addEventListener('abort', () => {
      resolve('stopped')
    })
  })
  try {
    await prepared.publish(platform)
    const { url, adminToken, store } = platform
    terminal.result({ ok: true, url, adminToken, dir, store, kit: prepared.kit })
    sayPlatform(context, platform, prepared.kit)
    const end = await Promise.race([stopped, platform.ended.then(() => 'ended' as const)])
    if (end === 'ended') throw new AppFailure('internal', 'the practice platform has ended by itself')
  } finally {
    await platform.close()
  }
}

function wholeNumber(text: string, most: number, name: string): number {
  if (!/^[0-9]{1,6}$/.test(text) || Number(text) > most) {
    throw new AppFailure('arguments.bad', `${name} is a whole number up to ${most}`)
  }
  return Number(text)
}

function sayPlatform({ terminal }: Context, { url, store }: SpawnedPlatform, kit: PlatformKit | null): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? `演练平台在 ${url}，按 Ctrl-C 结束。` : `The practice platform is at ${url}; Ctrl-C ends it.`)
  if (store !== null) terminal.say(zh ? `投标文件存入 ${store}。` : `Uploads go to ${store}.`)
  if (kit === null) return
  const rows = [
    [zh ? '招标文件包' : 'tender', kit.tender],
    [zh ? '信任的根证书' : 'trust', kit.trust],
    [zh ? 'CA 锁' : 'lock', kit.lock],
    [zh ? 'PIN 码见' : 'PIN in', kit.pinIn],
  ] as const
  for (const line of table(rows)) terminal.say(line)
  terminal.say()
  terminal.say(zh ? '接下来：' : 'Next:')
  for (const line of nextSteps(url, kit)) terminal.say(`  ${line}`)
}

function nextSteps(url: string, { tender, trust, lock }: PlatformKit): readonly string[] {
  return [
    `bidseal bid new --tender '${tender}' --trust '${trust}' my-bid`,
    'bidseal bid add my-bid FILE.pdf --as letter',
    'bidseal bid form my-bid opening price=1,000.00',
    `bidseal seal my-bid --tender '${tender}' --sign '${lock}' -o my-bid.sbid`,
    `bidseal submit my-bid.sbid --platform ${url} --token '${lock}'`,
  ]
}
