import type { FailureText, SealCode } from '../text.ts'

const draftSafe = 'The bid you composed is intact.'
const useOriginal = 'Use the file that sealing wrote; if it is damaged, seal again.'

/** Failures of sealed files and signed documents. */
export const seal: Readonly<Record<SealCode, FailureText>> = {
  'seal.container': { what: 'This is not a sealed bid, or it has been damaged.', safe: draftSafe, next: useOriginal },
  'seal.header': { what: 'The header of the sealed bid is not well formed.', safe: draftSafe, next: useOriginal },
  'seal.signature': {
    what: 'The signature on the sealed bid does not hold.',
    safe: 'Do not use this sealed bid. The bid you composed is intact.',
    next: useOriginal,
  },
  'seal.tender': {
    what: 'What the sealed bid says of the tender differs from the tender package.',
    safe: draftSafe,
    next: 'Check that this is the right tender package; if it is, seal again.',
  },
  'seal.entries': {
    what: 'The entries of the sealed bid do not agree with its header.',
    safe: draftSafe,
    next: useOriginal,
  },
  'seal.envelope': {
    what: 'A key envelope in the sealed bid is damaged or not of the allowed kind.',
    safe: draftSafe,
    next: useOriginal,
  },
  'seal.root': { what: 'The stored bytes are not the ones that were sealed.', safe: draftSafe, next: useOriginal },
  'seal.key-mismatch': {
    what: 'The key in the envelope does not fit this sealed bid.',
    safe: draftSafe,
    next: 'Use another lock the bid was sealed to, or seal again.',
  },
  'seal.chunk': { what: 'A piece of the bid does not decrypt.', safe: draftSafe, next: useOriginal },
  'seal.inner': {
    what: 'The signed contents inside the sealed bid do not belong to it.',
    safe: 'Do not use this sealed bid. The bid you composed is intact.',
    next: 'Seal the bid again.',
  },
  'seal.document': {
    what: 'A document inside the sealed bid is missing or is not the one that was signed.',
    safe: 'Do not use this sealed bid. The bid you composed is intact.',
    next: 'Seal the bid again.',
  },
  'seal.already-sealed': {
    what: 'This bid is sealed already and has not changed since.',
    safe: 'The sealed bid is intact and can be submitted.',
    next: 'Submit it; to change something, change the bid first, then seal again.',
  },
  'seal.foreign-tender': {
    what: 'This bid was made for another tender, lot or version of the tender package.',
    safe: 'Your bid is not affected.',
    next: 'Choose the tender it was made for, or compose a bid for the new package.',
  },
  'seal.too-large': {
    what: 'The bid is larger than the tender or the format allows.',
    safe: 'Nothing was sealed. The bid you composed is intact.',
    next: 'Make the largest documents smaller, then seal.',
  },
  'seal.self-test': {
    what: 'The sealed bid did not open in the trial right after sealing, so it was thrown away.',
    safe: draftSafe,
    next: 'Try again; if it fails once more, use another lock.',
  },
  'seal.timestamp': {
    what: 'The time-stamp server gave no usable time stamp, so nothing was sealed and nothing written.',
    safe: draftSafe,
    next: 'Try again, or seal without a time stamp: the bid is as valid.',
  },
  'document.malformed': {
    what: 'A signed document is not well formed.',
    safe: 'Your bid is not affected.',
    next: 'Fetch it again from where it came.',
  },
  'document.wrong-type': {
    what: 'A signed document is of another kind than it should be.',
    safe: 'Your bid is not affected.',
    next: 'Use the right file, or fetch it again from where it came.',
  },
  'document.signature': {
    what: 'The signature on a document does not hold; it was not relied upon.',
    safe: 'Your bid is not affected.',
    next: 'Fetch it again from where it came; if it stays so, call the other party.',
  },
}
