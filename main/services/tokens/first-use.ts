import { createHash } from 'node:crypto'
import { checkKey, requireNoDeviation } from '../../../crypto/index.ts'
import type { KeyUse, TokenCertificate, TokenSession } from '../../../crypto/index.ts'

/** Keys that have passed in this process, by {@link nameOf}. One that deviates is tried again: its driver may be replaced. */
const passed = new Set<string>()

/** Which key of which token is used. */
export interface KeyInUse {
  readonly tokenUri: string
  readonly session: TokenSession
  readonly certificates: readonly TokenCertificate[]
  readonly certificate: TokenCertificate
  readonly use: KeyUse
}

/**
 * Tries a key before it is first used in this process: what a library does otherwise than others shows before a bid depends
 * on it. `onCheck` is told when that begins. Throws `token.deviation`, and what ends the session.
 */
export async function requireChecked(key: KeyInUse, onCheck: () => void): Promise<void> {
  const name = nameOf(key)
  if (passed.has(name)) return
  onCheck()
  const check = await checkKey(key.session, key.certificates, key.certificate, key.use)
  if (check !== null) requireNoDeviation(check)
  passed.add(name)
}

function nameOf({ tokenUri, certificate, use }: KeyInUse): string {
  const digest = createHash('sha256').update(certificate.certificate).digest('hex')
  return `${use} ${certificate.keyId} ${digest} ${tokenUri}`
}
