import type { SubmissionState, SubmissionStatus } from '../services/index.ts'
import type { Failure } from '../contract/failure.ts'
import { failureText } from './failure-text/index.ts'
import type { Language, Words } from './language.ts'
import type { Terminal } from './terminal.ts'
import { moment, plain, size } from './wording.ts'

/** The states of a submission, as people know them. */
export const submissionWords: Readonly<Record<SubmissionState, Words>> = {
  ready: { zh: '准备', en: 'Getting ready' },
  verifying: { zh: '核验', en: 'Verifying' },
  beginning: { zh: '联系平台', en: 'Asking the platform' },
  uploading: { zh: '递交', en: 'Submitting' },
  completing: { zh: '等待回执', en: 'Waiting for the receipt' },
  'waiting-for-network': { zh: '等待网络', en: 'Waiting for the network' },
  'waiting-for-lock': { zh: '等待插入锁', en: 'Waiting for the lock' },
  'waiting-for-answer': {
    zh: '请把交换文件夹 out 中的文件交到平台，并把平台的回执放入 in',
    en: 'Hand in the files of the exchange folder “out” to the platform and put its receipt into “in”',
  },
  'waiting-for-turn': {
    zh: '本机另一个程序正在处理这份投标文件，等它结束',
    en: 'Another program of this computer works on this bid; waiting for it',
  },
  paused: { zh: '已暂停', en: 'Paused' },
  received: { zh: '已递交', en: 'Received' },
  refused: { zh: '被拒绝', en: 'Refused' },
  failed: { zh: '未完成', en: 'Failed' },
}

/** One line on how far a submission is; what the platform has confirmed, never what was merely sent. */
export function submissionLine(status: SubmissionStatus, language: Language): string {
  const { state, confirmed, total, bytesPerSecond, projectedFinish, deadline, fits } = status
  const zh = language === 'zh'
  const name = submissionWords[state][language]
  const parts = [total === 0 ? name : `${name}  ${Math.floor((confirmed / total) * 100)} %`]
  if (total > 0) parts.push(`${size(confirmed)} / ${size(total)}`)
  if (state === 'uploading' && bytesPerSecond !== null && confirmed < total) parts.push(`${size(bytesPerSecond)}/s`)
  if (deadline !== null) {
    const until = clockTime(deadline)
    const finish = projectedFinish === undefined ? null : clockTime(projectedFinish)
    const times = zh
      ? `${finish === null ? '' : `预计 ${finish} 完成，`}截止 ${until}`
      : `${finish === null ? '' : `done at ${finish}, `}deadline ${until}`
    parts.push(times)
  }
  if (fits === false) parts.push(zh ? '来不及！' : 'TOO LATE!')
  return parts.join('  ')
}

/** What to do when it won't be there in time; said once. */
export function tooLateLines(status: SubmissionStatus, sealed: string, language: Language): readonly string[] {
  const deadline = status.deadline === null ? '' : moment(status.deadline)
  return language === 'zh'
    ? [
        `注意：按现在的速度，投标文件在截止时间（平台时间 ${deadline}）前传不完。`,
        '  请停用占用网络的程序，或换一个更快的网络（手机热点也可以）；中断不会丢失已确认的部分。',
        `  也可以用 U 盘带到网络更好的电脑上递交：bidseal carry export ${quoted(sealed)} -o 投标.carry`,
      ]
    : [
        `Note: at this speed the bid will not be there before the deadline (${deadline} by the platform’s clock).`,
        '  Stop what else uses the network, or change to a faster one (a phone’s will do); nothing confirmed is lost.',
        `  Or carry it to a computer with a better line: bidseal carry export ${quoted(sealed)} -o bid.carry`,
      ]
}

function quoted(file: string): string {
  return `"${plain(file)}"`
}

/** What decides the words for a submission that was stopped. */
export interface PausedWhere {
  /** Every byte was there and the receipt asked for: the platform may have given it. */
  readonly completing: boolean
  /** The platform takes files by hand: nobody has confirmed anything. */
  readonly byHand: boolean
}

/** Whether an address names an exchange folder instead of a platform that answers. */
export function isExchangeFolder(address: string): boolean {
  return /^file:/i.test(address)
}

/** What a stopped submission whose receipt had been asked for may have come to. */
export const maybeSubmitted: Words = {
  zh: '已暂停，尚未收到回执，可能已递交；再次递交即可向平台查明。',
  en: 'Paused; there is no receipt yet, and the bid MAY have been submitted: submit again to ask the platform.',
}

/** What has become of a submission that was stopped, and how to go on. */
export function pausedLines(
  status: SubmissionStatus,
  language: Language,
  { completing, byHand }: PausedWhere = { completing: false, byHand: false },
): readonly string[] {
  const { confirmed, total, deadline } = status
  const zh = language === 'zh'
  const kept =
    total === 0
      ? []
      : [
          byHand
            ? zh
              ? `  已写入交换文件夹 ${size(confirmed)} / ${size(total)}。`
              : `  ${size(confirmed)} of ${size(total)} are in the exchange folder.`
            : zh
              ? `  平台已确认 ${size(confirmed)} / ${size(total)}，会一直保留。`
              : `  The platform has confirmed ${size(confirmed)} of ${size(total)} and keeps it.`,
        ]
  const until = deadline === null ? '' : moment(deadline)
  return [
    completing && !byHand
      ? maybeSubmitted[language]
      : zh
        ? '已暂停，尚未递交。'
        : 'Paused; the bid has NOT been submitted yet.',
    ...kept,
    zh
      ? `  再执行同一命令，将从中断处继续${until === '' ? '' : `；截止时间 ${until}`}。`
      : `  Run the same command again to go on where it stopped${until === '' ? '' : `; the deadline is ${until}`}.`,
  ]
}

/** How far the platform's clock and this computer's part, where that is worth a word. */
export function offsetLine({ serverOffsetMs, uncertaintyMs = 0 }: SubmissionStatus, language: Language): string | null {
  if (serverOffsetMs === undefined || Math.abs(serverOffsetMs) < Math.max(2_000, uncertaintyMs)) return null
  const seconds = (Math.abs(serverOffsetMs) / 1000).toFixed(1)
  const ahead = serverOffsetMs > 0
  return language === 'zh'
    ? `本机时钟比平台${ahead ? '慢' : '快'} ${seconds} 秒（±${uncertaintyMs} 毫秒）；一切以平台时间为准。`
    : `This computer’s clock is ${seconds} s ${ahead ? 'behind' : 'ahead of'} the platform’s (±${uncertaintyMs} ms); the platform’s counts.`
}

/** The platform has the bid whole; the file here is not what it was. */
export function sayFileFailure(terminal: Terminal, shortCode: string, { code }: Failure): void {
  const { message } = failureText(code, terminal.language)
  terminal.note(
    terminal.words({
      zh: `注意：${shortCode} 平台已完整收到，但本机的封标文件现在有问题：${message}（${code}）请另找一份完好的副本，开标时可能用到。`,
      en: `Note: the platform has ${shortCode} whole, but the sealed file here is not right any more: ${message} (${code}) Find an intact copy; the opening may need it.`,
    }),
  )
}

/** Shows a submission as it goes: one moving line, red when it won't be in time, and what to do once. */
export function showSubmission(terminal: Terminal, sealed: string): (status: SubmissionStatus) => void {
  let state: SubmissionState | null = null
  let warned = false
  let offsetSaid = false
  return status => {
    const { language } = terminal
    const offset = offsetSaid ? null : offsetLine(status, language)
    if (offset !== null) {
      offsetSaid = true
      terminal.note(offset)
    }
    if (status.fits === false && !warned) {
      warned = true
      for (const line of tooLateLines(status, sealed, language)) terminal.note(line)
    }
    // The reading of the file has a line of its own.
    const shown = ['uploading', 'completing', 'beginning'].includes(status.state)
    const due = status.state !== state && status.state !== 'beginning'
    state = status.state
    if (shown) terminal.progress.show(submissionLine(status, language), { red: status.fits === false, due })
  }
}

/** The time of day in the local time zone; the date is on every other line. */
function clockTime(time: string): string {
  return moment(time).slice(5, 19)
}
