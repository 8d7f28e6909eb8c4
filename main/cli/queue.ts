import type { Command } from 'commander'
import { AppFailure, failures } from '../contract/failure.ts'
import { addToQueue, queuedBids, removeFromQueue, runQueue } from '../services/index.ts'
import type { QueuedBid, QueueOutcome, SubmissionState } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import {
  isExchangeFolder,
  maybeSubmitted,
  sayFileFailure,
  showSubmission,
  submissionWords,
} from './submission-words.ts'
import { failureJson } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { moment, plain, table } from './wording.ts'

interface AddOptions {
  readonly platform: string
  readonly token: string
  readonly replace?: boolean
}

/** `queue add`, `queue list`, `queue remove`, `queue run`. */
export function addQueue(program: Command, shell: Shell): void {
  const queue = program.command('queue').description('sealed bids that wait for the network')
  queue
    .command('add')
    .description('queue a sealed bid; nothing is sent and no PIN is kept')
    .argument('<file>', 'the sealed bid')
    .requiredOption('--platform <url>', 'the trading platform')
    .requiredOption('--token <uri>', 'the lock that will sign for the bidder')
    .option('--replace', 'in place of another bid of the same bidder that waits for the same lot')
    .action((file: string, options: AddOptions, command: Command) =>
      shell.run(command, context => add(context, file, options)),
    )
  queue
    .command('list')
    .description('what waits, the earliest deadline first')
    .action((_options: unknown, command: Command) => shell.run(command, list))
  queue
    .command('remove')
    .description('take a bid out of the queue; what the platform has stays there')
    .argument('<sealId>')
    .action((sealId: string, _options: unknown, command: Command) =>
      shell.run(command, context => remove(context, sealId)),
    )
  withTrustOption(
    withTokenOptions(
      queue
        .command('run')
        .description('submit what waits, waiting for network and lock; after a stop run it again')
        .addHelpText('after', jsonHelp),
    ),
  ).action((options: TokenOptions & TrustOptions, command: Command) =>
    shell.run(command, context => run(context, options)),
  )
}

const jsonHelp = `
PINs are asked for at the start and never kept: a lock that is pulled out asks again. With --json, when all is done: {ok,
bids: [{ok, sealId, shortCode, receipt} or {ok: false, sealId, shortCode, code, message, next, ...}]}; what failed stays in
the queue, and decides the exit code.`

async function add({ terminal, ports }: Context, file: string, options: AddOptions): Promise<void> {
  const { platform: platformUrl, token, replace } = options
  const queued = await addToQueue(ports, { file, platformUrl, token, replace }).catch((error: unknown) => {
    if (error instanceof AppFailure && error.code === 'output.exists') {
      terminal.note(
        terminal.words({
          zh: '队列中已有同一投标人对同一标段的投标文件（见 bidseal queue list）。要用这一份取代它，请加 --replace。',
          en: 'A bid of this bidder waits for the same lot already (see bidseal queue list). To replace it give --replace.',
        }),
      )
    }
    throw error
  })
  terminal.result({ ok: true, ...queued })
  terminal.say(
    terminal.words({
      zh: `已加入递交队列  ${queued.shortCode}  截止 ${moment(queued.until)}`,
      en: `Queued  ${queued.shortCode}  deadline ${moment(queued.until)}`,
    }),
  )
  terminal.say(
    terminal.words({
      zh: '  尚未递交。插好锁后执行 bidseal queue run，网络恢复后自动递交。',
      en: '  NOT submitted yet. Run bidseal queue run with the lock plugged in; it goes out when the network is there.',
    }),
  )
}

async function list({ terminal, ports }: Context): Promise<void> {
  const { bids, damaged } = await queuedBids(ports)
  terminal.result({ ok: true, bids, damaged })
  if (bids.length + damaged.length === 0) {
    terminal.say(terminal.words({ zh: '队列中没有投标文件。', en: 'The queue is empty.' }))
  }
  const zh = terminal.language === 'zh'
  for (const { shortCode, sealId, until, platform, file, last } of bids) {
    terminal.say(`${shortCode}  ${zh ? '截止' : 'deadline'} ${moment(until)}`)
    const rows: (readonly [string, string])[] = [
      [zh ? '封标编号' : 'seal id', sealId],
      [zh ? '平台' : 'platform', plain(platform)],
      [zh ? '文件' : 'file', plain(file)],
    ]
    if (last !== undefined) {
      const says = last.platformSays === undefined ? '' : `  ${plain(last.platformSays)}`
      const words = `${failureText(last.code, terminal.language).message}${says}  (${last.code}, ${moment(last.at)})`
      rows.push([zh ? '上次结果' : 'last try', words])
    }
    for (const line of table(rows)) terminal.say(line)
  }
  for (const sealId of damaged) terminal.say(zh ? `无法读取：${sealId}` : `cannot be read: ${sealId}`)
}

async function remove({ terminal, ports }: Context, sealId: string): Promise<void> {
  const removed = await removeFromQueue(ports, sealId)
  terminal.result({ ok: true, removed })
  terminal.say(
    removed
      ? terminal.words({ zh: '已移出队列。', en: 'Taken out of the queue.' })
      : terminal.words({ zh: '队列中没有这份投标文件。', en: 'It was not in the queue.' }),
  )
}

async function run(context: Context, options: TokenOptions & TrustOptions): Promise<void> {
  const { terminal, ports, control } = context
  const trust = await context.trust(options)
  const shown = new Map<string, ReturnType<typeof showQueued>>()
  const completing = new Set<string>()
  const outcomes = await runQueue(
    ports,
    { trust, openLocks: order => context.locks(options, order) },
    {
      signal: control.signal,
      onState(bid, status) {
        const show = shown.get(bid.sealId) ?? showQueued(terminal, bid)
        shown.set(bid.sealId, show)
        show(status)
        const { shortCode } = bid
        if (status.state === 'completing' && !isExchangeFolder(bid.platform)) completing.add(shortCode)
        else if (status.state !== 'paused') completing.delete(shortCode)
      },
      onMissingLock(token, { code }) {
        const { message } = failureText(code, terminal.language)
        terminal.note(
          terminal.words({
            zh: `等待插入锁：${message} ${plain(token)}`,
            en: `Waiting for a lock: ${message} ${plain(token)}`,
          }),
        )
      },
    },
  ).catch((error: unknown) => {
    if (control.signal.aborted) {
      for (const shortCode of completing) terminal.note(`${shortCode}  ${terminal.words(maybeSubmitted)}`)
      terminal.note(
        terminal.words({
          zh: '已暂停；队列保留，再执行 bidseal queue run 将从中断处继续。',
          en: 'Paused; the queue is kept. Run bidseal queue run again to go on where it stopped.',
        }),
      )
    }
    throw error
  })
  report(context, outcomes)
}

const waitStates: readonly SubmissionState[] = [
  ...(['waiting-for-network', 'waiting-for-lock', 'waiting-for-answer', 'waiting-for-turn'] as const),
]

/** What of a bid's way is worth a line: its progress, and once each time it waits for something else. */
export function showQueued(terminal: Terminal, { shortCode, until, file }: QueuedBid) {
  const show = showSubmission(terminal, file)
  let said: SubmissionState | null = null
  return (status: Parameters<ReturnType<typeof showSubmission>>[0]): void => {
    const { state, code, deadline } = status
    if (waitStates.includes(state) && state !== said) {
      said = state
      const words = terminal.words(submissionWords[state])
      const end = moment(deadline ?? until)
      terminal.note(
        terminal.words({
          zh: `${shortCode}  ${words}（${code ?? ''}），会自动再试；截止 ${end}`,
          en: `${shortCode}  ${words} (${code ?? ''}), tried again by itself; deadline ${end}`,
        }),
      )
    }
    // Until somebody has acted each look at an exchange folder is the same.
    if (said === 'waiting-for-answer') return
    if (state === 'uploading') said = null
    show(status)
  }
}

function report(context: Context, outcomes: readonly QueueOutcome[]): void {
  const { terminal } = context
  const failed = outcomes.flatMap(outcome => ('failure' in outcome ? [outcome.failure] : []))
  const bids = outcomes.map(outcome => {
    const { sealId, shortCode } = outcome.bid
    return 'failure' in outcome
      ? { ok: false, sealId, shortCode, ...failureJson(outcome.failure, terminal.language) }
      : { ok: true, sealId, shortCode, already: outcome.submitted.already, receipt: outcome.submitted.receipt }
  })
  terminal.result({ ok: failed.length === 0, bids })
  for (const outcome of outcomes) {
    if ('failure' in outcome) {
      const { message, next } = failureText(outcome.failure.code, terminal.language)
      const says = outcome.failure.platformSays
      terminal.say(`${outcome.bid.shortCode}  ${message}  (${outcome.failure.code})`)
      if (says !== undefined)
        terminal.say(`  ${terminal.words({ zh: '平台的答复：', en: 'The platform says:' })} ${says}`)
      terminal.say(`  ${next}`)
      continue
    }
    const { receivedAt } = outcome.submitted.receipt
    terminal.say(
      terminal.words({
        zh: `${outcome.bid.shortCode}  已递交，回执核验无误，平台收到时间 ${moment(receivedAt)}`,
        en: `${outcome.bid.shortCode}  delivered, receipt verified, received ${moment(receivedAt)}`,
      }),
    )
    const { fileFailure } = outcome.submitted
    if (fileFailure !== undefined) sayFileFailure(terminal, outcome.bid.shortCode, fileFailure)
  }
  if (outcomes.length === 0) terminal.say(terminal.words({ zh: '队列中没有投标文件。', en: 'The queue is empty.' }))
  const [first] = failed
  if (first !== undefined) context.setExitCode(failures[first.code].exit)
}
