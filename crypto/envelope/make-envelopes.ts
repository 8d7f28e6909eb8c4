import { wrapForRecovery } from '../cms/recovery-envelope.ts'
import { CryptoFailure, throwIfCancelled } from '../errors.ts'
import { toHex } from '../json/hex.ts'
import { entryNames, maxEnvelopeBytes } from './container.ts'
import type { PartName, SealRecipient } from './header.ts'
import { sameSecret } from './key-schedule.ts'
import { type PartSecrets, secretFor } from './part-secrets.ts'
import type { SealOptions } from './seal-options.ts'
import type { PlannedRecipient } from './seal-plan.ts'

/** Recipients as they stand in the header, and their envelopes by entry name. */
export interface MadeEnvelopes {
  readonly recipients: readonly SealRecipient[]
  readonly entries: ReadonlyMap<string, Uint8Array>
}

/** Envelopes every part's key or share to every recipient. Throws what the locks and `wrapKey` throw. */
export async function makeEnvelopes(
  options: SealOptions,
  planned: readonly PlannedRecipient[],
  secrets: ReadonlyMap<PartName, PartSecrets>,
): Promise<MadeEnvelopes> {
  const entries = new Map<string, Uint8Array>()
  const recipients: SealRecipient[] = []
  const keep = (part: PartName, id: string, envelope: Uint8Array) => {
    if (envelope.length > maxEnvelopeBytes) throw new CryptoFailure('seal.envelope', 'an envelope longer than 16 KiB')
    entries.set(entryNames.envelope(part, id), envelope)
    return { part, digest: toHex(options.suite.digest(envelope)) }
  }
  for (const recipient of planned) {
    const padding = await choosePadding(options, recipient)
    const envelopes = [...secrets].map(([part, partSecrets]) => {
      const key = secretFor(partSecrets, recipient.role)
      return keep(part, recipient.id, options.suite.wrapKey(key, { recipient: recipient.certificate, padding }))
    })
    recipients.push({ ...describe(recipient), envelopes })
  }
  const { recovery } = options
  if (recovery !== undefined) {
    const envelopes: SealRecipient['envelopes'][number][] = []
    for (const [part, partSecrets] of secrets) {
      throwIfCancelled(options.signal)
      const { randomness } = options
      const rounds = recovery.rounds === undefined ? {} : { rounds: recovery.rounds }
      const key = secretFor(partSecrets, 'recovery')
      envelopes.push(keep(part, 'recovery', await wrapForRecovery(key, recovery.code, { randomness, ...rounds })))
    }
    recipients.push({ id: 'recovery', role: 'recovery', ...labelOf(recovery.label), envelopes })
  }
  return { recipients, entries }
}

/**
 * OAEP for an agency and for a lock that has just opened a probe of it; PKCS#1 v1.5 otherwise (seal-format). Only RSA has
 * the choice: no other lock is asked.
 */
async function choosePadding(
  { suite, randomness, signal }: SealOptions,
  { role, certificate, opener }: PlannedRecipient,
): Promise<'oaep' | 'pkcs1'> {
  if (role === 'agency' || certificate.key.kind !== 'rsa') return 'oaep'
  if (opener === undefined) return 'pkcs1'
  throwIfCancelled(signal)
  const probe = randomness.bytes(32)
  try {
    const opened = await suite.openEnvelope(suite.wrapKey(probe, { recipient: certificate, padding: 'oaep' }), opener)
    return sameSecret(opened, probe) ? 'oaep' : 'pkcs1'
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'token.unsupported') return 'pkcs1'
    throw error
  }
}

function describe(recipient: PlannedRecipient) {
  const { id, role, label, certificate, certificateDigest, publicKeyDigest } = recipient
  return {
    id,
    role,
    ...labelOf(label),
    subject: toHex(certificate.subject),
    issuer: toHex(certificate.issuer),
    serial: toHex(certificate.serial),
    notAfter: certificate.notAfter.toISOString(),
    certificateDigest,
    publicKeyDigest,
  }
}

function labelOf(label: string | undefined): { readonly label?: string } {
  return label === undefined ? {} : { label }
}
