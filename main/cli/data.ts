import type { Command } from 'commander'
import { rootsInForce } from '../../crypto/index.ts'
import type { DataKind, Evidence, TrustAuthority, VendorLibrary, VendorProfile } from '../../crypto/index.ts'
import { vendorDataAt } from '../services/index.ts'
import type { DataWarning, FoundLibrary, LoadedData } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Words } from './language.ts'
import type { Context, Shell } from './shell.ts'
import { cell, day, plain } from './wording.ts'

/** `data show`, `data update`: the vendor profiles and the trust list in use. */
export function addData(program: Command, shell: Shell): void {
  const data = program.command('data').description('vendor profiles and trust list: what is in use, and updates of it')
  data
    .command('show')
    .description('versions and dates, vendors with their libraries, authorities with their roots')
    .action((_: object, command: Command) => shell.run(command, show))
  data
    .command('update')
    .description('take over a newer signed file, from a folder or a USB stick; needs no network')
    .argument('<file>', 'vendor-profiles.dsse.json or trust-list.dsse.json as the publisher hands it out')
    .action((file: string, _: object, command: Command) => shell.run(command, context => update(context, file)))
}

async function show(context: Context): Promise<void> {
  const { terminal, ports } = context
  const data = vendorDataAt(ports.home)
  const used = data.inUse()
  const present = data.libraries()
  terminal.result({
    ok: true,
    vendorProfiles: {
      version: used.profiles.content.version,
      issuedAt: used.profiles.content.issuedAt,
      origin: used.profiles.origin,
      vendors: data.profiles().map(profile => vendorJson(profile, present)),
    },
    trustList: {
      version: used.trust.content.version,
      issuedAt: used.trust.content.issuedAt,
      validUntil: used.trust.content.validUntil ?? null,
      origin: used.trust.origin,
      rootsInForce: rootsInForce(used.trust.content, { at: ports.clock.now() }).length,
      authorities: data.trust().authorities.map(authorityJson),
    },
    warnings: used.warnings,
  })
  sayVendors(context, used, present)
  terminal.say()
  sayAuthorities(context, used)
  for (const warning of used.warnings) terminal.note(terminal.words(warningWords(warning, context)))
}

async function update({ terminal, ports }: Context, file: string): Promise<void> {
  const { kind, from, to } = await vendorDataAt(ports.home).update(file)
  terminal.result({ ok: true, kind, from, to })
  const name = terminal.words(kindWords[kind])
  terminal.say(
    terminal.words({
      zh: `签名有效。${name}已从第 ${from} 版更新到第 ${to} 版，从现在起使用。`,
      en: `The signature holds. ${name}: version ${from} replaced by version ${to}, in use from now on.`,
    }),
  )
}

function vendorJson(profile: VendorProfile, present: readonly FoundLibrary[]): object {
  return {
    id: profile.id,
    name: profile.vendor,
    evidence: profile.evidence,
    libraries: profile.libraries.map(({ kind, names, version }) => ({ kind, names, version: version ?? null })),
    onThisComputer: pathsOf(profile, present),
    notes: profile.notes ?? [],
  }
}

function authorityJson({ id, name, roots, creditCodeOids, platforms }: TrustAuthority): object {
  return {
    id,
    name,
    roots: roots.map(({ sha256, from, until }) => ({ sha256, from: from ?? null, until: until ?? null })),
    creditCodeOids: creditCodeOids ?? null,
    platforms: platforms ?? null,
  }
}

function sayVendors({ terminal }: Context, used: LoadedData, present: readonly FoundLibrary[]): void {
  const { content, origin } = used.profiles
  const count = content.profiles.length
  terminal.say(
    terminal.words({
      zh: `锁厂商资料  第 ${content.version} 版，${day(content.issuedAt)}，${originWords[origin].zh}，${count} 个条目`,
      en: `Vendor profiles  version ${content.version} of ${day(content.issuedAt)}, ${originWords[origin].en}, ${count} entries`,
    }),
  )
  for (const profile of content.profiles) {
    terminal.say(
      `  ${cell(plain(profile.id), 16)} ${cell(plain(terminal.words(profile.vendor)), 34)} ${terminal.words(evidenceWords[profile.evidence])}`,
    )
    for (const library of profile.libraries) {
      const line = libraryLine(library)
      if (line !== null) terminal.say(`${' '.repeat(19)}${line}`)
    }
    if (profile.libraries.every(({ names }) => names.length === 0)) {
      terminal.say(`${' '.repeat(19)}${terminal.words(namelessWords(profile.id))}`)
    }
    for (const path of pathsOf(profile, present)) {
      terminal.say(`${' '.repeat(19)}${terminal.words({ zh: '本机有', en: 'on this computer:' })} ${plain(path)}`)
    }
  }
}

function namelessWords(id: string): Words {
  return {
    zh: `驱动文件名未知：--module 文件 --profile ${id}`,
    en: `library name not known: --module FILE --profile ${id}`,
  }
}

function libraryLine({ kind, names, version }: VendorLibrary): string | null {
  if (names.length === 0) return null
  const kindName = kind === 'skf' ? 'SKF' : 'PKCS#11'
  return `${cell(kindName, 8)} ${names.map(plain).join(', ')}${version === undefined ? '' : ` (${plain(version)})`}`
}

function sayAuthorities({ terminal, ports }: Context, used: LoadedData): void {
  const { content, origin } = used.trust
  const { version, issuedAt, validUntil, authorities, note } = content
  const until = validUntil === undefined ? { zh: '', en: '' } : untilWords(validUntil, ports.clock.now())
  terminal.say(
    terminal.words({
      zh: `信任列表  第 ${version} 版，${day(issuedAt)}，${originWords[origin].zh}${until.zh}，${authorities.length} 家 CA`,
      en: `Trust list  version ${version} of ${day(issuedAt)}, ${originWords[origin].en}${until.en}, ${authorities.length} authorities`,
    }),
  )
  for (const { id, name, roots } of authorities) {
    const count = roots.length
    const words =
      count === 0 ? { zh: '未收录根证书', en: 'no root yet' } : { zh: `${count} 张根证书`, en: `${count} roots` }
    terminal.say(`  ${cell(plain(id), 16)} ${cell(plain(terminal.words(name)), 46)} ${terminal.words(words)}`)
  }
  if (note !== undefined) terminal.say(`  ${plain(terminal.words(note))}`)
}

function untilWords(validUntil: string, now: Date): Words {
  const until = day(validUntil)
  return now > new Date(validUntil)
    ? { zh: `，已于 ${until} 失效，其中的根证书不再使用`, en: `, EXPIRED on ${until}: its roots are not used` }
    : { zh: `，有效期至 ${until}`, en: `, valid until ${until}` }
}

function warningWords({ kind, code, detail }: DataWarning, { terminal }: Context): Words {
  const { message } = failureText(code, terminal.language)
  return {
    zh: `已安装的${kindWords[kind].zh}文件未使用，改用程序自带的：${message}（${code}：${detail}）`,
    en: `The installed file of ${kindWords[kind].en.toLowerCase()} is not used; the program's own is: ${message} (${code}: ${detail})`,
  }
}

function pathsOf(profile: VendorProfile, present: readonly FoundLibrary[]): readonly string[] {
  return present.filter(each => each.profile.id === profile.id).map(({ path }) => path)
}

const kindWords: Readonly<Record<DataKind, Words>> = {
  'vendor-profiles': { zh: '锁厂商资料', en: 'Vendor profiles' },
  'trust-list': { zh: '信任列表', en: 'Trust list' },
}

const originWords: Readonly<Record<'built-in' | 'installed', Words>> = {
  'built-in': { zh: '程序自带', en: 'shipped with the program' },
  installed: { zh: '已安装的更新', en: 'an installed update' },
}

const evidenceWords: Readonly<Record<Evidence, Words>> = {
  documents: { zh: '仅据资料，未在实物上试过', en: 'from documents, not yet tried on a key' },
  tried: { zh: '已试过', en: 'tried' },
}
