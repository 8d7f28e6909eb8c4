import type { Command } from 'commander'
import type { SealedBid } from '../../crypto/index.ts'
import { AppFailure, failures } from '../contract/failure.ts'
import {
  isSignedDocument,
  judgementBy,
  judgementOf,
  openTender,
  plainTwinFailure,
  refreshedJudgement,
  verifyBid,
  withCrlFiles,
  withSealedBid,
} from '../services/index.ts'
import type { Judgement, RefreshedSource, VerifyReport } from '../services/index.ts'
import type { Words } from './language.ts'
import type { TrustOptions } from './options.ts'
import { collect, withTrustOption } from './options.ts'
import { revocationRows, troubleLine } from './revocation-words.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import { runVerifyPdf } from './verify-pdf.ts'
import { grouped, moment, plain, table } from './wording.ts'

interface VerifyOptions extends TrustOptions {
  readonly tender?: string
  readonly crl?: readonly string[]
  readonly checkRevocation?: boolean
  readonly plainTwin?: string
}

const jsonHelp = `
With --json: {ok, sealId, sealDigest, shortCode, signer, chain: {ok, code?}, parts, timestamp?, tenderChecked,
revocation: [{subject, serial, status, ...}]} with one entry for each certificate of the chain but its anchor, then of
the time stamp's. status is "good" or "revoked" with asOf (when the authority said so) and source ("crl" or "ocsp"), or
"not-checked" with why: "none" (nothing at hand), "unusable" (of another time, not the issuer's, unreadable) or
"unsupported" (delta or indirect lists). A certificate revoked at the judged time fails with chain.code "cert.revoked".
With --check-revocation also fetched: [{kind, address, outcome}]. With --plain-twin also plainTwinChecked; a twin of
another bid, or one that was changed, fails with code "seal.inner".

A PDF is known by its first bytes: its signatures are verified, and those beside it (FILE.pdf.p7s). With --json: {ok,
file, size, isWhollySigned, signatures: [{kind: "signature" | "document-timestamp" | "detached", name, holds, verdict:
"valid" | "changed" | "broken" | "not-read", signer, claims: {name, reason, location, time}, timestamp, covers, chain,
revocation}]}. covers.kind is "whole-file", or "revision" with followedBy and the changes made since. Trust is judged at
the time of a trusted time stamp; else at the time the signer claims, and revocation as of now.`

/** `verify`. */
export function addVerify(program: Command, shell: Shell): void {
  withTrustOption(
    program
      .command('verify')
      .description('a sealed bid: container, signature, chain, digests; a PDF: its signatures; needs no key')
      .argument('<file>')
      .option('--tender <file>', 'hold it against this tender package too')
      .option('--crl <file>', 'a revocation list, DER or PEM (repeatable), beside those kept in the home', collect)
      .option('--check-revocation', 'fetch revocation lists and OCSP answers first (needs the network)')
      .option('--plain-twin <file>', 'also that this plain twin belongs to the sealed bid')
      .addHelpText('after', jsonHelp),
  ).action((file: string, options: VerifyOptions, command: Command) =>
    shell.run(command, context => run(context, file, options)),
  )
}

async function run(context: Context, file: string, options: VerifyOptions): Promise<void> {
  if (await isSignedDocument(file)) {
    if (options.tender !== undefined) throw new AppFailure('arguments.bad', '--tender is for sealed bids')
    if (options.plainTwin !== undefined) throw new AppFailure('arguments.bad', 'a PDF has no plain twin')
    return runVerifyPdf(context, file, options)
  }
  const { ports, terminal, control } = context
  const trust = await context.trust(options)
  const { report, fetched } = await withSealedBid(ports, file, async bid => {
    const judgement =
      options.tender === undefined
        ? await judgementOf(ports, bid, trust)
        : await openTender(ports, options.tender, trust).then(({ tender }) => judgementBy(ports, bid, tender))
    const { fetched, ...known } = await withRevocation(context, bid, judgement, options)
    const report = await verifyBid(bid, known.judgement, control)
    // A twin proves nothing about a bid that does not hold itself.
    if (report.failure !== null || options.plainTwin === undefined) return { report, fetched }
    return { report: { ...report, failure: await plainTwinFailure(ports, bid, options.plainTwin, control) }, fetched }
  })
  const { failure, ...facts } = report
  terminal.result({
    ok: failure === null,
    ...facts,
    ...(fetched === null ? {} : { fetched }),
    ...(options.plainTwin === undefined ? {} : { plainTwinChecked: failure === null }),
    ...(failure === null ? {} : failureJson(failure, terminal.language)),
  })
  if (failure === null) {
    sayVerified(context, report)
    if (options.plainTwin !== undefined) terminal.say(terminal.words(twinHolds))
    return
  }
  context.setExitCode(failures[failure.code].exit)
  if (!terminal.json) terminal.failure(failure)
}

/** What is at hand, with the user's own lists, and with what the authorities say now where the user asked for that. */
async function withRevocation(
  { ports, terminal, control }: Context,
  bid: SealedBid,
  judgement: Judgement,
  options: VerifyOptions,
): Promise<{ readonly judgement: Judgement; readonly fetched: readonly RefreshedSource[] | null }> {
  const refreshed = options.checkRevocation === true ? await refreshedJudgement(ports, bid, judgement, control) : null
  if (refreshed?.sources.length === 0) terminal.note(terminal.words(nobodyToAsk))
  for (const source of refreshed?.sources ?? []) {
    const line = troubleLine(source, terminal.language)
    if (line !== null) terminal.note(line)
  }
  const known = refreshed?.judgement ?? judgement
  const revocation = await withCrlFiles(known.revocation, options.crl ?? [])
  return { judgement: { ...known, revocation }, fetched: refreshed?.sources ?? null }
}

const twinHolds: Words = {
  zh: '备用明文与此封标文件一致。',
  en: 'The plain twin belongs to this sealed bid.',
}

const nobodyToAsk: Words = {
  zh: '没有可查询的地址：证书链未成立，或证书中未写吊销列表与 OCSP 的网址。',
  en: 'Nobody to ask: there is no chain, or its certificates name no address of a revocation list or OCSP responder.',
}

function sayVerified({ terminal }: Context, report: VerifyReport): void {
  const zh = terminal.language === 'zh'
  terminal.say(zh ? `核验通过  ${report.shortCode}` : `Verified  ${report.shortCode}`)
  const { signer } = report
  const rows: (readonly [string, string])[] = [
    [zh ? '封标编号' : 'seal id', report.sealId],
    [zh ? '封标摘要' : 'seal digest', grouped(report.sealDigest)],
    ...(signer === null
      ? []
      : ([
          [zh ? '签名人' : 'signer', plain(signer.subject)],
          [zh ? '签发者' : 'issuer', plain(signer.issuer)],
          [zh ? '信用代码' : 'credit code', signer.creditCode ?? ''],
          [zh ? '证书有效期' : 'valid', `${moment(signer.validFrom)} – ${moment(signer.validTo)}`],
        ] as const)),
    ...(report.timestamp === undefined ? [] : [[zh ? '时间戳' : 'time stamp', moment(report.timestamp)] as const]),
    ...report.parts.map(({ name, root }) => [name, grouped(root)] as const),
    [
      zh ? '招标文件包' : 'tender',
      report.tenderChecked
        ? zh
          ? '一致'
          : 'agrees'
        : zh
          ? '未比对（本机没有该包）'
          : 'not compared: the package is not here',
    ],
    ...revocationRows(report.revocation, terminal.language),
  ]
  for (const line of table(rows)) terminal.say(line)
}
