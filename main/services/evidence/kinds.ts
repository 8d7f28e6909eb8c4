/**
 * Every kind of entry the journal holds: a closed list, so that whoever reads an evidence package knows what there can be.
 * A test holds every `journal.append` of the program against it.
 */
export const journalKinds = [
  // The life of a bid.
  'tender-imported',
  'sealed',
  'submission-begun',
  'received',
  'replaced',
  'withdrawn',
  'signed-in',
  'released',
  'recorded',
  'confirmed',
  'objected',
  // What went to a platform or a lock, and what came back.
  'attempt',
  'answer',
  'failed',
  // The journal's own.
  'journal-signed',
  'journal-unsigned',
  'evidence-exported',
  // Time.
  'time-stamped',
  'time-stamp-failed',
  'clock-jumped',
] as const

export type JournalKind = (typeof journalKinds)[number]

/** Whether a word is one of the kinds. A reader lets others pass: they may come from a later version. */
export function isJournalKind(kind: string): kind is JournalKind {
  return journalKinds.some(each => each === kind)
}
