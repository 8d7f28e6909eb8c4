import type { Command } from 'commander'
import { encodeCalendar, listReminders } from '../services/index.ts'
import type { Reminder, ReminderKind, ReminderText } from '../services/index.ts'
import { writeFileAtomic } from '../store/index.ts'
import type { Language, Words } from './language.ts'
import type { Context, Shell } from './shell.ts'
import { moment, plain } from './wording.ts'

const help = `
The calendar file can be imported again after a date has moved: its events keep
their ids and are updated. A tender has its deadline; one with a sealed bid also
the readiness test 30 minutes before the opening, and the opening.

With --json: {ok, output, reminders: [{uid, kind, at, until, title, tenderId,
lotId, bids, cancelled, summary}]}. kind is "deadline", "readiness" or
"opening". output is null where there is nothing to remember: no file is
written then.`

/** `reminders`. */
export function addReminders(program: Command, shell: Shell): void {
  const reminders = program.command('reminders').description('deadlines and openings of the tenders of this home')
  reminders
    .command('list')
    .description('what is to be remembered, in order of time')
    .action((_options: unknown, command: Command) => shell.run(command, list))
  reminders
    .command('export')
    .description('write them as a calendar file with alarms (iCalendar)')
    .requiredOption('-o, --output <file>', 'the calendar file to write (.ics); one that is there is replaced')
    .addHelpText('after', help)
    .action((options: { readonly output: string }, command: Command) =>
      shell.run(command, context => exportTo(context, options.output)),
    )
}

async function list({ ports, terminal }: Context): Promise<void> {
  const reminders = await listReminders(ports)
  const { language } = terminal
  terminal.result({ ok: true, reminders: reminders.map(each => reminderJson(each, language)) })
  if (reminders.length === 0) terminal.say(terminal.words(nothing))
  for (const reminder of reminders) terminal.say(`${moment(reminder.at)}  ${textOf(reminder, language).summary}`)
}

async function exportTo({ ports, terminal }: Context, output: string): Promise<void> {
  const reminders = await listReminders(ports)
  const { language } = terminal
  const calendar = encodeCalendar(reminders, { now: ports.clock.now(), words: each => textOf(each, language) })
  if (calendar !== null) await writeFileAtomic(output, new TextEncoder().encode(calendar))
  terminal.result({
    ok: true,
    output: calendar === null ? null : output,
    reminders: reminders.map(each => reminderJson(each, language)),
  })
  if (calendar === null) terminal.say(terminal.words(nothing))
  else
    terminal.say(
      language === 'zh' ? `${output}  ${reminders.length} 条提醒` : `${output}  ${reminders.length} reminders`,
    )
}

function reminderJson(reminder: Reminder, language: Language): Readonly<Record<string, unknown>> {
  const { at, until, changed, ...facts } = reminder
  return {
    ...facts,
    at: at.toISOString(),
    until: until === null ? null : until.toISOString(),
    changed: changed.toISOString(),
    summary: textOf(reminder, language).summary,
  }
}

/** What a reminder says in a calendar, which is read far from this program. */
function textOf({ kind, title, tenderId, lotId, bids, cancelled, until }: Reminder, language: Language): ReminderText {
  const zh = language === 'zh'
  const lot = lotId === '' ? '' : zh ? `（${lotId} 标段）` : ` (lot ${lotId})`
  const what = `${kinds[kind][language]}${zh ? '：' : ': '}${title}${lot}`
  const called = cancelled ? (zh ? '（不再需要）' : ' (no longer needed)') : ''
  const lines = [
    advice[kind][language],
    `${zh ? '项目' : 'tender'}: ${tenderId}`,
    ...(bids.length === 0 ? [] : [`${zh ? '封标' : 'sealed bids'}: ${bids.join(', ')}`]),
    ...(until === null ? [] : [`${zh ? '至' : 'until'}: ${until.toISOString()}`]),
    zh ? '时间以平台时间为准。' : 'The platform’s time is what counts.',
  ]
  return { summary: plain(`${what}${called}`), description: lines.join('\n') }
}

const nothing: Words = { zh: '没有需要提醒的日期。', en: 'There is nothing to be remembered.' }

const kinds: Readonly<Record<ReminderKind, Words>> = {
  deadline: { zh: '投标截止', en: 'Bid deadline' },
  readiness: { zh: '开标前就绪检查', en: 'Readiness test before the opening' },
  opening: { zh: '开标解密', en: 'Opening' },
}

const advice: Readonly<Record<ReminderKind, Words>> = {
  deadline: {
    zh: '请在此之前递交完毕，并收到核验无误的回执。',
    en: 'Submission must be finished by then and its receipt verified.',
  },
  readiness: {
    zh: '请插好锁，做一次就绪检查：锁、证书、PIN、网络、时钟、平台。',
    en: 'Plug in the lock and test readiness: lock, certificate, PIN, network, clock, platform.',
  },
  opening: { zh: '请签到，并按提示用锁解密。', en: 'Sign in and release the key with the lock when asked.' },
}
