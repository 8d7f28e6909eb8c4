import { resolve } from 'node:path'
import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import { connectionParts, readAuthorities, trustContext } from '../http/index.ts'
import { testConnection } from '../services/index.ts'
import type { ConnectionReport } from '../services/index.ts'
import { networkSettings } from '../store/index.ts'
import type { NetworkSettings, ProxySettings } from '../store/index.ts'
import type { Words } from './language.ts'
import { adviceAbout, layerSentence, layerWords } from './network-words.ts'
import { collect } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { cell, plain, size, table } from './wording.ts'

interface SetOptions {
  readonly proxy?: string
  readonly proxyUser?: string
  readonly authority?: readonly string[]
  readonly dropAuthority?: readonly string[]
  readonly tsa?: string
  readonly tsaPolicy?: string
  readonly uploadLimit?: string
}

/** `network show`, `network set`, `network test`: how the platform is reached. */
export function addNetwork(program: Command, shell: Shell): void {
  const network = program.command('network').description('proxy, authorities and limits; test of the connection')
  network
    .command('show')
    .description('the settings')
    .action((_: object, command: Command) => shell.run(command, show))
  network
    .command('set')
    .description('change settings; what is not named stays')
    .option(
      '--proxy <way>',
      'system (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; in the window the system’s), none, or an address',
    )
    .option('--proxy-user <name>', 'user for the proxy; its password is asked, or read from BIDSEAL_PROXY_PASSWORD')
    .option('--authority <file>', 'PEM file with roots to trust beside the system’s (repeatable)', collect)
    .option('--drop-authority <file>', 'trust these roots no longer (repeatable)', collect)
    .option('--tsa <url>', 'time-stamp server, or none')
    .option('--tsa-policy <oid>', 'policy to ask of it')
    .option('--upload-limit <KiB/s>', 'most that an upload may take of the line, or none')
    .action((options: SetOptions, command: Command) => shell.run(command, context => set(context, options)))
  network
    .command('test')
    .description('name, connection, proxy, encryption, platform time: one sentence each; sends nothing of yours')
    .option('--platform <url>', 'which platform (default: those that bids went to)')
    .addHelpText('after', help)
    .action((options: { readonly platform?: string }, command: Command) =>
      shell.run(command, context => test(context, options.platform)),
    )
}

const help = `
Exit code: 0 when everything is reached, else 4.

--json prints {ok, servers: [{ok, origin, layers: [{layer, status, whose, host,
port, code, ms, message}]}]} and where it is not ok code, message, next. layer
is one of name, connection, proxy, tls, platform; status one of ok, problem,
not-needed, not-reached; whose host it is: proxy or server.`

async function show({ terminal, ports }: Context): Promise<void> {
  const settings = await networkSettings(ports.home).read()
  terminal.result({ ok: true, ...settings })
  for (const line of table(settingRows(settings, words => terminal.words(words)))) terminal.say(line)
}

function settingRows(
  settings: NetworkSettings,
  words: (words: Words) => string,
): readonly (readonly [string, string])[] {
  const { proxy, authorities, timeStamps, uploadLimit } = settings
  const none = words({ zh: '无', en: 'none' })
  const policy = timeStamps?.policy === undefined ? '' : ` (${timeStamps.policy})`
  const ownRoots = words({ zh: '另信任的根证书', en: 'own roots' })
  return [
    [words({ zh: '代理', en: 'proxy' }), words(proxyWords(proxy))],
    ...(authorities.length === 0 ? [none] : authorities.map(plain)).map(
      (file, index) => [index === 0 ? ownRoots : '', file] as const,
    ),
    [
      words({ zh: '时间戳服务器', en: 'time stamps' }),
      timeStamps === undefined ? none : `${plain(timeStamps.url)}${policy}`,
    ],
    [
      words({ zh: '上传限速', en: 'upload limit' }),
      uploadLimit === undefined ? none : words({ zh: `每秒 ${size(uploadLimit)}`, en: `${size(uploadLimit)}/s` }),
    ],
  ]
}

function proxyWords(proxy: ProxySettings): Words {
  switch (proxy.mode) {
    case 'none':
      return { zh: '不用', en: 'none' }
    case 'system':
      return {
        zh: '按系统设置（命令行：HTTPS_PROXY、HTTP_PROXY、NO_PROXY）',
        en: 'the system’s (command line: HTTPS_PROXY, HTTP_PROXY, NO_PROXY)',
      }
    case 'url': {
      const { url, user } = proxy
      return user === undefined
        ? { zh: url, en: url }
        : { zh: `${url}，用户 ${plain(user)}`, en: `${url}, user ${plain(user)}` }
    }
  }
}

async function set(context: Context, options: SetOptions): Promise<void> {
  const { ports } = context
  const file = networkSettings(ports.home)
  const changed = changedBy(await file.read(), options)
  // A file that can't be used is refused now, not at the hour it is needed.
  await trustContext(await readAuthorities(changed.authorities))
  await file.save(changed)
  await show(context)
}

function changedBy(before: NetworkSettings, options: SetOptions): NetworkSettings {
  const { authority = [], dropAuthority = [], tsa, tsaPolicy, uploadLimit } = options
  const dropped = dropAuthority.map(path => resolve(path))
  const kept = [...before.authorities, ...authority.map(path => resolve(path))].filter(path => !dropped.includes(path))
  const stamps = tsa === 'none' ? undefined : tsa === undefined ? before.timeStamps : { url: tsa }
  if (tsaPolicy !== undefined && stamps === undefined) {
    throw new AppFailure('arguments.bad', '--tsa-policy is of a time-stamp server: --tsa URL')
  }
  const limit = uploadLimit === undefined ? before.uploadLimit : limitOf(uploadLimit)
  return {
    proxy: proxyOf(before.proxy, options),
    authorities: [...new Set(kept)],
    ...(stamps === undefined
      ? {}
      : { timeStamps: { ...stamps, ...(tsaPolicy === undefined ? {} : { policy: tsaPolicy }) } }),
    ...(limit === undefined ? {} : { uploadLimit: limit }),
  }
}

function proxyOf(before: ProxySettings, { proxy, proxyUser }: SetOptions): ProxySettings {
  const named: ProxySettings =
    proxy === undefined
      ? before
      : proxy === 'none' || proxy === 'system'
        ? { mode: proxy }
        : { mode: 'url', url: proxy }
  if (proxyUser === undefined) return named
  if (named.mode !== 'url') throw new AppFailure('arguments.bad', '--proxy-user is of a proxy: --proxy URL')
  return { ...named, user: proxyUser }
}

/** Bytes a second; undefined for none. */
function limitOf(text: string): number | undefined {
  if (text === 'none') return undefined
  const kibibytes = Number(text)
  if (!Number.isInteger(kibibytes) || kibibytes < 1 || kibibytes > 10_000_000) {
    throw new AppFailure('arguments.bad', '--upload-limit is a whole number of KiB a second, or none')
  }
  return kibibytes * 1024
}

async function test(context: Context, platform: string | undefined): Promise<void> {
  const { terminal, ports, control, proxyPassword } = context
  const settings = await networkSettings(ports.home).read()
  const platforms = platform === undefined ? await knownPlatforms(context) : [platform]
  const servers = [
    ...platforms.map(url => ({ url, kind: 'platform' as const })),
    ...(settings.timeStamps === undefined ? [] : [{ url: settings.timeStamps.url, kind: 'server' as const }]),
  ]
  if (servers.length === 0)
    throw new AppFailure('arguments.bad', 'no bid has gone anywhere yet: --platform URL is needed')
  const parts = await connectionParts(settings, { environment: process.env, password: proxyPassword })
  const reports: ConnectionReport[] = []
  for (const server of servers) {
    const report = await testConnection(ports, { ...server, ...parts }, control)
    reports.push(report)
    sayReport(context, report)
  }
  const ok = reports.every(report => report.ok)
  if (!ok) context.setExitCode(4)
  terminal.result({ ok, servers: reports.map(report => reportJson(context, report)), ...problemJson(context, reports) })
}

/** Where bids of this home went, each once. */
async function knownPlatforms({ ports }: Context): Promise<readonly string[]> {
  const deliveries = await ports.deliveries.list()
  return [...new Set(deliveries.flatMap(({ platform }) => (platform === undefined ? [] : [platform])))]
}

function sayReport({ terminal }: Context, { ok, origin, layers }: ConnectionReport): void {
  terminal.say(plain(origin))
  for (const layer of layers) {
    const mark = terminal.words(statusWords[layer.status])
    terminal.say(
      `  ${cell(mark, 10)} ${cell(terminal.words(layerWords[layer.layer]), 10)} ${terminal.words(layerSentence(layer))}`,
    )
  }
  const problem = layers.find(({ status }) => status === 'problem')
  if (ok || problem === undefined) return
  terminal.say(`  ${terminal.words(adviceAbout(problem))}`)
}

const statusWords: Readonly<Record<ConnectionReport['layers'][number]['status'], Words>> = {
  ok: { zh: '通', en: 'ok' },
  problem: { zh: '不通', en: 'PROBLEM' },
  'not-needed': { zh: '无需', en: 'not needed' },
  'not-reached': { zh: '未到', en: 'not tried' },
}

function reportJson({ terminal }: Context, { ok, origin, layers }: ConnectionReport): object {
  return {
    ok,
    origin,
    layers: layers.map(layer => ({
      layer: layer.layer,
      status: layer.status,
      whose: layer.whose,
      host: layer.host,
      port: layer.port,
      ms: layer.ms,
      ...(layer.finding ?? { code: null }),
      message: terminal.words(layerSentence(layer)),
    })),
  }
}

function problemJson({ terminal }: Context, reports: readonly ConnectionReport[]): object {
  const problem = reports.flatMap(({ layers }) => layers).find(({ status }) => status === 'problem')
  if (problem === undefined) return {}
  const code =
    problem.finding?.code === 'platform.failed'
      ? problem.finding.failure.code
      : problem.whose === 'proxy'
        ? 'platform.proxy'
        : problem.layer === 'tls' && problem.finding?.code !== 'tls.not-spoken'
          ? 'platform.certificate'
          : 'platform.unreachable'
  return {
    code,
    message: terminal.words(layerSentence(problem)),
    next: terminal.words(adviceAbout(problem)),
  }
}
