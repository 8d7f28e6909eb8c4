import { CryptoFailure, findCreditCode, parseCertificate, toHex } from '../../../crypto/index.ts'
import type { Certificate, PinState, SealedBid } from '../../../crypto/index.ts'
import { toFailure } from '../failure.ts'
import type { LockSight } from '../tokens/locks.ts'
import { requireOpeningLock } from '../tokens/needed-lock.ts'
import { isLastTry } from '../tokens/pin-given.ts'
import { line } from './readiness-lines.ts'
import type { ReadinessLine } from './readiness-lines.ts'

/** While keys are taken: from the opening to the end of its window. */
export interface OpeningWindow {
  readonly from: Date
  readonly until: Date
}

/**
 * The locks of an opening as they can be seen without a PIN: whether the one that opens is there and its key is the sealed
 * header's, whether the one that signs speaks for the bidder throughout the window, and how the PIN stands.
 */
export async function lockLines(
  locks: LockSight,
  bid: SealedBid,
  tokens: { readonly open: string; readonly sign: string },
  window: OpeningWindow,
): Promise<readonly ReadinessLine[]> {
  return [
    ...(await openingLock(locks, bid, tokens.open, window)),
    await signingLock(locks, bid, tokens.sign, window),
    await pinOf(locks, tokens.open),
  ]
}

async function openingLock(
  locks: LockSight,
  bid: SealedBid,
  token: string,
  window: OpeningWindow,
): Promise<readonly ReadinessLine[]> {
  try {
    const { uri, recipient } = await requireOpeningLock(locks, token, bid)
    const found = { role: recipient.role, label: recipient.label ?? '' }
    const certificate = await certificateOf(locks, uri, bid, recipient.id)
    return [
      line('lock', 'lock-right', found),
      certificate === null ? untold() : certificateLine(certificate, bid, recipient.id, window),
    ]
  } catch (error) {
    const { code } = toFailure(error)
    if (code === 'cancelled' || code === 'internal') throw error
    const reasons: Readonly<Partial<Record<typeof code, 'lock-wrong' | 'lock-absent' | 'lock-hidden'>>> = {
      'token.wrong-lock': 'lock-wrong',
      'token.absent': 'lock-absent',
      'token.removed': 'lock-absent',
      'token.pin-required': 'lock-hidden',
    }
    const { wrongLock } = toFailure(error)
    const needed =
      wrongLock?.needed.map(({ label, serial }) => [label, serial].filter(Boolean).join(' ')).join(', ') ?? ''
    return [line('lock', reasons[code] ?? 'lock-unreadable', { needed }, code), untold()]
  }
}

/** The lock's certificate that opens the bid: the one named in the header, or another on the same key. */
async function certificateOf(
  locks: LockSight,
  uri: string,
  { suite, header }: SealedBid,
  recipientId: string,
): Promise<Certificate | null> {
  const recipient = header.recipients.find(({ id }) => id === recipientId)
  const digest = recipient === undefined || recipient.role === 'recovery' ? null : recipient.publicKeyDigest
  for (const key of await locks.keys(uri, 'decrypt')) {
    const certificate = readable(key.certificate.certificate)
    if (certificate !== null && toHex(suite.digest(certificate.publicKeyInfo)) === digest) return certificate
  }
  return null
}

function certificateLine(
  certificate: Certificate,
  { suite, header }: SealedBid,
  recipientId: string,
  { from }: OpeningWindow,
): ReadinessLine {
  const facts = { serial: toHex(certificate.serial), notAfter: certificate.notAfter.toISOString() }
  const recipient = header.recipients.find(({ id }) => id === recipientId)
  const named = recipient !== undefined && recipient.role !== 'recovery' ? recipient.certificateDigest : ''
  // Its key opens all the same: who sealed to it was judged when the bid was received.
  if (certificate.notAfter < from) return line('certificate', 'certificate-expires', facts)
  const same = toHex(suite.digest(certificate.der)) === named
  return line('certificate', same ? 'certificate-same' : 'certificate-renewed', facts)
}

/** Sign-in, release and confirmation are judged when they arrive: the signing certificate must last as long as the window. */
async function signingLock(
  locks: LockSight,
  { header }: SealedBid,
  token: string,
  { from, until }: OpeningWindow,
): Promise<ReadinessLine> {
  try {
    const shown = (await locks.keys(token, 'sign')).flatMap(key => readable(key.certificate.certificate) ?? [])
    if (shown.length === 0) return line('signer', 'signer-missing')
    const own = shown.filter(certificate => findCreditCode(certificate)?.code === header.bidder.creditCode)
    const [first] = [...own].sort((one, two) => two.notAfter.getTime() - one.notAfter.getTime())
    if (first === undefined) {
      return line('signer', 'signer-other', { needed: `${header.bidder.name} ${header.bidder.creditCode}` })
    }
    const facts = { serial: toHex(first.serial), notAfter: first.notAfter.toISOString() }
    const lasts = first.notBefore <= from && first.notAfter >= until
    return line('signer', lasts ? 'signer-valid' : 'signer-expires', facts)
  } catch (error) {
    return notReached('signer', error)
  }
}

async function pinOf(locks: LockSight, token: string): Promise<ReadinessLine> {
  try {
    const { pin } = await locks.find(token)
    return line('pin', pinReason(pin), pin.triesLeft === undefined ? {} : { triesLeft: pin.triesLeft })
  } catch (error) {
    return notReached('pin', error)
  }
}

function pinReason(pin: PinState) {
  if (pin.state === 'locked') return 'pin-locked'
  if (pin.state === 'not-set') return 'pin-not-set'
  if (isLastTry(pin)) return 'pin-last'
  if (pin.state === 'few-tries') return 'pin-few'
  if (pin.isDefault === true) return 'pin-default'
  if (pin.protectedPath) return 'pin-pad'
  return pin.state === 'unknown' ? 'pin-untold' : 'pin-ok'
}

function readable(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function untold(): ReadinessLine {
  return line('certificate', 'not-reached')
}

function notReached(id: ReadinessLine['id'], error: unknown): ReadinessLine {
  const { code } = toFailure(error)
  if (code === 'cancelled' || code === 'internal') throw error
  return line(id, 'not-reached', {}, code)
}
