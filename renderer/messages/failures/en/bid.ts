import type { BidCode, FailureText } from '../text.ts'

const untouched = 'Your bid is not affected.'
const reopen = 'Open BidSeal anew; if it happens again, report the code below.'
const nothingLeft = 'Nothing half-written was left; your bid is not affected.'

/** Failures of the tender, the bid and this computer. */
export const bid: Readonly<Record<BidCode, FailureText>> = {
  'tender.invalid': {
    what: 'This is not a tender package that can be used.',
    safe: 'Nothing was imported; your tenders and bids are not affected.',
    next: 'Download the tender package again from the platform, then import it.',
  },
  'tender.addendum-newer': {
    what: 'A newer version of the tender (an addendum) is out; the bid was not submitted.',
    safe: 'The sealed bid is intact on this computer. The platform has not received it.',
    next: 'Read the addendum, import the new tender package, compose and seal anew.',
  },
  'bid.invalid': {
    what: 'The folder of this bid cannot be used.',
    safe: 'The folder was not changed; its files are still there.',
    next: 'Compose the bid anew, or restore the folder from your copy.',
  },
  'bid.incomplete': {
    what: 'The bid is not complete; nothing was sealed.',
    safe: 'The bid you composed is intact.',
    next: 'Supply what is marked “must change”, then seal.',
  },
  'bid.not-delivered': {
    what: 'There is no record that this bid was submitted.',
    safe: 'The sealed bid is not affected, but the platform has not received it.',
    next: 'Submit it first and get its receipt.',
  },
  'bid.before-opening': {
    what: 'The bid has been submitted and its opening has not come; it stays closed.',
    safe: 'The submitted bid is intact and stays sealed.',
    next: 'Wait for the opening time.',
  },
  'bid.busy': {
    what: 'Another window or command of this computer is working on this bid.',
    safe: 'Nothing has been changed, and the other one goes on undisturbed.',
    next: 'Wait until it has finished, then try again.',
  },
  'evidence.broken': {
    what: 'The evidence package does not hold: something in it does not match its signatures or digests.',
    safe: 'Sealed bids and receipts are not affected.',
    next: 'Use the original package, or export it again.',
  },
  'journal.damaged': {
    what: 'The journal on this computer was changed or damaged; nothing more is written to it.',
    safe: 'Sealed bids and receipts are not affected.',
    next: 'Leave everything as it is, delete nothing, and call for support.',
  },
  'input.unreadable': {
    what: 'A file cannot be read.',
    safe: untouched,
    next: 'Check that it exists and that you may read it, then try again.',
  },
  'input.changed': {
    what: 'A file changed while it was being read; nothing was finished.',
    safe: nothingLeft,
    next: 'Close the programs that write to it, then try again.',
  },
  'output.exists': {
    what: 'There is something already where the result should go; it was not touched.',
    safe: untouched,
    next: 'Move the old one away, then try again.',
  },
  'output.disk-full': {
    what: 'The disk is full; nothing was finished.',
    safe: nothingLeft,
    next: 'Free some space, then try again.',
  },
  'output.unwritable': {
    what: 'The result cannot be written where it should go.',
    safe: untouched,
    next: 'Check the disk and its permissions, then try again.',
  },
  'arguments.bad': {
    what: 'What was filled in cannot be used.',
    safe: untouched,
    next: 'Check what you filled in, then try again.',
  },
  'bridge.sender': {
    what: 'The request did not come from a page of BidSeal and was refused.',
    safe: untouched,
    next: reopen,
  },
  'bridge.arguments': {
    what: 'The request of the page was not as agreed and was refused.',
    safe: untouched,
    next: reopen,
  },
  cancelled: { what: 'Stopped.', safe: nothingLeft, next: 'Try again when you want to go on.' },
  internal: {
    what: 'The program made a mistake of its own.',
    safe: 'Sealed and submitted bids are not affected.',
    next: 'Try again; if it fails once more, copy the code below and report it.',
  },
}
