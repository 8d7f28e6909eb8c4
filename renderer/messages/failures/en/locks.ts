import type { FailureText, LockCode } from '../text.ts'

const untouched = 'Your bid is not affected.'

/** Failures of locks and certificates. */
export const locks: Readonly<Record<LockCode, FailureText>> = {
  'token.absent': { what: 'This CA lock was not found.', safe: untouched, next: 'Plug it in, then try again.' },
  'token.removed': {
    what: 'The CA lock was taken out while it was working; nothing was finished.',
    safe: 'Nothing half-written was left; your bid is not affected.',
    next: 'Plug the lock in again, then try again.',
  },
  'token.pin-required': {
    what: 'No PIN was given, so nothing was done.',
    safe: untouched,
    next: 'Try again and type the PIN.',
  },
  'token.pin-incorrect': {
    what: 'The PIN is wrong.',
    safe: untouched,
    next: 'See how many tries are left, then try again with care.',
  },
  'token.pin-form': {
    what: 'The lock does not take a PIN of this length or form.',
    safe: untouched,
    next: 'No try was used up. Type the PIN again as it was set for this lock.',
  },
  'token.pin-locked': {
    what: 'The CA lock is blocked after too many wrong PINs.',
    safe: 'Sealed and submitted bids are not affected: they open once it is unblocked, or with a backup lock.',
    next: 'Have it unblocked by the CA that issued it, or use a backup lock.',
  },
  'token.pin-last-try': {
    what: 'The lock has one PIN try left; the PIN was not sent.',
    safe: 'The lock is not blocked; your bid is not affected.',
    next: 'Make sure of the PIN first; when you are, try again and tick the confirmation.',
  },
  'token.driver-unavailable': {
    what: 'The driver of the CA lock cannot be loaded.',
    safe: untouched,
    next: 'Install the driver for this system, then add its file again.',
  },
  'token.driver-bitness': {
    what: 'The driver of the CA lock was built for another processor or word size and cannot be loaded.',
    safe: untouched,
    next: 'Ask the CA for a driver that fits this computer (usually 64-bit), then add it.',
  },
  'token.driver-crashed': {
    what: 'The driver of the CA lock crashed. It was kept apart and started again.',
    safe: 'Nothing is lost; your bid is not affected.',
    next: 'Try again; if it crashes once more, update the driver.',
  },
  'token.driver-hung': {
    what: 'The driver of the CA lock stopped answering and was ended.',
    safe: 'Nothing is lost; your bid is not affected.',
    next: 'Unplug the lock, plug it in again, then try again.',
  },
  'token.wrong-lock': {
    what: 'This is not the CA lock that is needed.',
    safe: untouched,
    next: 'Look up the name of the lock in the result of sealing, and use that one.',
  },
  'token.unsupported': {
    what: 'This CA lock cannot do what is asked of it.',
    safe: untouched,
    next: 'Use another lock, or ask its CA for one that meets the standard.',
  },
  'token.deviation': {
    what: 'The driver of this lock did not pass the check at its first use; nothing was done with it.',
    safe: untouched,
    next: 'Use another lock, or tell its CA the deviation that the check names.',
  },
  'token.not-blank': {
    what: 'The driver has no blank lock for a rehearsal; the locks that are there were not touched.',
    safe: untouched,
    next: 'Provide a blank lock, or rehearse with a soft lock.',
  },
  'cert.expired': {
    what: 'A certificate is not valid at the time that counts.',
    safe: untouched,
    next: 'Use a lock whose certificate lasts beyond the opening.',
  },
  'cert.untrusted': {
    what: 'A certificate does not lead to a trusted CA.',
    safe: untouched,
    next: 'Use a lock of a CA the tender accepts, or check where the tender package came from.',
  },
  'cert.revoked': {
    what: 'A certificate had been revoked by its CA at the time that counts.',
    safe: untouched,
    next: 'Use another lock, or ask the CA that issued the certificate.',
  },
  'cert.unsupported': {
    what: 'A certificate or its key is of a kind that is not supported.',
    safe: untouched,
    next: 'Use a lock whose key the tender accepts: RSA of at least 2048 bits, P-256 or P-384; SM2 for the national algorithms.',
  },
  'data.malformed': {
    what: 'This is no update of vendor profiles or of the trust list; nothing was changed.',
    safe: untouched,
    next: 'Fetch the update file again.',
  },
  'data.signature': {
    what: 'The signature of the update file does not hold; it was not used.',
    safe: untouched,
    next: 'Do not use the file; fetch it again from its publisher.',
  },
  'data.downgrade': {
    what: 'The update file is not newer than what is here; it was not used.',
    safe: untouched,
    next: 'Nothing needs to be done; for an update, fetch a newer one.',
  },
}
