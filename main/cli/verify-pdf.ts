import { failures } from '../contract/failure.ts'
import type { Failure } from '../contract/failure.ts'
import { noSignature, verifyDocument, withCrlFiles } from '../services/index.ts'
import type { VerifiedDocument } from '../services/index.ts'
import type { Words } from './language.ts'
import type { TrustOptions } from './options.ts'
import { pdfLines } from './pdf-words.ts'
import { troubleLine } from './revocation-words.ts'
import type { Context } from './shell.ts'
import { failureJson } from './terminal.ts'

/** How PDFs are judged on the command line. */
export interface VerifyPdfOptions extends TrustOptions {
  readonly crl?: readonly string[]
  readonly checkRevocation?: boolean
}

/** Verifies one PDF, as `verify` does. */
export async function runVerifyPdf(context: Context, file: string, options: VerifyPdfOptions): Promise<void> {
  const { terminal } = context
  const verified = await verifiedAndSaid(context, file, options)
  const { failure } = verified.report
  terminal.result({ ok: failure === null, file, ...jsonOf(context, verified) })
  finish(context, failure)
}

/** Verifies several, as `sign --verify` does. */
export async function runVerifyPdfs(
  context: Context,
  files: readonly string[],
  options: VerifyPdfOptions,
): Promise<void> {
  const { terminal } = context
  const said: Readonly<Record<string, unknown>>[] = []
  let worst: Failure | null = null
  for (const file of files) {
    const verified = await verifiedAndSaid(context, file, options)
    const { failure } = verified.report
    worst ??= failure
    said.push({ file, ok: failure === null, ...jsonOf(context, verified) })
  }
  const failed = worst === null ? {} : failureJson(worst, terminal.language)
  terminal.result({ ok: worst === null, ...failed, files: said })
  finish(context, worst)
}

async function verifiedAndSaid(context: Context, file: string, options: VerifyPdfOptions): Promise<VerifiedDocument> {
  const { ports, control, terminal } = context
  const { anchors } = await context.trust(options)
  const more = await withCrlFiles(undefined, options.crl ?? [])
  const refresh = options.checkRevocation === true
  const verified = await verifyDocument(ports, file, { anchors, more, refresh, signal: control.signal })
  for (const source of verified.fetched ?? []) {
    const line = troubleLine(source, terminal.language)
    if (line !== null) terminal.note(line)
  }
  for (const line of pdfLines(file, verified.report, terminal.language)) terminal.say(line)
  return verified
}

function jsonOf({ terminal }: Context, { report, fetched }: VerifiedDocument): Readonly<Record<string, unknown>> {
  const { failure, ...facts } = report
  return {
    ...facts,
    ...(fetched === null ? {} : { fetched }),
    ...(failure === null ? {} : failureJson(failure, terminal.language)),
    ...(report.signatures.length === 0 ? { message: terminal.words(unsigned), next: terminal.words(signIt) } : {}),
  }
}

function finish(context: Context, failure: Failure | null): void {
  const { terminal } = context
  if (failure === null) return
  context.setExitCode(failures[failure.code].exit)
  if (terminal.json) return
  if (failure.detail === noSignature) terminal.note(`  ${terminal.words(signIt)}`)
  else terminal.failure(failure)
}

const unsigned: Words = { zh: '文件没有签名。', en: 'The document has no signature.' }
const signIt: Words = {
  zh: '如应有签名，请用 bidseal sign 签署，或索取签过的文件。',
  en: 'If it should have one, sign it with “bidseal sign”, or ask for the signed document.',
}
