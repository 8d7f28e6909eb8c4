import type { Command } from 'commander'
import { guardBids, modulesToSearch } from '../services/index.ts'
import type { GuardFinding, GuardReport } from '../services/index.ts'
import { guardLevelWords, guardSentences } from './guard-words.ts'
import type { Language, Words } from './language.ts'
import { collect } from './options.ts'
import { profileOption } from './profile-option.ts'
import type { Context, Shell } from './shell.ts'
import type { Terminal } from './terminal.ts'
import { day, moment, plain } from './wording.ts'
import { hanging } from './wrap.ts'

interface GuardOptions {
  readonly module?: readonly string[]
}

const help = `
With --json: {ok, bids: [{sealId, shortCode, state, title, tenderId, lotId,
deadline, openingTime, closesAt, recovery, certificates: [{recipient, role,
label, subject, issuer, serial, notAfter, key, lock?}]}], findings: [{id, code,
level, sealId, shortCode, recipient?, about, when?, message, next}], unseen}.
key is "here", "renewed" (the same key under a new certificate), "new-key" or
"absent"; level is "urgent", "warning" or "note". A finding keeps its id for as
long as it holds.`

/** `guard`. */
export function addGuard(program: Command, shell: Shell): void {
  const guard = program.command('guard').description('look after sealed bids until they are opened')
  const list = guard
    .command('list')
    .description('sealed bids and the certificates their opening depends on; asks for no PIN and no network')
    .addHelpText('after', help)
    .option('--module <path>', 'PKCS#11 library, .p12 file or folder of them (repeatable)', collect)
  profileOption(list).action((options: GuardOptions, command: Command) =>
    shell.run(command, context => run(context, options)),
  )
}

async function run({ ports, terminal }: Context, options: GuardOptions): Promise<void> {
  const report = await guardBids(ports, modulesToSearch(options.module ?? [], ports.home))
  const { language } = terminal
  terminal.result({ ok: true, ...report, findings: report.findings.map(each => findingJson(each, language)) })
  sayReport(terminal, report)
}

function findingJson(finding: GuardFinding, language: Language): Readonly<Record<string, unknown>> {
  const { what, next } = guardSentences(finding, language)
  return { ...finding, message: what, next }
}

function sayReport(terminal: Terminal, { bids, findings, unseen }: GuardReport): void {
  const { language } = terminal
  if (bids.length === 0 && findings.length === 0) {
    terminal.say(terminal.words({ zh: '没有等待开标的封标文件。', en: 'No sealed bid waits for its opening.' }))
  }
  for (const bid of bids) {
    terminal.say(`${bid.shortCode}  ${terminal.words(states[bid.state])}  ${plain(bid.title)}`)
    terminal.say(
      `  ${terminal.words({ zh: '截止', en: 'deadline' })} ${moment(bid.deadline)}  ${terminal.words({ zh: '开标', en: 'opening' })} ${moment(bid.openingTime)}`,
    )
    for (const each of bid.certificates) {
      const until = `${terminal.words({ zh: '有效期至', en: 'until' })} ${day(each.notAfter)}`
      terminal.say(
        `  ${terminal.words(roles[each.role])}  ${plain(each.label)}  ${until}  ${terminal.words(keys[each.key])}`,
      )
      for (const line of hanging('    ', `${plain(each.subject)}  ${each.serial}`)) terminal.say(line)
    }
    if (bid.recovery) terminal.say(`  ${terminal.words({ zh: '另有恢复码', en: 'and a recovery code' })}`)
    for (const finding of findings.filter(({ sealId }) => sealId === bid.sealId)) sayFinding(terminal, finding)
  }
  const listed = new Set(bids.map(({ sealId }) => sealId))
  for (const finding of findings.filter(({ sealId }) => !listed.has(sealId))) sayFinding(terminal, finding)
  for (const { path, code } of unseen) {
    terminal.note(
      language === 'zh'
        ? `未能查看 ${path}（${code}）：没看到的锁可能在它那里。`
        : `${path} could not be looked into (${code}): a lock that is not seen may be behind it.`,
    )
  }
}

function sayFinding(terminal: Terminal, finding: GuardFinding): void {
  const { what, next } = guardSentences(finding, terminal.language)
  const zh = terminal.language === 'zh'
  const level = terminal.words(guardLevelWords[finding.level])
  for (const line of hanging(`  ${level}${zh ? '：' : ': '}`, what)) terminal.say(line)
  for (const line of hanging('    → ', next)) terminal.say(line)
}

const roles: Readonly<Record<'main' | 'backup', Words>> = {
  main: { zh: '主锁', en: 'main lock' },
  backup: { zh: '副锁', en: 'backup lock' },
}

const states = {
  sealed: { zh: '已封标，未递交', en: 'sealed, not submitted' },
  submitting: { zh: '递交中，未收到回执', en: 'on its way, no receipt yet' },
  received: { zh: '已递交', en: 'delivered' },
  replaced: { zh: '已替换', en: 'replaced' },
  withdrawn: { zh: '已撤回', en: 'withdrawn' },
  released: { zh: '已解密', en: 'released' },
  closed: { zh: '已开标', en: 'opened' },
} as const satisfies Readonly<Record<string, Words>>

const keys: Readonly<Record<GuardReport['bids'][number]['certificates'][number]['key'], Words>> = {
  here: { zh: '密钥在本机的锁里', en: 'its key is here' },
  renewed: { zh: '证书已更新，密钥未变，在本机', en: 'renewed on the same key, which is here' },
  'new-key': { zh: '锁已换新密钥', en: 'the lock has a new key now' },
  absent: { zh: '锁不在本机', en: 'not here' },
}
