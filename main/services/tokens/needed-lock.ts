import {
  CryptoFailure,
  displayName,
  findCreditCode,
  formatTokenUri,
  parseCertificate,
  parseTokenUri,
  recipientOf,
  toHex,
} from '../../../crypto/index.ts'
import type { SealedBid, SealRecipient } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { NamedLock, WrongLock } from '../../contract/failure.ts'
import { inspectBid } from '../sealed/inspect.ts'
import type { LockKey, Locks, LockSight } from './locks.ts'

/** A lock that opens a bid: its name, with the key pair that is meant, and which recipient it is. */
export interface OpeningLock {
  readonly uri: string
  readonly recipient: SealRecipient
}

/**
 * The lock's key among a bid's recipients, found without a PIN wherever the lock shows its certificates. Of several
 * encryption certificates (an old and a renewed one) the one the bid was sealed to is taken. Throws `token.wrong-lock` and
 * `token.absent`, naming the lock that is needed and what is plugged in.
 */
export async function requireOpeningLock(locks: LockSight, uri: string, bid: SealedBid): Promise<OpeningLock> {
  const keys = await locks.keys(uri, 'decrypt').catch((error: unknown) => {
    throw isAbsence(error) ? absent(bid) : error
  })
  for (const key of keys) {
    const recipient = recipientFor(bid, key)
    if (recipient !== null) return { uri: keys.length === 1 ? uri : withKey(uri, key.certificate.keyId), recipient }
  }
  const wrongLock = { needed: lockRecipients(bid), plugged: await pluggedLocks(locks, uri, keys) }
  throw new AppFailure('token.wrong-lock', `the bid has no envelope for this lock; ${inWords(wrongLock)}`, {
    wrongLock,
  })
}

/**
 * Refuses a lock whose signing certificate does not bear the bidder's credit code. Throws `token.wrong-lock` naming whose
 * lock is needed and whose it is, and what `Locks.key` throws.
 */
export async function requireBiddersLock(locks: Locks, uri: string, bidder: BidderName): Promise<void> {
  const key = await locks.key(uri, 'sign')
  const code = findCreditCode(parseCertificate(key.certificate.certificate))?.code
  if (code !== bidder.creditCode) throw otherCompany(bidder, key)
}

/** Who must sign, as a bid says it. */
export interface BidderName {
  readonly name: string
  readonly creditCode: string
}

/** The lock is another company's. */
export function otherCompany({ name, creditCode }: BidderName, key: LockKey): AppFailure {
  const wrongLock = { needed: [{ subject: name, creditCode }], plugged: [namedLock(key)] }
  const detail = `the lock belongs to another company than the bid; ${inWords(wrongLock)}`
  return new AppFailure('token.wrong-lock', detail, { wrongLock })
}

function isAbsence(error: unknown): boolean {
  return (error instanceof AppFailure || error instanceof CryptoFailure) && error.code === 'token.absent'
}

function absent(bid: SealedBid): AppFailure {
  const wrongLock = { needed: lockRecipients(bid), plugged: [] }
  return new AppFailure('token.absent', `no token of this name is plugged in; ${inWords(wrongLock)}`, { wrongLock })
}

function recipientFor({ header, suite }: SealedBid, { certificate }: LockKey): SealRecipient | null {
  try {
    return recipientOf(header, suite, certificate.certificate)
  } catch (error) {
    // A certificate that cannot be read is nobody's.
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function withKey(uri: string, keyId: string): string {
  return formatTokenUri({ ...parseTokenUri(uri), keyId })
}

/** The bidder's own locks; the agency's is not one to be brought. */
function lockRecipients(bid: SealedBid): readonly NamedLock[] {
  return inspectBid(bid).recipients.flatMap(({ role, label, subject, serial, notAfter }) =>
    (role === 'main' || role === 'backup') && subject !== undefined && serial !== undefined && notAfter !== undefined
      ? [{ label, subject, serial, notAfter }]
      : [],
  )
}

/** By the certificates that were looked at; one with none of the kind by its label and what it has. */
async function pluggedLocks(locks: LockSight, uri: string, keys: readonly LockKey[]): Promise<readonly NamedLock[]> {
  if (keys.length > 0) return keys.map(namedLock)
  const shown = await locks.keys(uri, 'sign')
  return shown.length > 0 ? shown.map(namedLock) : [{ label: (await locks.find(uri)).label }]
}

function namedLock({ token, certificate }: LockKey): NamedLock {
  try {
    const parsed = parseCertificate(certificate.certificate)
    const creditCode = findCreditCode(parsed)?.code
    return {
      label: token.label,
      subject: displayName(parsed.subject),
      serial: toHex(parsed.serial),
      notAfter: parsed.notAfter.toISOString(),
      ...(creditCode === undefined ? {} : { creditCode }),
    }
  } catch (error) {
    if (error instanceof CryptoFailure) return { label: token.label }
    throw error
  }
}

function inWords({ needed, plugged }: WrongLock): string {
  const list = (locks: readonly NamedLock[]): string => locks.map(lockInWords).join(' or ')
  return `needed: ${list(needed)}${plugged.length === 0 ? '' : `; plugged in: ${list(plugged)}`}`
}

function lockInWords({ label = '', subject = '', serial, creditCode, notAfter }: NamedLock): string {
  const facts = [
    ...(subject === '' || label === '' ? [] : [subject]),
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    ...(creditCode === undefined ? [] : [creditCode]),
    ...(notAfter === undefined ? [] : [`until ${notAfter.slice(0, 10)}`]),
  ]
  const name = label === '' ? subject : label
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`
}
