import type { Route } from '../../platform/index.ts'

/** What only whoever started the practice platform may ask: no real platform has these. */
export const practiceRoutes = {
  makeTender: { method: 'POST', path: '/practice/tenders' },
  publishPackage: { method: 'POST', path: '/practice/tender-packages' },
  advanceClock: { method: 'POST', path: '/practice/clock' },
  bids: { method: 'GET', path: '/practice/bids' },
  archive: { method: 'GET', path: '/practice/bids/{sealDigest}/archive' },
} as const satisfies Readonly<Record<string, Route>>

/** The header the token of the start line goes into. */
export const practiceTokenHeader = 'x-practice-token'
