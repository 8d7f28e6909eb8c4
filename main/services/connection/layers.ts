import type { Failure } from '../../contract/failure.ts'

/** What stands between this computer and a server, in the order in which it is met. */
export const connectionLayers = ['name', 'connection', 'proxy', 'tls', 'platform'] as const
export type ConnectionLayer = (typeof connectionLayers)[number]

/** What was found out about one layer; plain data that each front end words. */
export type ConnectionFinding =
  /** The name leads to so many addresses; 0 for one that is an address itself. */
  | { readonly code: 'name.known'; readonly addresses: number }
  | { readonly code: 'name.unknown' }
  /** No name server answers. */
  | { readonly code: 'name.no-answer' }
  | { readonly code: 'connection.made' }
  | { readonly code: 'connection.refused' }
  | { readonly code: 'connection.no-answer' }
  /** The system's name of another fault. */
  | { readonly code: 'connection.failed'; readonly fault: string }
  | { readonly code: 'proxy.none' }
  | { readonly code: 'proxy.passes' }
  | { readonly code: 'proxy.wants-user' }
  | { readonly code: 'proxy.refuses'; readonly detail: string }
  /** It passes, but finds nobody behind. */
  | { readonly code: 'proxy.cannot-reach' }
  /** The settings or the environment name no usable one. */
  | { readonly code: 'proxy.misnamed' }
  /** An http address: nothing is encrypted on the way. */
  | { readonly code: 'tls.none' }
  | { readonly code: 'tls.trusted'; readonly protocol: string; readonly issuer: string }
  | { readonly code: 'tls.untrusted'; readonly fault: string }
  | { readonly code: 'tls.other-name' }
  | { readonly code: 'tls.expired' }
  | { readonly code: 'tls.not-spoken'; readonly fault: string }
  /** The server's clock minus this computer's, and how sure that is; milliseconds. */
  | { readonly code: 'platform.time'; readonly offsetMs: number; readonly uncertaintyMs: number }
  | { readonly code: 'platform.failed'; readonly failure: Failure }

/** One layer: whose it is and how it stands. */
export interface LayerReport {
  readonly layer: ConnectionLayer
  readonly status: 'ok' | 'problem' | 'not-needed' | 'not-reached'
  /** Whether the host is the proxy or the server. */
  readonly whose: 'proxy' | 'server'
  /** The host that was spoken to, or would have been. */
  readonly host: string
  readonly port: number
  /** Null where nothing was tried. */
  readonly finding: ConnectionFinding | null
  readonly ms: number
}

/** All layers to one server. */
export interface ConnectionReport {
  /** Whether nothing stands in the way. */
  readonly ok: boolean
  /** What was asked for, without path or parameters. */
  readonly origin: string
  readonly layers: readonly LayerReport[]
}
