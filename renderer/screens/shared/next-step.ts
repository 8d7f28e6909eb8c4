import type { FailureCode } from '../../../main/contract/failure.ts'
import type { Situation } from '../../messages/index.ts'
import type { Step } from '../../stores/place.ts'

/** What the button beside a failure does: go to a screen, ask again, or nothing that a button could do. */
export type NextStep = Step | 'retry' | null

/** The one next step after each failure; it agrees with the words in messages/failures. */
export const nextSteps: Readonly<Record<FailureCode, NextStep>> = {
  'token.absent': 'retry',
  'token.removed': 'retry',
  'token.pin-required': 'retry',
  'token.pin-incorrect': 'locks',
  'token.pin-form': 'retry',
  'token.pin-locked': 'locks',
  'token.driver-unavailable': 'locks',
  'token.driver-crashed': 'retry',
  'token.driver-hung': 'retry',
  'token.wrong-lock': 'seal',
  'token.unsupported': 'locks',
  'token.not-blank': 'locks',
  'seal.container': 'seal',
  'seal.header': 'seal',
  'seal.signature': 'seal',
  'seal.tender': 'tender',
  'seal.entries': 'seal',
  'seal.envelope': 'seal',
  'seal.root': 'seal',
  'seal.key-mismatch': 'seal',
  'seal.chunk': 'seal',
  'seal.inner': 'seal',
  'seal.document': 'seal',
  'seal.already-sealed': 'submit',
  'seal.foreign-tender': 'tender',
  'seal.too-large': 'documents',
  'seal.self-test': 'retry',
  'cert.expired': 'locks',
  'cert.untrusted': 'locks',
  'cert.revoked': 'locks',
  'cert.unsupported': 'locks',
  'document.malformed': 'retry',
  'document.wrong-type': 'retry',
  'document.signature': 'retry',
  'tender.invalid': 'tender',
  'tender.addendum-newer': 'tender',
  'bid.invalid': 'documents',
  'bid.incomplete': 'documents',
  'bid.not-delivered': 'submit',
  'bid.before-opening': 'opening',
  'opening.challenge': 'retry',
  'opening.early': 'retry',
  'opening.record': null,
  'opening.not-confirmed': 'retry',
  'platform.late': null,
  'platform.unsealed': 'seal',
  'platform.refused': 'retry',
  'platform.unreachable': 'retry',
  'platform.seal-known': 'documents',
  'platform.unknown': 'retry',
  'platform.nonce': 'retry',
  'platform.not-open': 'retry',
  'platform.closed': null,
  'platform.receipt': 'retry',
  'platform.storage': 'retry',
  'journal.damaged': null,
  'input.unreadable': 'retry',
  'input.changed': 'retry',
  'output.exists': 'retry',
  'output.disk-full': 'retry',
  'output.unwritable': 'retry',
  'arguments.bad': null,
  'bridge.sender': null,
  'bridge.arguments': null,
  cancelled: 'retry',
  internal: 'retry',
}

/** The next step after a failure, as the words for its situation have it: a delivered bid is not sealed anew. */
export function nextStepAfter(code: FailureCode, situation: Situation | undefined): NextStep {
  if (situation?.kind !== 'release' || code !== 'seal.key-mismatch') return nextSteps[code]
  return situation.keyMayBeOut ? null : 'retry'
}
