/** SECURITY: S7, the policy of the window's page; `nonce` is fresh for each answer and serves the UI kit's styles. */
export function contentPolicy(nonce: string): string {
  return policy({
    'default-src': ["'none'"],
    'script-src': ["'self'", "'wasm-unsafe-eval'"],
    'style-src': ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'worker-src': ["'self'"],
    ...noWayOut,
  })
}

const noWayOut = { 'base-uri': ["'none'"], 'form-action': ["'none'"], 'frame-ancestors': ["'none'"] } as const

/** SECURITY: S7, the policy of the PIN page: its own script and style, and not even a connection to where it came from. */
export const pinContentPolicy = policy({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'connect-src': ["'none'"],
  ...noWayOut,
})

function policy(directives: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ')
}
