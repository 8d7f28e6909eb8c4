import { contentPolicy, pinContentPolicy } from './content-policy.ts'

/** One of the app's pages: an origin of its own, a document, a session and a policy. */
export interface Page {
  readonly host: 'ui' | 'pin'
  readonly origin: string
  readonly address: string
  /** The file of the page's folder that the address means. */
  readonly document: string
  /** In memory only: nothing of a page is kept on the disk. */
  readonly partition: string
  /** The content security policy of one answer. */
  readonly policy: (nonce: string) => string
}

/** The scheme that everything the app shows is served under. */
export const appScheme = 'app'

/** The window's page. */
export const uiPage: Page = {
  host: 'ui',
  origin: 'app://ui',
  address: 'app://ui/index.html',
  document: 'index.html',
  partition: 'ui',
  policy: contentPolicy,
}

/** The page a PIN is typed on; it shares nothing with the other one. */
export const pinPage: Page = {
  host: 'pin',
  origin: 'app://pin',
  address: 'app://pin/pin.html',
  document: 'pin.html',
  partition: 'pin',
  policy: () => pinContentPolicy,
}
