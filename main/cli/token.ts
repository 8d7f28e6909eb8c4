import type { Command } from 'commander'
import type { PinState } from '../../crypto/index.ts'
import { failures } from '../contract/failure.ts'
import { listModules, modulesToSearch } from '../services/index.ts'
import type { ListedCertificate, ListedModule, ListedToken } from '../services/index.ts'
import { addDoctor } from './doctor.ts'
import type { Words } from './language.ts'
import { collect } from './options.ts'
import { profileOption } from './profile-option.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { addTokenPin } from './token-pin.ts'
import { cell, day, plain } from './wording.ts'

/** `token list`, `token doctor`, `token pin`. */
export function addToken(program: Command, shell: Shell): void {
  const token = program.command('token').description('locks (CA keys) and their certificates')
  profileOption(
    token
      .command('list')
      .description('modules, tokens, certificates with usage, key, validity, credit code, PIN tries left')
      .option('--module <path>', 'PKCS#11 library, .p12 file or folder of them (repeatable)', collect),
  ).action((options: { readonly module?: readonly string[] }, command: Command) =>
    shell.run(command, context => list(context, options.module ?? [])),
  )
  addDoctor(token, shell)
  addTokenPin(token, shell)
}

async function list(context: Context, named: readonly string[]): Promise<void> {
  const { terminal, ports } = context
  const modules = await listModules(ports.tokens, modulesToSearch(named, ports.home))
  const failed = modules.find(({ failure }) => failure !== null)?.failure
  // Modules that were merely looked for may fail; one that was named must not.
  const ok = failed === undefined || failed === null || named.length === 0
  if (!ok) context.setExitCode(failures[failed.code].exit)
  terminal.result({
    ok,
    ...(ok ? {} : failureJson(failed, terminal.language)),
    modules: modules.map(module => moduleJson(module, context)),
  })
  if (modules.length === 0) terminal.say(terminal.words(nothing))
  for (const module of modules) sayModule(context, module)
}

const nothing: Words = {
  zh: '没有找到 CA 锁驱动。请用 --module 指定驱动文件，或用 bidseal demo 做一次演练。',
  en: 'No driver was found. Name one with --module, or try it all with “bidseal demo”.',
}

function moduleJson({ reference, summary, tokens, failure }: ListedModule, { terminal }: Context): object {
  return {
    kind: reference.kind,
    path: reference.path,
    description: summary?.description ?? null,
    manufacturer: summary?.manufacturer ?? null,
    version: summary?.version ?? null,
    failure: failure === null ? null : failureJson(failure, terminal.language),
    tokens: tokens.map(token => ({
      uri: token.uri,
      kind: token.kind,
      label: token.label,
      manufacturer: token.manufacturer,
      model: token.model,
      serial: token.serial,
      pin: token.pin,
      certificates: token.certificates.map(({ keyId, label, uses, facts }) => ({ keyId, label, uses, ...facts })),
    })),
  }
}

function sayModule({ terminal }: Context, { reference, summary, tokens, failure }: ListedModule): void {
  const name =
    summary === null || summary.description === '' ? '' : `  ${plain(summary.description)} ${plain(summary.version)}`
  terminal.say(`${plain(reference.path)}${name}`)
  if (failure !== null) {
    const { message, next, code } = failureJson(failure, terminal.language)
    terminal.say(`  ${String(message)} ${String(next)} (${String(code)})`)
  } else if (tokens.length === 0)
    terminal.say(`  ${terminal.words({ zh: '未插入 CA 锁', en: 'no token is plugged in' })}`)
  for (const token of tokens) sayToken(terminal, token)
  terminal.say()
}

function sayToken(terminal: Terminal, token: ListedToken): void {
  const maker = [token.manufacturer, token.model, token.serial].map(plain).filter(text => text !== '')
  terminal.say(`  ${plain(token.label)}${maker.length === 0 ? '' : `  ${maker.join(' · ')}`}`)
  terminal.say(`    ${token.uri}`)
  terminal.say(`    ${terminal.words(pinWords(token.pin))}`)
  for (const certificate of [...token.certificates].sort((one, other) => rank(one) - rank(other))) {
    sayCertificate(terminal, certificate)
  }
}

/** The keys people look for first, the CA's certificates last. */
function rank({ uses }: ListedCertificate): number {
  return uses.includes('sign') ? 0 : uses.includes('decrypt') ? 1 : 2
}

function sayCertificate(terminal: Terminal, { uses, label, facts }: ListedCertificate): void {
  const use = uses.map(each => terminal.words(useWords[each])).join('、') || terminal.words(otherUse)
  const head = `    ${cell(use, 8)}`
  if (facts === null) {
    terminal.say(`${head}  ${plain(label)}  ${terminal.words({ zh: '证书无法读取', en: 'unreadable certificate' })}`)
    return
  }
  const validity = `${day(facts.validFrom)} – ${day(facts.validTo)}`
  terminal.say(`${head}  ${plain(facts.subject)}  ${validity}`)
  if (uses.length === 0) return
  const code = facts.creditCode ?? terminal.words({ zh: '无统一社会信用代码', en: 'no credit code' })
  const issuer = `${terminal.words({ zh: '签发者', en: 'issued by' })} ${plain(facts.issuer)}`
  terminal.say(`${' '.repeat(14)}${facts.algorithm}  ${code}  ${issuer}`)
}

const useWords: Readonly<Record<'sign' | 'decrypt', Words>> = {
  sign: { zh: '签名', en: 'sign' },
  decrypt: { zh: '加密', en: 'encrypt' },
}
const otherUse: Words = { zh: '其他', en: 'other' }

function pinWords({ state, triesLeft, protectedPath }: PinState): Words {
  const pad = protectedPath ? { zh: '，在锁上输入', en: ', typed on the token' } : { zh: '', en: '' }
  const left =
    triesLeft === undefined ? { zh: '', en: '' } : { zh: `，剩余 ${triesLeft} 次`, en: `, ${triesLeft} tries left` }
  const words: Readonly<Record<PinState['state'], Words>> = {
    ok: { zh: 'PIN 码正常', en: 'PIN in order' },
    'few-tries': { zh: 'PIN 码剩余次数不多', en: 'PIN: few tries left' },
    'last-try': { zh: 'PIN 码只剩最后一次', en: 'PIN: ONE try left' },
    locked: { zh: 'PIN 码已锁死', en: 'PIN blocked' },
    'not-set': { zh: 'PIN 码未设置', en: 'PIN not set' },
    unknown: { zh: 'PIN 码剩余次数未知', en: 'PIN tries left unknown' },
  }
  return { zh: `${words[state].zh}${left.zh}${pad.zh}`, en: `${words[state].en}${left.en}${pad.en}` }
}
