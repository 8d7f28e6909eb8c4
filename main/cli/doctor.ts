import type { Command } from 'commander'
import type { TokenSummary } from '../../crypto/index.ts'
import type { FailureCode } from '../contract/failure.ts'
import { examineLocks, modulesOfUri, modulesToSearch, vendorDataAt } from '../services/index.ts'
import type { DoctorReport, ExaminedModule, Rung } from '../services/index.ts'
import { adviceFor } from './doctor-advice.ts'
import { findingWords } from './doctor-words.ts'
import { sayReport } from './doctor-text.ts'
import type { TokenOptions, TrustOptions } from './options.ts'
import { withTokenOptions, withTrustOption } from './options.ts'
import type { Context, Shell } from './shell.ts'
import { failureJson } from './terminal.ts'
import type { Terminal } from './terminal.ts'

interface DoctorOptions extends TokenOptions, TrustOptions {
  readonly token?: string
  readonly pinCheck?: boolean
}

/** `token doctor`. */
export function addDoctor(token: Command, shell: Shell): void {
  const doctor = token
    .command('doctor')
    .description('examine drivers and locks layer by layer: device, driver, lock, certificates, chain, PIN')
    .option('--token <uri>', 'only the lock of this name')
    .option('--pin-check', 'ask for the PIN, try it once and every key with it (without this no PIN is tried)')
  withTrustOption(withTokenOptions(doctor))
    .addHelpText('after', help)
    .action((options: DoctorOptions, command: Command) => shell.run(command, context => run(context, options)))
}

const help = `
Exit code: 0 when at least one lock can sign, else 3.

--json prints
  {ok, system: {platform, arch}, rungs, modules: [{path, kind, sha256, vendor,
   rungs, tokens: [{uri, kind, label, manufacturer, model, serial, pin,
   usableFor, pairs: [{sign, decrypt}], rungs, certificates}]}]}
and code, message, next where it is not ok.
A rung is {rung, status, code, message, next}; rung is one of device,
driver-file, bitness, loads, slots, token, certificate, usable, chain, pin;
status one of ok, warning, problem, not-reached.
A certificate is {keyId, label, intended, usableFor, reasons, creditCodeAt,
pairedWith, chain, revocation, deviation}, and where it can be read subject,
issuer, serial, creditCode, validFrom, validTo, algorithm.`

async function run(context: Context, options: DoctorOptions): Promise<void> {
  const { terminal, ports, control } = context
  const searched = modulesToSearch(options.module ?? [], ports.home)
  const report = await examineLocks(
    ports,
    {
      modules: options.token === undefined ? searched : modulesOfUri(options.token, searched),
      token: options.token ?? null,
      trust: await context.trust(options),
      askPin: options.pinCheck === true ? pinsInOrder(context, options) : null,
      vendors: vendorDataAt(ports.home),
    },
    control,
  )
  if (!report.ok) context.setExitCode(3)
  terminal.result(reportJson(report, terminal))
  sayReport(terminal, report)
}

/** PINs are given in the order in which the locks are examined. */
function pinsInOrder(context: Context, options: TokenOptions) {
  const askPin = context.pins(options)
  let index = 0
  return (token: TokenSummary) => askPin({ token, index: index++ })
}

function reportJson(report: DoctorReport, terminal: Terminal): Readonly<Record<string, unknown>> {
  const { ok, host, rungs, modules } = report
  return {
    ok,
    ...(ok ? {} : failureJson({ code: failureOf(report) }, terminal.language)),
    system: host,
    rungs: rungs.map(rung => rungJson(rung, null, terminal)),
    modules: modules.map(module => moduleJson(module, terminal)),
  }
}

function moduleJson(module: ExaminedModule, terminal: Terminal): object {
  const { reference, sha256, vendor, rungs, tokens } = module
  return {
    path: reference.path,
    kind: reference.kind,
    sha256,
    vendor: vendor === null ? null : { id: vendor.id, name: terminal.words(vendor.vendor), evidence: vendor.evidence },
    rungs: rungs.map(rung => rungJson(rung, vendor, terminal)),
    tokens: tokens.map(token => ({
      ...token,
      rungs: token.rungs.map(rung => rungJson(rung, vendor, terminal)),
      certificates: token.certificates.map(({ facts, ...certificate }) => ({ ...certificate, ...facts })),
    })),
  }
}

function rungJson(rung: Rung, vendor: ExaminedModule['vendor'], terminal: Terminal): object {
  const next = adviceFor(rung, vendor)
  return {
    rung: rung.rung,
    status: rung.status,
    code: rung.finding.code,
    message: terminal.words(findingWords(rung.finding)),
    next: next === null ? null : terminal.words(next),
  }
}

/** The failure that keeps every lock from signing, for whoever reads nothing but the code. */
function failureOf({ modules }: DoctorReport): FailureCode {
  if (modules.some(({ tokens }) => tokens.length > 0)) return 'token.unsupported'
  for (const { finding } of modules.flatMap(({ rungs }) => rungs)) {
    if ('failure' in finding) return finding.failure.code
    if (finding.code === 'bitness.differs') return 'token.driver-bitness'
    if (finding.code === 'driver-file.fault') return 'token.driver-unavailable'
  }
  return 'token.absent'
}
