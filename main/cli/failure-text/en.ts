import type { FailureTexts } from './texts.ts'

/** Failures in English: what happened, then the one thing to do now. */
export const english: FailureTexts = {
  'token.absent': {
    message: 'The lock is not there.',
    next: 'Plug it in, then see with “bidseal token list” that it is found.',
  },
  'token.removed': {
    message: 'The lock was taken out while it was working. Nothing was finished and nothing is lost.',
    next: 'Plug it in again and repeat the command.',
  },
  'token.pin-required': {
    message: 'The lock needs its PIN and there is nobody to ask.',
    next: 'Run this in a terminal, or give the PIN with --pin-stdin or in BIDSEAL_PIN.',
  },
  'token.pin-incorrect': {
    message: 'The PIN is wrong.',
    next: 'See with “bidseal token list” how many tries are left, then type it again with care.',
  },
  'token.pin-form': {
    message: 'The lock does not take a PIN of this length or form; no try was used up.',
    next: 'Type the PIN again as it was set for this lock.',
  },
  'token.pin-locked': {
    message: 'The lock is blocked after too many wrong PINs.',
    next: 'Have it unblocked by the CA that issued it; your sealed bids are not affected.',
  },
  'token.pin-last-try': {
    message: 'The lock has one PIN try left; the PIN was not sent.',
    next: 'Make sure of the PIN first; when you are, run this again with --last-try.',
  },
  'token.driver-unavailable': {
    message: 'The driver of the lock cannot be loaded.',
    next: 'Check that --module names an existing library for this system, and that the PKCS#11 support was installed.',
  },
  'token.driver-bitness': {
    message: 'The driver of the lock was built for another processor or word size and cannot be loaded.',
    next: 'Ask the CA for a driver that fits this computer; “bidseal token doctor” tells the difference.',
  },
  'token.driver-crashed': {
    message: "The lock's driver crashed. Nothing is lost.",
    next: 'Repeat the command; if it crashes again, update the driver.',
  },
  'token.driver-hung': {
    message: "The lock's driver stopped answering and was ended. Nothing is lost.",
    next: 'Unplug the lock, plug it in again and repeat the command.',
  },
  'token.wrong-lock': {
    message: 'This is not the lock that is needed.',
    next: 'See with “bidseal inspect” which lock this bid names, and use that one.',
  },
  'token.unsupported': {
    message: 'This lock cannot do what is asked of it.',
    next: 'Use another lock, or ask its CA for one that meets the standard.',
  },
  'token.deviation': {
    message: 'The driver of this lock did not pass the check at its first use; nothing was done with it.',
    next: 'Use another lock, or tell its CA the deviation that the check names.',
  },
  'token.not-blank': {
    message: 'There is no blank token in this module; nothing on it was touched.',
    next: 'Make a blank token for practice, or run the demo without --module.',
  },
  'seal.container': {
    message: 'This is not a sealed bid, or its container has been damaged.',
    next: 'Use the untouched file that sealing wrote, or copy it again.',
  },
  'seal.header': {
    message: 'The header of the sealed bid is not well formed.',
    next: 'Use the untouched file that sealing wrote, or copy it again.',
  },
  'seal.signature': {
    message: 'The signature on the sealed bid does not hold.',
    next: 'Do not use this file; take the one that sealing wrote, or seal again.',
  },
  'seal.tender': {
    message: 'What the sealed bid says of the tender differs from the tender package.',
    next: 'Check that this is the right tender package, and seal again if it is.',
  },
  'seal.entries': {
    message: 'The entries of the sealed bid do not agree with its header.',
    next: 'Use the untouched file that sealing wrote, or copy it again.',
  },
  'seal.envelope': {
    message: 'A key envelope in the sealed bid is damaged or not of the allowed kind.',
    next: 'Use the untouched file that sealing wrote, or copy it again.',
  },
  'seal.root': {
    message: 'The stored bytes of the bid are not the ones that were sealed.',
    next: 'Copy the sealed file again from where it was made.',
  },
  'seal.key-mismatch': {
    message: 'The key in the envelope does not fit this sealed bid.',
    next: 'Use another lock the bid was sealed to, or seal again.',
  },
  'seal.chunk': {
    message: 'A piece of the bid does not decrypt.',
    next: 'Copy the sealed file again from where it was made.',
  },
  'seal.inner': {
    message: 'The signed contents inside the sealed bid do not belong to it.',
    next: 'Do not use this file; seal the bid again.',
  },
  'seal.document': {
    message: 'A document inside the sealed bid is missing or is not the one that was signed.',
    next: 'Do not use this file; seal the bid again.',
  },
  'seal.already-sealed': {
    message: 'This is sealed already.',
    next: 'Submit the sealed file you have, or give --again to seal the same draft anew.',
  },
  'seal.foreign-tender': {
    message: 'This bid was made for another tender, lot or version of the tender package.',
    next: 'Use the tender package this bid was made for, or make a new bid folder with “bidseal bid new”.',
  },
  'seal.too-large': {
    message: 'The bid is larger than the tender or the format allows.',
    next: 'Make the largest documents smaller and try again.',
  },
  'seal.self-test': {
    message: 'The sealed bid did not open in the trial right after sealing, so it was thrown away.',
    next: 'Seal again; if it fails again, use another lock.',
  },
  'seal.timestamp': {
    message: 'The time-stamp server gave no usable time stamp, so nothing was sealed and nothing written.',
    next: 'Run the same command again; with --no-timestamp the bid is sealed without a time stamp and is as valid.',
  },
  'cert.expired': {
    message: 'A certificate is not valid at the time that counts.',
    next: 'Use a lock whose certificate lasts beyond the opening.',
  },
  'cert.untrusted': {
    message: 'A certificate does not lead to a trusted CA.',
    next: 'Give the CA root with --trust FILE.pem, after checking that it is the right one.',
  },
  'cert.revoked': {
    message: 'A certificate had been revoked by its CA at the time that counts.',
    next: 'Use another lock, or ask the CA that issued the certificate.',
  },
  'cert.unsupported': {
    message: 'A certificate or its key is of a kind that is not supported here.',
    next: 'Use a lock whose key the tender accepts: RSA of at least 2048 bits, P-256 or P-384; SM2 for the suite gm.',
  },
  'data.malformed': {
    message: 'This is no update of vendor profiles or of the trust list; nothing was changed.',
    next: 'Fetch the update file again.',
  },
  'data.signature': {
    message: 'The signature of the update file does not hold; it was not used.',
    next: 'Do not use the file; fetch it again from its publisher.',
  },
  'data.downgrade': {
    message: 'The update file is not newer than what is here; it was not used.',
    next: 'For an update, fetch a newer one.',
  },
  'document.malformed': {
    message: 'A signed document is not well formed.',
    next: 'Fetch it again from where it came.',
  },
  'document.wrong-type': {
    message: 'A signed document is of another kind than it should be.',
    next: 'Use the right file, or fetch it again from where it came.',
  },
  'document.signature': {
    message: 'The signature on a document does not hold.',
    next: 'Do not rely on it; fetch it again from where it came.',
  },
  'tender.invalid': {
    message: 'This is not a tender package that can be used.',
    next: 'Download the tender package again from the platform.',
  },
  'tender.addendum-newer': {
    message: 'A newer version of the tender (an addendum) is out; nothing was sent.',
    next: 'Read the addendum, make the bid for the new tender package and seal it again.',
  },
  'bid.invalid': {
    message: 'This is not a usable bid folder.',
    next: 'Make one with “bidseal bid new --tender F DIR”, or restore bid.json from your copy.',
  },
  'bid.incomplete': {
    message: 'The bid is not complete; nothing was sealed.',
    next: 'See with “bidseal bid check DIR” what is missing, and add it.',
  },
  'bid.not-delivered': {
    message: 'This computer knows of no such delivered bid.',
    next: 'Check the sealId, or give the sealed file or its header file instead.',
  },
  'bid.before-opening': {
    message: 'This bid has been delivered and its opening has not come; it stays closed.',
    next: 'Wait for the opening time.',
  },
  'bid.busy': {
    message: 'Another window or command of this computer is working on this bid or on the queue.',
    next: 'Wait until it has finished, then try again.',
  },
  'opening.challenge': {
    message: "The platform's request for the key is not one this bid may answer; no key was released.",
    next: 'Call the platform before you try again, and keep this message.',
  },
  'opening.early': {
    message: 'The opening has not begun; no key was released.',
    next: 'Run this again when the opening time has come.',
  },
  'opening.record': {
    message: 'The record of the opening does not stand up to the check; it was not confirmed.',
    next: 'Object to it with the party that runs the tender, and keep this message.',
  },
  'opening.not-confirmed': {
    message: 'You did not confirm, so no key was released.',
    next: 'Compare, then run this again while the opening lasts.',
  },
  'platform.late': {
    message: 'The platform refused the bid because the deadline is past.',
    next: 'Keep the sealed file and call the party that runs the tender.',
  },
  'platform.unsealed': {
    message: 'The platform takes sealed bids only.',
    next: 'Seal the bid with “bidseal seal” and submit the .sbid file.',
  },
  'platform.refused': {
    message: 'The platform refused.',
    next: "Read the platform's words, correct what they name, and try again.",
  },
  'platform.unreachable': {
    message: 'The platform cannot be reached; nothing that was confirmed is lost.',
    next: 'Check the address and the network, then run the same command again: it goes on where it stopped.',
  },
  'platform.seal-known': {
    message: 'A sealed bid with this sealId was delivered before; it cannot be delivered a second time.',
    next: 'Seal the bid again and submit the new file.',
  },
  'platform.unknown': {
    message: 'The platform does not know what was asked for.',
    next: 'Check the address of the platform and the sealId.',
  },
  'platform.nonce': {
    message: "The platform's one-time number was used up or is too old.",
    next: 'Run the command again.',
  },
  'platform.not-open': {
    message: 'The platform has not opened this yet.',
    next: 'Run the command again when the opening time has come.',
  },
  'platform.closed': {
    message: 'The opening is closed; nothing more is accepted.',
    next: 'Call the party that runs the tender.',
  },
  'platform.receipt': {
    message: "The platform's receipt does not stand up to the check, so this does not count as delivered.",
    next: 'Run the command again; if it stays so, call the platform and keep this message.',
  },
  'platform.storage': {
    message: 'The platform cannot store the bid at the moment; there is no receipt.',
    next: 'Run the same command again in a moment: it goes on where it stopped.',
  },
  'platform.awaiting': {
    message: 'The platform’s answer has to be fetched by hand and is not here yet.',
    next: 'Hand the exported files in on the platform’s page, put its answer into the folder “in”, then run the same command again.',
  },
  'platform.proxy': {
    message: 'The proxy refused the connection or wants a user name and password.',
    next: 'Check the proxy with bidseal network show, then run the same command again: it goes on where it stopped.',
  },
  'platform.certificate': {
    message: 'It is not certain that this is the platform: its TLS certificate is not trusted. Nothing was sent.',
    next: 'Check the address; if your network has a root certificate of its own, add it with bidseal network set --authority.',
  },
  'platform.clock': {
    message: 'The time the platform gave cannot be verified.',
    next: 'Run the same command again in a moment; deadlines follow the platform’s time.',
  },
  'platform.queued': {
    message: 'The key is with the platform, in its queue; there is no receipt yet.',
    next: 'Run the same command again until the receipt is verified; nothing is released twice.',
  },
  'opening.remedy': {
    message: 'The tender does not allow this remedy, or the time for it is over.',
    next: 'Do what the tender says and speak to the tendering agency; what happened is on record as evidence.',
  },
  'opening.other-run': {
    message: 'This plain twin or backup was not made in the same run as the delivered bid; it was not used.',
    next: 'Use the one made together with the delivered sealed bid.',
  },
  'evidence.broken': {
    message: 'The evidence package does not hold: something in it does not match its signatures or digests.',
    next: 'Use the original package, or export it again with bidseal evidence export.',
  },
  'journal.damaged': {
    message: 'The journal on this computer has been changed or damaged; nothing more is written to it.',
    next: 'Keep the folder as it is and work with another --home meanwhile.',
  },
  'input.unreadable': {
    message: 'A file cannot be read.',
    next: 'Check that it exists, that you may read it, and that it is the right kind of file.',
  },
  'input.changed': {
    message: 'A file changed while it was being read; nothing was finished.',
    next: 'Close the programs that write to it and run the command again.',
  },
  'output.exists': {
    message: 'There is something already where the result should go; it was not touched.',
    next: 'Choose another name, or move the old one away.',
  },
  'output.disk-full': {
    message: 'The disk is full; nothing half-written was left.',
    next: 'Free some space, or write to another disk, and run the command again.',
  },
  'output.unwritable': {
    message: 'The result cannot be written there.',
    next: 'Choose a folder you may write to.',
  },
  'arguments.bad': {
    message: 'The command cannot be understood.',
    next: 'See “bidseal help” for how it is written.',
  },
  'bridge.sender': {
    message: 'The request did not come from a page of BidSeal and was refused.',
    next: 'Open BidSeal anew; if it happens again, report this code.',
  },
  'bridge.arguments': {
    message: 'The request of the page was not as agreed and was refused.',
    next: 'Open BidSeal anew; if it happens again, report this code.',
  },
  cancelled: {
    message: 'Stopped. Nothing half-finished was left.',
    next: 'Run the command again when you want to go on.',
  },
  internal: {
    message: 'The program made a mistake of its own.',
    next: 'Run it again with --debug and report what it prints.',
  },
}
