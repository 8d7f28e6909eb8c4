import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import type { Page } from './pages.ts'
import { appScheme } from './pages.ts'
import { servedFile } from './served-file.ts'

/** The place in a document where the nonce of its styles goes. */
const nonceMark = '__STYLE_NONCE__'

/** Makes `app:` an origin like those of the web. To be called once, before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** What is asked of a page's origin. */
export interface PageRequest {
  readonly method: string
  readonly url: string
}

/**
 * Answers requests to a page's origin from the folder of built files.
 * SECURITY: S18, one host for each session, GET only, nothing outside the folder.
 */
export function pageServer(page: Page, folder: string): (request: PageRequest) => Promise<Response> {
  return async ({ method, url }) => {
    const nonce = randomBytes(16).toString('base64')
    if (method !== 'GET') return refusal(405, page.policy(nonce))
    const { host, pathname } = new URL(url)
    const file = host === page.host ? servedFile(folder, pathname) : null
    const bytes = file === null ? null : await readFile(file.path).catch(() => null)
    if (file === null || bytes === null) return refusal(404, page.policy(nonce))
    const body = pathname === `/${page.document}` ? bytes.toString('utf8').replaceAll(nonceMark, nonce) : bytes
    return new Response(body, { status: 200, headers: headersOf(page.policy(nonce), file.mediaType) })
  }
}

/** SECURITY: S5, what a page could ask a permission for is not even there. */
const noFeatures = [
  ...['camera', 'clipboard-read', 'clipboard-write', 'display-capture', 'geolocation', 'hid', 'microphone'],
  ...['midi', 'payment', 'screen-wake-lock', 'serial', 'usb'],
]
  .map(name => `${name}=()`)
  .join(', ')

function refusal(status: number, policy: string): Response {
  return new Response(null, { status, headers: headersOf(policy, 'text/plain') })
}

function headersOf(policy: string, mediaType: string): Record<string, string> {
  return {
    'content-type': mediaType,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': noFeatures,
    'cache-control': 'no-store',
  }
}
