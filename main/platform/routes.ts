/**
 * Every request of the neutral HTTP interface, by name: the client asks by these, the practice platform's router is
 * made from them, and a test holds `main/practice/openapi.yaml` against them. `{name}` stands for one path segment.
 */
export const platformRoutes = {
  time: { method: 'GET', path: '/api/time' },
  signedTime: { method: 'GET', path: '/api/tenders/{packageDigest}/time/{nonce}' },
  notices: { method: 'GET', path: '/api/tenders/{packageDigest}/notices' },
  tenders: { method: 'GET', path: '/api/tenders' },
  tenderPackage: { method: 'GET', path: '/api/tenders/{packageDigest}' },
  nonce: { method: 'POST', path: '/api/nonces' },
  beginSubmission: { method: 'POST', path: '/api/submissions' },
  completeSubmission: { method: 'POST', path: '/api/submissions/{submissionId}/complete' },
  uploadOffset: { method: 'HEAD', path: '/api/uploads/{uploadId}' },
  uploadChunk: { method: 'PATCH', path: '/api/uploads/{uploadId}' },
  withdraw: { method: 'POST', path: '/api/withdrawals' },
  header: { method: 'GET', path: '/api/bids/{sealDigest}/header' },
  opening: { method: 'GET', path: '/api/openings/{openingId}' },
  signIn: { method: 'POST', path: '/api/openings/{openingId}/sign-ins' },
  challenge: { method: 'POST', path: '/api/openings/{openingId}/challenges/{sealDigest}' },
  release: { method: 'POST', path: '/api/openings/{openingId}/releases' },
  events: { method: 'GET', path: '/api/openings/{openingId}/events' },
  beginTwin: { method: 'POST', path: '/api/openings/{openingId}/twins/{sealDigest}' },
  completeTwin: { method: 'POST', path: '/api/openings/{openingId}/twins/{sealDigest}/complete' },
  record: { method: 'GET', path: '/api/openings/{openingId}/record' },
  confirm: { method: 'POST', path: '/api/openings/{openingId}/confirmations' },
  object: { method: 'POST', path: '/api/openings/{openingId}/objections' },
  sealedDigests: { method: 'GET', path: '/api/openings/{openingId}/sealed-digests' },
} as const satisfies Readonly<Record<string, Route>>

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH'
  readonly path: string
}

export type PlatformRouteName = keyof typeof platformRoutes

/** A route's path with its segments filled in, each escaped. */
export function pathOf(route: Pick<Route, 'path'>, segments: Readonly<Record<string, string>>): string {
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(segments[name] ?? ''))
}
