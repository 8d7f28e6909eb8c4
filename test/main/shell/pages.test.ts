import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentPolicy, pinContentPolicy } from '../../../main/shell/content-policy.ts'
import { servedFile } from '../../../main/shell/served-file.ts'
import { trustedFrames } from '../../../main/shell/trusted-frames.ts'

describe('the content security policies', () => {
  // What a browser does not know by name it ignores: a policy with a slip in it does nothing.
  const known = new Set([
    ...['default-src', 'script-src', 'style-src', 'img-src', 'font-src', 'connect-src', 'worker-src'],
    ...['base-uri', 'form-action', 'frame-ancestors'],
  ])
  const parse = (policy: string): ReadonlyMap<string, string> =>
    new Map(
      policy.split(';').map(directive => {
        const [name = '', ...sources] = directive.trim().split(/\s+/)
        return [name, sources.join(' ')]
      }),
    )

  test.each([contentPolicy('abc'), pinContentPolicy])('S7: consist of directives a browser knows: %s', policy => {
    const names = [...parse(policy).keys()]
    expect(names.filter(name => !known.has(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
    expect(parse(policy).get('default-src')).toBe("'none'")
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*|https?:/)
  })

  test('S7: the PIN page may not even connect to where it came from', () => {
    const policy = parse(pinContentPolicy)
    expect(policy.get('script-src')).toBe("'self'")
    expect(policy.get('style-src')).toBe("'self'")
    expect(policy.get('connect-src')).toBe("'none'")
    expect(parse(contentPolicy('abc')).get('style-src')).toBe("'self' 'nonce-abc'")
  })
})

describe('the files that are served', () => {
  const folder = join('/', 'app', 'renderer')

  test('S18: are those inside the folder, of kinds a page consists of', () => {
    expect(servedFile(folder, '/index.html')).toEqual({
      path: join(folder, 'index.html'),
      mediaType: 'text/html; charset=utf-8',
    })
    expect(servedFile(folder, '/assets/index-a1_B.js')?.path).toBe(join(folder, 'assets', 'index-a1_B.js'))
  })

  test.each([
    ...['/', '', '/..', '/../main/index.cjs', '/../renderer-evil/index.html', '/assets/../../x.js', '/%2e%2e/x.js'],
    ...['/..%2fx.js', '/..%5cx.js', '/..\\x.js', '/C:/x.js', '/C:%5cx.js', '//host/x.js', '/%00.js', '/a%00/x.js'],
    ...['/%', '/index.html::$DATA', '/.env', '/package', '/x.cjs', '/x.map', '/日志.html', '/a b.html'],
  ])('S18: %s is none of them', path => {
    expect(servedFile(folder, path)).toBeNull()
  })
})

describe('a message is trusted', () => {
  const origin = 'app://ui'
  const frame = { origin }
  const contents = (id: number): { id: number; once: () => void } => ({ id, once: () => undefined })
  const trust = trustedFrames()
  trust.add(contents(1), origin)

  test('S17: from the main frame, of the exact origin, of contents we made', () => {
    expect(trust.isTrusted({ sender: { id: 1, mainFrame: frame }, senderFrame: frame }, origin)).toBe(true)
  })

  test.each([
    ['a sub-frame', { sender: { id: 1, mainFrame: frame }, senderFrame: { origin } }],
    ['a frame that has gone', { sender: { id: 1, mainFrame: frame }, senderFrame: null }],
    ['contents we did not make', { sender: { id: 2, mainFrame: frame }, senderFrame: frame }],
  ])('S17: but not from %s', (_, message) => {
    expect(trust.isTrusted(message, origin)).toBe(false)
  })

  test.each(['app://pin', 'app://ui.evil', 'app://ui:80', 'null', 'https://ui', 'file://'])(
    'S17: but not from the origin %s',
    other => {
      const foreign = { origin: other }
      const message = { sender: { id: 1, mainFrame: foreign }, senderFrame: foreign }
      expect(trust.isTrusted(message, origin)).toBe(false)
      expect(trust.isTrusted(message, other)).toBe(false)
    },
  )

  test('S17: but not after its window has gone', () => {
    let destroyed = (): void => undefined
    const short = trustedFrames()
    short.add({ id: 1, once: (_, listener) => void (destroyed = listener) }, origin)
    const message = { sender: { id: 1, mainFrame: frame }, senderFrame: frame }
    expect(short.isTrusted(message, origin)).toBe(true)
    destroyed()
    expect(short.isTrusted(message, origin)).toBe(false)
  })
})
