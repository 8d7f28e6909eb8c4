import type { ServedRoute } from './router.ts'

/** What only whoever started the practice platform may ask: no real platform has these. */
export const practiceRoutes = {
  makeTender: { method: 'POST', path: '/practice/tenders' },
  publishPackage: { method: 'POST', path: '/practice/tender-packages' },
  advanceClock: { method: 'POST', path: '/practice/clock' },
  bids: { method: 'GET', path: '/practice/bids' },
  archive: { method: 'GET', path: '/practice/bids/{sealDigest}/archive' },
  script: { method: 'POST', path: '/practice/script' },
  extend: { method: 'POST', path: '/practice/extend' },
  bidderAuthority: { method: 'GET', path: '/practice/bidders' },
  bidders: { method: 'POST', path: '/practice/bidders' },
  scratch: { method: 'PUT', path: '/practice/scratch/{name}' },
} as const satisfies Readonly<Record<string, ServedRoute>>

/** The header the token of the start line goes into. */
export const practiceTokenHeader = 'x-practice-token'
