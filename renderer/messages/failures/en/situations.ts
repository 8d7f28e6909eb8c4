import type { SituationTexts } from '../situation.ts'

const keyMayBeOut =
  'The key was released before, or is being released, and cannot be called back; the receipt on this computer is intact and is your proof.'

/** What is said of a failure where its usual words would not be true. */
export const situations: SituationTexts = {
  'withdraw-late': {
    what: 'The deadline is past; the platform takes no withdrawals any more.',
    safe: 'The bid was not withdrawn and still counts; the sealed bid and the receipt on this computer are intact.',
    next: 'Attend the opening; with questions, call the party that runs the tender.',
  },
  'withdraw-receipt': {
    what: 'The platform’s receipt for the withdrawal does not stand up to the check.',
    safe: 'The sealed bid and its receipt are intact on this computer; the withdrawal may have taken effect on the platform.',
  },
  'release-receipt': {
    what: 'A receipt the platform gave during the opening does not stand up to the check.',
    safe: 'The submitted bid and its receipt are not affected; the key may have been released and cannot be called back.',
    next: 'Try again at once, which releases no other key; if it stays so, call the platform and keep the code below.',
  },
  'release-mismatch': {
    what: 'The key that the lock opened does not fit this bid.',
    safe: 'No key was released; the submitted bid and its receipt are not affected.',
    next: 'Try again with another lock the bid was sealed to.',
  },
  'released-mismatch': {
    what: 'The key that was released did not open this bid.',
    safe: keyMayBeOut,
    next: 'Call the platform and the party that runs the tender at once, and keep the code below.',
  },
  'released-challenge': { safe: keyMayBeOut },
  'released-early': { safe: keyMayBeOut },
  'released-not-confirmed': { safe: keyMayBeOut },
}
