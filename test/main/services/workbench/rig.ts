import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '../../../../crypto/io/node-files.ts'
import { systemClock, systemRandomness } from '../../../../crypto/io/system.ts'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import type { BenchModule, Case } from '../../../../main/services/workbench/case.ts'
import type { LibraryAccess } from '../../../../main/services/workbench/engine-bench.ts'
import { type RunControl, runWorkbench, type WorkbenchRequest } from '../../../../main/services/workbench/run.ts'
import type { CaseResult, WorkbenchRun } from '../../../../main/services/workbench/workbench-run.ts'
import { homeAt } from '../../../../main/store/index.ts'
import {
  childProcessStarter,
  startRawHost,
  startTokenHost,
  type TokenLimits,
} from '../../../../main/token-host/index.ts'
import type { Ports } from '../../../../main/services/ports.ts'
import { makeSoftSkf, type SoftSkf } from '../../../fakes/skf/soft-skf.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { makeNssToken } from '../../../fixtures/nss.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { bidderKeys, makeSoftPkcs11, type SoftPkcs11, type SoftPkcs11Quirk } from '../../../fixtures/soft-pkcs11.ts'
import { addSoftHsmLock, makeSoftHsm } from '../../../fixtures/softhsm.ts'
import { softPair } from '../../../token-suite/subject.ts'

/** A library with one lock in it, to be put on the workbench. */
export interface BenchSubject {
  readonly module: BenchModule
  readonly environment: Readonly<Record<string, string>>
  readonly pin: string
  remove(): void
}

export function softHsmSubject(): BenchSubject {
  const hsm = makeSoftHsm()
  const { pin } = addSoftHsmLock(hsm)
  return {
    module: { kind: 'pkcs11', path: hsm.modulePath },
    environment: hsm.environment,
    pin,
    remove: () => hsm.remove(),
  }
}

export function nssSubject(): BenchSubject {
  const { bidder, intermediate } = practiceCa()
  const keys = [softPair('sign', bidder.sign), softPair('decrypt', bidder.decrypt)]
  const token = makeNssToken({ pin: '1234abcd', label: 'BidKey', keys, intermediates: [intermediate] })
  return {
    module: { kind: 'pkcs11', path: token.modulePath, profile: { parameters: token.parameters } },
    environment: {},
    pin: token.pin,
    remove: () => token.remove(),
  }
}

export interface SoftPkcs11Subject extends BenchSubject {
  readonly p11: SoftPkcs11
}

/** The soft PKCS#11 module with SM2 keys, or RSA ones. */
export function softPkcs11Subject(
  keys: 'sm2' | 'rsa' = 'sm2',
  { quirks = [], tries = 6 }: { readonly quirks?: readonly SoftPkcs11Quirk[]; readonly tries?: number } = {},
): SoftPkcs11Subject {
  const p11 = makeSoftPkcs11({ quirks })
  const ca = keys === 'sm2' ? gmCa() : practiceCa()
  const pin = '246810'
  p11.addLock({ token: 'KEY', pin, tries, keys: bidderKeys(ca.bidder), intermediates: [ca.intermediate] })
  return {
    p11,
    module: { kind: 'pkcs11', path: p11.modulePath, profile: p11.profile },
    environment: p11.environment,
    pin,
    remove: () => p11.remove(),
  }
}

export interface SoftSkfSubject extends BenchSubject {
  readonly skf: SoftSkf
}

export function softSkfSubject(tries = 6): SoftSkfSubject {
  const { bidder } = gmCa()
  const skf = makeSoftSkf('packed')
  const pin = '246810'
  skf.addLock({ device: 'KEY', pin, tries, containers: [{ name: '公章', sign: bidder.sign, encrypt: bidder.decrypt }] })
  return {
    skf,
    module: { kind: 'skf', path: skf.modulePath, profile: { layout: 'packed' } },
    environment: skf.environment,
    pin,
    remove: () => skf.remove(),
  }
}

/** A workbench with a home of its own. */
export interface Rig {
  readonly home: string
  readonly access: (subject: BenchSubject) => LibraryAccess
  run(subject: BenchSubject, changes?: Partial<WorkbenchRequest>, control?: Partial<RunControl>): Promise<WorkbenchRun>
  remove(): void
}

/** `program`: the built token host. */
export function makeRig(program: string, limits: Partial<TokenLimits> = {}): Rig {
  const home = mkdtempSync(join(tmpdir(), 'bidseal-workbench-home-'))
  const ports = { clock: systemClock, randomness: systemRandomness, files: nodeFiles, home: homeAt(home) }
  const access = ({ module, environment }: BenchSubject): LibraryAccess => {
    const startProcess = childProcessStarter(program, { env: { ...process.env, ...environment } })
    return {
      startDriver: signal => startTokenHost({ module, startProcess, limits }).within(signal),
      startRaw: () => startRawHost({ module, startProcess, limits }),
    }
  }
  return {
    home,
    access,
    run: (subject, changes = {}, control = {}) =>
      // The rest of the ports is for platforms and deliveries, which no case has to do with.
      runWorkbench(ports as unknown as Ports, access(subject), requestFor(subject, changes), {
        signal: new AbortController().signal,
        ...control,
      }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

export function requestFor(subject: BenchSubject, changes: Partial<WorkbenchRequest> = {}): WorkbenchRequest {
  return {
    module: subject.module,
    profileSource: subject.module.profile === undefined ? 'none' : 'own',
    token: null,
    groups: null,
    rounds: 4,
    allowPinTests: false,
    allowWrites: false,
    askPin: () => Promise.resolve(subject.pin),
    person: null,
    anchors: [practiceCa(), gmCa()].map(({ root }) => parseCertificate(root)),
    issuers: [practiceCa(), gmCa()].map(({ intermediate }) => intermediate),
    resume: false,
    version: '0.0.0',
    ...changes,
  }
}

/** Outcomes by case: `pass`, or the status with its code. */
export function outcomes({ results }: Pick<WorkbenchRun, 'results'>): Record<string, string> {
  return Object.fromEntries(results.map(each => [each.case.id, outcomeText(each)]))
}

/** What did not pass. */
export function findings(run: Pick<WorkbenchRun, 'results'>): Record<string, string> {
  return Object.fromEntries(Object.entries(outcomes(run)).filter(([, text]) => text !== 'pass'))
}

function outcomeText({ outcome: { status, code } }: CaseResult): string {
  return status === 'pass' ? status : `${status} ${code ?? ''}`
}

const text = { zh: '试', en: 'try' }

/** A case that is made for a test. */
export function caseFor(id: string, run: Case['run'], changes: Partial<Case> = {}): Case {
  return {
    id,
    group: 'robustness',
    level: 'must',
    kinds: ['pkcs11', 'skf'],
    clause: 'BidSeal',
    text: { title: text, purpose: text, why: text, remedy: text },
    needs: {},
    run,
    ...changes,
  }
}
