import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import type { Command } from 'commander'
import { AppFailure, failures } from '../contract/failure.ts'
import type { Failure } from '../contract/failure.ts'
import { signFiles } from '../services/index.ts'
import type { OnError, SealLook, SignedFile, SignOutput, SignReport } from '../services/index.ts'
import { failureText } from './failure-text/index.ts'
import type { Language } from './language.ts'
import { collect, type TokenOptions, withTokenOptions, withTrustOption } from './options.ts'
import { readSealImage } from './seal-image.ts'
import type { Context, Shell } from './shell.ts'
import { type PlaceOptions, placeOf } from './sign-place.ts'
import { signedLines } from './sign-words.ts'
import { failureJson } from './terminal.ts'
import { runVerifyPdfs, type VerifyPdfOptions } from './verify-pdf.ts'
import { moment, plain, shortName } from './wording.ts'
import { hanging } from './wrap.ts'

interface SignOptions extends TokenOptions, VerifyPdfOptions, PlaceOptions {
  readonly token?: string
  readonly seal?: string
  readonly text?: boolean
  readonly reason?: string
  readonly location?: string
  readonly tsa?: string
  readonly tsaPolicy?: string
  readonly out?: string
  readonly inPlace?: boolean
  readonly onError?: 'stop' | 'continue'
  readonly verify?: boolean
}

const help = `
Lengths of --at are millimetres (or points: 30pt) from the lower left corner,
negative ones from the right and upper edges; a page counts from 1, or from the
end when negative. Without --at a seal stands in the lower right corner of the
last page, 42 mm wide.
Signatures that are there already stay valid. The signed document goes to
NAME-signed.pdf. Without --on-error a document that cannot be signed is passed
over, and the run stops where the lock, the network or the disk is the trouble;
run again, it keeps what it has signed.
A lock with an SM2 key signs beside the document instead: NAME.pdf.p7s (GB/T
35275); nothing of it can be seen on the pages.

Examples
  bidseal sign letter.pdf --token p12:/locks/bidder.p12
  bidseal sign *.pdf --token 'pkcs11:token=BidKey' --seal seal.png --text \\
      --at last,-20,20 --out signed
  bidseal sign volume.pdf --token p12:/locks/bidder.p12 --seal seal.png \\
      --across --tsa http://tsa.example/
  bidseal sign --verify signed/*.pdf --trust root.pem

With --json: {ok, kind: "pdf" | "detached", signer, signed, cancelled, files:
[{file, outcome, output?, signature?, level?, size?, time?, timestamp?,
markedPages?, why?, code?, message?, next?}]}. outcome is "signed", "standing"
(signed before), "refused" (why), "failed" or "not-tried". With --verify: {ok,
files: [what verify says of one]}.`

/** `sign`. */
export function addSign(program: Command, shell: Shell): void {
  const sign = program
    .command('sign')
    .description('sign PDFs with one lock and one PIN; or say who has signed them')
    .argument('<file...>')
    .option('--token <uri>', 'the lock that signs')
    .option('--seal <image>', 'a seal to be seen: PNG (transparency stays) or JPEG')
    .option('--at <page,x,y[,w[,h]]>', 'where, in millimetres; page may be “last”')
    .option('--every-page', 'the seal on every page')
    .option('--across', 'the seal cut over the right edges of all pages (骑缝章)')
    .option('--text', 'name and time to be seen, under the seal or alone')
    .option('--reason <text>', 'why it is signed; in the signature, not on the page')
    .option('--location <text>', 'where it is signed; likewise')
    .option('--tsa <url>', 'a time-stamp server (RFC 3161): PAdES B-T instead of B-B')
    .option('--tsa-policy <oid>', 'the policy to ask it for')
    .option('--out <dir>', 'the signed documents into this folder, under their own names')
    .option('--in-place', 'write over the documents themselves')
    .addOption(new Option('--on-error <what>', 'after a document that was not signed').choices(['stop', 'continue']))
    .option('--verify', 'sign nothing: verify the signatures of the documents')
    .option('--crl <file>', 'with --verify: a revocation list, DER or PEM (repeatable)', collect)
    .addHelpText('after', help)
  withTrustOption(withTokenOptions(sign)).action((files: readonly string[], options: SignOptions, command: Command) =>
    shell.run(command, context =>
      options.verify === true ? runVerifyPdfs(context, files, options) : run(context, files, options),
    ),
  )
}

async function run(context: Context, files: readonly string[], options: SignOptions): Promise<void> {
  const { ports, terminal, control } = context
  const { token, reason, location } = options
  if (token === undefined) throw new AppFailure('arguments.bad', '--token is missing: which lock signs?')
  const output = outputOf(options)
  const look = await lookOf(context, options)
  if (options.tsaPolicy !== undefined && options.tsa === undefined) {
    throw new AppFailure('arguments.bad', '--tsa-policy needs --tsa')
  }
  let told = 0
  const onFile = (result: SignedFile): void => {
    told += 1
    for (const line of signedLines(result, `${told}/${files.length}`, terminal.language)) terminal.say(line)
  }
  const onError: OnError = options.onError ?? 'surroundings'
  const report = await signFiles(
    ports,
    context.locks(options, [token]),
    {
      files,
      token,
      look,
      reason,
      location,
      ...(options.tsa === undefined ? {} : { timeStamps: { url: options.tsa, policy: options.tsaPolicy } }),
      output,
      anchors: (await context.trust(options)).anchors,
      onError,
    },
    { signal: control.signal, onFile },
  )
  const failure = failureOf(report)
  const { language } = terminal
  terminal.result({
    ok: failure === null,
    ...(failure === null ? {} : failureJson(failure, language)),
    kind: report.kind,
    signer: report.signer,
    signed: count(report, 'signed'),
    cancelled: report.cancelled,
    files: report.files.map(result => fileJson(result, language)),
  })
  for (const result of report.files.filter(({ outcome }) => outcome === 'not-tried')) {
    for (const line of signedLines(result, `-/${files.length}`, language)) terminal.say(line)
  }
  for (const line of hanging('', summary(report, language))) terminal.say(line)
  if (failure === null) return
  context.setExitCode(failures[failure.code].exit)
  if (!terminal.json) for (const line of hanging('  ', failureText(failure.code, language).next)) terminal.note(line)
}

function outputOf({ out, inPlace = false }: SignOptions): SignOutput {
  if (out !== undefined && inPlace) throw new AppFailure('arguments.bad', '--out and --in-place are two places')
  if (out !== undefined) return { kind: 'folder', path: out }
  return { kind: inPlace ? 'in-place' : 'beside' }
}

async function lookOf({ terminal, siblings }: Context, options: SignOptions): Promise<SealLook | null> {
  const { seal, text = false } = options
  if (seal === undefined && !text) {
    if (options.at === undefined && options.everyPage !== true && options.across !== true) return null
    throw new AppFailure('arguments.bad', 'there is nothing to be seen: give --seal, --text or both')
  }
  const image = seal === undefined ? null : await readSealImage(seal)
  const place = placeOf(options, { imageRatio: image?.ratio ?? null, lines: text ? 2 : 0 })
  return {
    place,
    ...(image === null ? {} : { image: image.bytes }),
    ...(text
      ? {
          text: {
            font: new Uint8Array(await readFile(siblings.font)),
            lines: (name: string, time: Date) => visibleLines(name, time, terminal.language),
          },
        }
      : {}),
  }
}

/** Whole minutes: the exact time is in the signature, and equal texts are drawn once. */
function visibleLines(name: string, time: Date, language: Language): readonly string[] {
  const [date = '', clock = '', zone = ''] = moment(time).split(' ')
  const when = `${date} ${clock.slice(0, 5)} ${zone}`
  return language === 'zh' ? [`签署人：${plain(name)}`, `时间：${when}`] : [`Signed by ${plain(name)}`, when]
}

function fileJson(result: SignedFile, language: Language): Readonly<Record<string, unknown>> {
  if (!('failure' in result)) return { ...result }
  const { failure, ...facts } = result
  return { ...facts, ...failureJson(failure, language) }
}

/** The first thing that went wrong stands for the whole. */
function failureOf({ files, cancelled }: SignReport): Failure | null {
  if (cancelled) return { code: 'cancelled' }
  for (const result of files) if ('failure' in result) return result.failure
  return null
}

function count({ files }: SignReport, outcome: SignedFile['outcome']): number {
  return files.filter(result => result.outcome === outcome).length
}

function summary(report: SignReport, language: Language): string {
  const zh = language === 'zh'
  const name = shortName(report.signer.subject)
  const counts = (['signed', 'standing', 'refused', 'failed', 'not-tried'] as const).flatMap(outcome => {
    const many = count(report, outcome)
    return many === 0 && outcome !== 'signed'
      ? []
      : [zh ? `${names[outcome].zh} ${many}` : `${many} ${names[outcome].en}`]
  })
  return `${plain(name)}${zh ? '：' : ': '}${counts.join(zh ? '，' : ', ')}`
}

const names: Readonly<Record<SignedFile['outcome'], { readonly zh: string; readonly en: string }>> = {
  signed: { zh: '已签名', en: 'signed' },
  standing: { zh: '此前已签', en: 'signed before' },
  refused: { zh: '不能签', en: 'refused' },
  failed: { zh: '未签成', en: 'not signed' },
  'not-tried': { zh: '未处理', en: 'not tried' },
}
