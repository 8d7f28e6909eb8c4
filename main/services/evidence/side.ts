import type { Failure, FailureCode } from '../../contract/failure.ts'

/** Where the reason of a failure lies, as far as this computer can see. */
export const sides = ['bidder', 'platform', 'network', 'nobody'] as const
export type Side = (typeof sides)[number]

/** Whole areas of codes, and the codes that differ from their area. `nobody`: the user stopped, or a program of ours erred. */
const byArea: Readonly<Record<string, Side>> = {
  token: 'bidder',
  cert: 'bidder',
  seal: 'bidder',
  bid: 'bidder',
  input: 'bidder',
  output: 'bidder',
  arguments: 'bidder',
  data: 'bidder',
  tender: 'platform',
  document: 'platform',
  opening: 'platform',
  platform: 'platform',
}

const byCode: Readonly<Partial<Record<FailureCode, Side>>> = {
  'platform.unreachable': 'network',
  'platform.proxy': 'bidder',
  'platform.certificate': 'bidder',
  'platform.awaiting': 'nobody',
  'platform.clock': 'nobody',
  'platform.late': 'bidder',
  'platform.closed': 'bidder',
  'platform.not-open': 'bidder',
  'platform.unsealed': 'bidder',
  'platform.seal-known': 'bidder',
  'tender.addendum-newer': 'bidder',
  'opening.early': 'bidder',
  'opening.other-run': 'bidder',
  'opening.remedy': 'bidder',
  'opening.not-confirmed': 'bidder',
  // Bytes changed on the way: what lies on this computer is checked before it is sent.
  'seal.root': 'network',
}

/**
 * On whose side one failure lies, taken by itself. What it means for the bid depends on what happened before; see
 * {@link file://./judgement.ts}.
 */
export function sideOf(failure: Failure): Side {
  // A 5xx that is not worded as our protocol words refusals has the code of a broken connection; the server did answer.
  if (failure.code === 'platform.unreachable' && /\bHTTP \d{3}\b/.test(failure.detail ?? '')) return 'platform'
  return byCode[failure.code] ?? byArea[failure.code.split('.')[0] ?? ''] ?? 'nobody'
}
