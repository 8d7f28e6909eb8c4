import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { AppFailure } from '../contract/failure.ts'
import type { FailureCode } from '../contract/failure.ts'
import {
  answerRecord,
  modulesToSearch,
  openingReadiness,
  openLocks,
  seeRecord,
  watchOpening,
} from '../services/index.ts'
import type {
  Locks,
  Readiness,
  ReadinessLine,
  RecordResponse,
  ResponseQuestions,
  SeenRecord,
} from '../services/index.ts'
import type { Words } from './language.ts'
import { newsTeller } from './opening-news.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import { readinessNames, readinessWords } from './readiness-words.ts'
import { recordTable } from './record-words.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { cell, displayWidth, moment } from './wording.ts'

interface OpeningOptions extends TokenOptions, TrustOptions {
  readonly platform: string
  readonly token: string
  readonly sign?: string
  readonly text?: string
  readonly file?: string
  readonly yes?: boolean
}

/** `opening ready`, `opening watch`, `opening record`, `opening confirm` and `opening object`. */
export function addOpening(program: Command, shell: Shell): void {
  const opening = program.command('opening').description('before and after the opening of a bid')
  const add = (name: string, description: string): Command =>
    withTrustOption(
      withTokenOptions(
        opening
          .command(name)
          .description(description)
          .argument('<bid>', 'a sealId, a sealed file or a header file')
          .requiredOption('--platform <url>', 'the trading platform'),
      ),
    )
  const action = (command: Command, work: (context: Context, bid: string, options: OpeningOptions) => Promise<void>) =>
    command.action((bid: string, options: OpeningOptions, self: Command) =>
      shell.run(self, context => work(context, bid, options)),
    )
  const tokens = (command: Command): Command =>
    command
      .requiredOption('--token <uri>', 'the lock that opens the bid, main or second')
      .option('--sign <uri>', 'the lock that signs for the bidder, where that is another one')
  action(tokens(add('ready', 'whether everything the opening needs is there; no PIN, no key is used')), ready)
  action(tokens(add('watch', 'count down to the opening; test readiness half an hour before')), watch)
  action(add('record', 'show the record of the opening and what can be done about it'), show)
  const signed = (command: Command): Command =>
    command
      .requiredOption('--token <uri>', 'the lock that signs for the bidder')
      .option('--yes', 'answer yes to what would be asked')
  action(signed(add('confirm', 'sign the confirmation of the record')), (context, bid, options) =>
    respond(context, bid, options, { kind: 'confirm' }),
  )
  action(
    signed(add('object', 'sign an objection to the record and hand it in'))
      .option('--text <words>', 'the objection')
      .option('--file <file>', 'a text file (UTF-8) with the objection'),
    async (context, bid, options) =>
      respond(context, bid, options, { kind: 'objection', text: await objectionText(options) }),
  )
}

async function ready(context: Context, bid: string, options: OpeningOptions): Promise<void> {
  const { ports, terminal } = context
  const locks = sight(context, options)
  try {
    const readiness = await openingReadiness(ports, locks, await requestOf(context, bid, options), context.control)
    if (!readiness.ready) context.setExitCode(1)
    terminal.result(readinessJson(readiness, context))
    sayReadiness(readiness, context, line => terminal.say(line))
  } finally {
    await locks.close()
  }
}

async function watch(context: Context, bid: string, options: OpeningOptions): Promise<void> {
  const { ports, terminal } = context
  const teller = newsTeller(terminal)
  const opened: Locks[] = []
  // A lock that was plugged in since the last look must be seen.
  const look = (): Promise<Locks> => {
    const locks = sight(context, options)
    opened.push(locks)
    return Promise.resolve(locks)
  }
  try {
    const { status, openingTime, readiness } = await watchOpening(
      ports,
      look,
      {
        ...(await requestOf(context, bid, options)),
        onNews: news => teller.tell(news),
        onReadiness(found) {
          teller.clear()
          sayReadiness(found, context, line => terminal.note(line))
        },
      },
      context.control,
    )
    teller.clear()
    const closesAt = status.closesAt?.toISOString() ?? null
    terminal.result({
      ok: true,
      state: status.state,
      openingTime: openingTime.toISOString(),
      closesAt,
      readiness: readiness === null ? null : readinessJson(readiness, context),
    })
    terminal.say(
      terminal.words({
        zh: `开标已经开始${closesAt === null ? '' : `，解密截止 ${moment(closesAt)}`}。请运行 open。`,
        en: `The opening has begun${closesAt === null ? '' : `; keys are taken until ${moment(closesAt)}`}. Run open now.`,
      }),
    )
  } finally {
    teller.clear()
    for (const locks of opened) await locks.close()
  }
}

async function show(context: Context, bid: string, options: OpeningOptions): Promise<void> {
  const { platformUrl, trust } = await requestOf(context, bid, options)
  const request = { bid, platformUrl, trust, token: '' }
  reportRecord(context, await seeRecord(context.ports, sight(context, options), request, context.control))
}

async function respond(
  context: Context,
  bid: string,
  options: OpeningOptions,
  response: RecordResponse,
): Promise<void> {
  const { ports, terminal } = context
  const request = await requestOf(context, bid, options)
  const locks = context.locks(options, [options.token])
  const questions = questionsOf(context, options.yes === true)
  const seen = await answerRecord(ports, locks, { ...request, response, questions }, context.control)
  const zh = response.kind === 'confirm' ? '已确认开标记录' : '异议已提交，平台已接收'
  const en = response.kind === 'confirm' ? 'Record confirmed' : 'Objection handed in'
  reportRecord(context, seen, { sent: seen.sent })
  const already = seen.sent ? { zh: '', en: '' } : { zh: '（此前已完成）', en: ' (had been before)' }
  terminal.say(terminal.words({ zh: `${zh}${already.zh}。`, en: `${en}${already.en}.` }))
}

function reportRecord(context: Context, seen: SeenRecord, more: Readonly<Record<string, unknown>> = {}): void {
  const { terminal } = context
  const { sealId, sealDigest, shortCode, openingId, fields, own, failure, limit, confirmed, objected } = seen
  const answering = 'sent' in more
  if (failure !== null && !answering) context.setExitCode(1)
  terminal.result({
    ok: failure === null || answering,
    ...(failure === null || answering ? {} : failureJson(failure, terminal.language)),
    ...{ sealId, sealDigest, shortCode, openingId, holds: failure === null, state: own?.state ?? null },
    ...{ record: fields, respondBy: limit?.until.toISOString() ?? null, respondByNamed: limit?.by === 'record' },
    ...{ confirmed, objected, ...more },
  })
  if (fields !== null) for (const line of recordTable(fields, sealDigest, terminal.language)) terminal.say(line)
  if (failure !== null) {
    terminal.say(
      terminal.words({
        zh: `开标记录未通过核验：${failure.detail ?? ''}。可以提出异议（opening object）。`,
        en: `The record does not stand up to the check: ${failure.detail ?? ''}. Object to it (opening object).`,
      }),
    )
  }
  if (limit === null || answering) return
  terminal.say(
    terminal.words({
      zh: `确认或提出异议：${moment(limit.until)} 前${limit.by === 'usual' ? '（记录未载明期限，按开标时长推算）' : ''}。`,
      en: `Confirm or object until ${moment(limit.until)}${limit.by === 'usual' ? ' (the record names no limit; reckoned by the length of the opening)' : ''}.`,
    }),
  )
}

function questionsOf(context: Context, yes: boolean): ResponseQuestions {
  const { terminal } = context
  const ask = (words: Words): Promise<boolean> => {
    if (yes) return Promise.resolve(true)
    return terminal.interactive ? terminal.confirm(terminal.words(words)) : Promise.resolve(false)
  }
  return {
    afterUsualLimit: ({ until }) =>
      ask({
        zh: `按开标时长推算的期限 ${moment(until)} 已过，平台可能不再接收。仍要提交？`,
        en: `By the length of the opening the limit was ${moment(until)}; the platform may take no more. Send it all the same?`,
      }),
    afterTheOpposite: before =>
      ask(
        before === 'confirmed'
          ? {
              zh: '这份开标记录已经确认过。仍要提出异议？',
              en: 'This record was confirmed before. Object all the same?',
            }
          : {
              zh: '已对这份开标记录提出异议。仍要确认？',
              en: 'You objected to this record before. Confirm all the same?',
            },
      ),
  }
}

/** Locks that can be looked at and never used: nobody is there to be asked for a PIN. */
function sight({ ports }: Context, options: OpeningOptions): Locks {
  return openLocks({
    hosts: ports.tokens,
    modules: modulesToSearch(options.module ?? [], ports.home),
    order: [],
    askPin: () => Promise.reject(new AppFailure('token.pin-required', 'the lock is only looked at')),
  })
}

async function requestOf(context: Context, bid: string, { platform, token, sign, ...options }: OpeningOptions) {
  return { bid, platformUrl: platform, token, signToken: sign, trust: await context.trust(options) }
}

async function objectionText({ text, file }: OpeningOptions): Promise<string> {
  if ((text === undefined) === (file === undefined)) {
    throw new AppFailure('arguments.bad', 'the objection comes by --text or by --file')
  }
  if (file === undefined) return text ?? ''
  try {
    return new TextDecoder('utf-8', { fatal: true })
      .decode(await readFile(file))
      .replace(/\r\n/g, '\n')
      .trimEnd()
  } catch (error) {
    throw new AppFailure('input.unreadable', 'the file with the objection cannot be read as UTF-8', { cause: error })
  }
}

function readinessJson({ ready: isReady, shortCode, openingTime, lines }: Readiness, { terminal }: Context) {
  const failed = lines.find(({ status }) => status === 'fail')
  return {
    ok: isReady,
    ...(failed === undefined ? {} : failureJson({ code: failed.code ?? usualCodes[failed.id] }, terminal.language)),
    shortCode,
    openingTime: openingTime?.toISOString() ?? null,
    lines: lines.map(line => ({ ...line, message: terminal.words(readinessWords(line)) })),
  }
}

/** What a finding without a failure behind it comes to. */
const usualCodes: Readonly<Record<ReadinessLine['id'], FailureCode>> = {
  bid: 'bid.not-delivered',
  tender: 'tender.invalid',
  receipt: 'bid.not-delivered',
  lock: 'token.wrong-lock',
  certificate: 'token.wrong-lock',
  signer: 'cert.expired',
  pin: 'token.pin-locked',
  network: 'platform.unreachable',
  clock: 'platform.clock',
  platform: 'platform.closed',
  dates: 'platform.unreachable',
  stored: 'opening.challenge',
}

function sayReadiness(readiness: Readiness, { terminal }: Context, say: (line: string) => void): void {
  const { lines, ready: isReady, shortCode } = readiness
  const names = lines.map(({ id }) => terminal.words(readinessNames[id]))
  const width = Math.max(...names.map(displayWidth))
  const marks = { ok: { zh: '正常', en: 'ok  ' }, warn: { zh: '注意', en: 'note' }, fail: { zh: '不行', en: 'FAIL' } }
  lines.forEach((line, index) => {
    const name = cell(names[index] ?? '', width)
    say(`  ${terminal.words(marks[line.status])}  ${name}  ${terminal.words(readinessWords(line))}`)
  })
  const code = shortCode ?? ''
  const verdict: Words = isReady
    ? { zh: `开标准备就绪  ${code}`, en: `Ready for the opening  ${code}` }
    : { zh: `尚未就绪，请先处理标“不行”的各项  ${code}`, en: `Not ready: see to the lines marked FAIL  ${code}` }
  say(terminal.words(verdict).trimEnd())
}
