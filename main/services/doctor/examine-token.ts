import { checkKeys } from '../../../crypto/index.ts'
import type { KeyCheck, KeyUse, PinState, TokenCertificate, TokenDriver, TokenSummary } from '../../../crypto/index.ts'
import { toFailure } from '../failure.ts'
import type { ModuleReference } from '../ports.ts'
import { isLastTry, requireConsent, requireNotLocked } from '../tokens/pin-given.ts'
import { examineCertificates } from './certificates.ts'
import type { DoctorParts } from './doctor.ts'
import { notReached } from './report.ts'
import type { ExaminedCertificate, ExaminedToken, Finding, Reason, Rung, RungStatus } from './report.ts'

/** Climbs the rungs of one token, from its name to its PIN, which is tried only where that was asked for. */
export async function examineToken(
  parts: DoctorParts,
  { kind }: ModuleReference,
  driver: TokenDriver,
  token: TokenSummary,
): Promise<ExaminedToken> {
  const tried = parts.askPin === null ? null : await tryPin(parts, driver, token)
  const shown = tried !== null && 'certificates' in tried ? tried.certificates : token.certificates
  const { judge, places } = parts
  const { certificates: judged, pairs } = await examineCertificates({
    ...{ certificates: shown, at: parts.at, judge, places, strict: parts.strict },
  })
  const checks = tried !== null && 'checks' in tried ? tried.checks : []
  const certificates = judged.map(each => withChecks(each, checks))
  const usable = (['sign', 'decrypt'] as const).filter(use => certificates.some(each => each.usableFor.includes(use)))
  const { uri, label, manufacturer, model, serial } = token
  const pin = tried?.pin ?? token.pin
  return {
    ...{ uri, kind, label, manufacturer, model, serial, pin, certificates, pairs, usableFor: usable },
    rungs: [
      { rung: 'token', status: 'ok', finding: { code: 'token.found', label, model, serial } },
      certificateRung(certificates, tried !== null),
      tried === null && certificates.length === 0 ? notReached('usable') : usableRung(certificates, usable),
      chainRung(certificates),
      tried === null ? pinRung(pin) : checkedRung(tried),
    ],
  }
}

type Tried =
  | { readonly pin: PinState; readonly certificates: readonly TokenCertificate[]; readonly checks: readonly KeyCheck[] }
  | { readonly pin: PinState; readonly failure: ReturnType<typeof toFailure> }

/** One login, and every key once. */
async function tryPin({ askPin }: DoctorParts, driver: TokenDriver, token: TokenSummary): Promise<Tried> {
  try {
    requireNotLocked(token.pin)
    const asked = !token.pin.protectedPath || isLastTry(token.pin)
    const { pin, consent = {} } = asked && askPin !== null ? await askPin(token) : { pin: null }
    requireConsent(token.pin, consent)
    const session = await driver.login(token.uri, token.pin.protectedPath ? null : pin, consent)
    try {
      const certificates = await session.certificates()
      return { pin: await pinOf(driver, token), certificates, checks: await checkKeys(session, certificates) }
    } finally {
      await session.close()
    }
  } catch (error) {
    return { pin: await pinOf(driver, token), failure: toFailure(error) }
  }
}

/** The tries as they are now: a right PIN has given them back, a wrong one has used one up. */
async function pinOf(driver: TokenDriver, { uri, pin }: TokenSummary): Promise<PinState> {
  const listed = await driver.list().catch(() => [])
  return listed.find(each => each.uri === uri)?.pin ?? pin
}

function withChecks(certificate: ExaminedCertificate, checks: readonly KeyCheck[]): ExaminedCertificate {
  const failed = checks.filter(({ keyId, deviation }) => keyId === certificate.keyId && deviation !== null)
  const own = failed.filter(({ use }) => certificate.usableFor.includes(use))
  const [first] = own
  if (first === undefined) return certificate
  const usableFor = certificate.usableFor.filter(use => !own.some(check => check.use === use))
  return { ...certificate, usableFor, reasons: [...certificate.reasons, 'deviates'], deviation: first.deviation }
}

function certificateRung(certificates: readonly ExaminedCertificate[], loggedIn: boolean): Rung {
  const rung = 'certificate'
  const identities = certificates.filter(({ intended }) => intended.length > 0).length
  if (identities > 0) {
    return { rung, status: 'ok', finding: { code: 'certificate.found', count: certificates.length, identities } }
  }
  // Some tokens show their certificates only after the login.
  return loggedIn
    ? { rung, status: 'problem', finding: { code: 'certificate.none' } }
    : { rung, status: 'warning', finding: { code: 'certificate.after-login' } }
}

function usableRung(certificates: readonly ExaminedCertificate[], usable: readonly KeyUse[]): Rung {
  const missing = (['sign', 'decrypt'] as const).filter(use => !usable.includes(use))
  const concerned = certificates.filter(({ intended }) => missing.some(use => intended.includes(use)))
  const reasons: readonly Reason[] = [...new Set(concerned.flatMap(each => each.reasons))]
  const [code, status]: readonly [Extract<Finding, { reasons: unknown }>['code'], RungStatus] =
    missing.length === 0
      ? ['usable.both', 'ok']
      : missing.length === 2
        ? ['usable.none', 'problem']
        : usable.includes('sign')
          ? ['usable.sign-only', 'warning']
          : ['usable.decrypt-only', 'problem']
  return { rung: 'usable', status, finding: { code, reasons } }
}

function chainRung(certificates: readonly ExaminedCertificate[]): Rung {
  const rung = 'chain'
  const identities = certificates.filter(({ intended }) => intended.length > 0)
  const usable = identities.filter(({ usableFor }) => usableFor.length > 0)
  const judged = usable.length > 0 ? usable : identities
  if (judged.length === 0) return notReached(rung)
  if (judged.some(({ reasons }) => reasons.includes('revoked'))) {
    return { rung, status: 'problem', finding: { code: 'chain.revoked' } }
  }
  if (judged.some(({ chain }) => chain === 'untrusted')) {
    return { rung, status: 'warning', finding: { code: 'chain.untrusted' } }
  }
  if (judged.some(({ chain }) => chain === 'not-judged')) {
    return { rung, status: 'warning', finding: { code: 'chain.not-judged' } }
  }
  const good = judged.every(({ revocation }) => revocation?.status === 'good')
  return { rung, status: 'ok', finding: { code: 'chain.trusted', revocation: good ? 'good' : 'not-checked' } }
}

function pinRung(pin: PinState): Rung {
  return { rung: 'pin', status: pinStatus(pin), finding: { code: 'pin.state', pin } }
}

function pinStatus(pin: PinState): RungStatus {
  if (pin.state === 'locked' || pin.state === 'not-set') return 'problem'
  if (pin.isDefault === true || isLastTry(pin) || pin.state === 'few-tries') return 'warning'
  return 'ok'
}

function checkedRung(tried: Tried): Rung {
  if ('failure' in tried) {
    return { rung: 'pin', status: 'problem', finding: { code: 'pin.check-failed', failure: tried.failure } }
  }
  const deviations = [...new Set(tried.checks.flatMap(({ deviation }) => deviation ?? []))]
  const status = deviations.length > 0 ? 'warning' : pinStatus(tried.pin)
  return { rung: 'pin', status, finding: { code: 'pin.checked', pin: tried.pin, deviations } }
}
