import type { Violation } from './source.ts'

/** What the files of one place may import. */
interface Layer {
  /** Folders and files of ours, packages, `node:` for all of Node's modules. Anything unlisted is a violation. */
  readonly may: readonly string[]
  /** Taken out of `may` again. */
  readonly never?: readonly string[]
}

/** The folders of main/ that are use cases and adapters: no Electron in them, and each seen through its index only. */
const mainParts = ['services', 'platform', 'upload', 'store', 'practice', 'token-host', 'http', 'cli'] as const
const indexes = mainParts.map(part => `main/${part}/index.ts`)

/** Modules that reach into the network or out of the process by other ways than those we see. */
const network = ['node:net', 'node:http', 'node:https', 'node:http2', 'node:tls', 'node:dgram', 'node:dns']
const loaders = ['node:module', 'node:vm', 'node:inspector', 'node:repl', 'node:wasi']

/** The longest place that a file is under decides. A file under none may not import anything. */
export const layers: Readonly<Record<string, Layer>> = {
  'main/contract': { may: ['main/contract'] },
  'main/services': part('services', ['yauzl', 'yazl', 'pdf-lib', 'fontkit', 'fast-xml-parser']),
  'main/platform': part('platform', ['yauzl', 'yazl', 'eventsource-parser']),
  'main/upload': part('upload', ['tus-js-client']),
  'main/store': part('store', [], [...network, 'node:child_process']),
  'main/practice': part('practice', ['@tus/server', '@tus/file-store', '@tus/s3-store', 'yauzl', 'yazl']),
  'main/token-host': part('token-host', []),
  'main/http': part('http', []),
  'main/cli': part('cli', ['commander']),
  'main/cli.ts': part('cli', ['commander']),

  'main/ipc': { may: ['main', 'crypto/index.ts', 'electron', 'node:'], never: loaders },
  'main/shell': { may: ['main', 'crypto/index.ts', 'electron', 'node:'], never: loaders },
  'main/index.ts': { may: ['main', 'crypto/index.ts', 'electron', 'node:'], never: loaders },
  'main/preload.ts': { may: ['main/contract', 'electron'] },
  'main/pin-preload.ts': { may: ['main/contract', 'electron'] },

  renderer: {
    may: [
      'renderer',
      'main/contract',
      'react',
      'react-dom',
      'zustand',
      'antd',
      'i18next',
      'react-i18next',
      'pdfjs-dist',
    ],
  },
  'renderer/components': {
    may: ['renderer/components', 'renderer/messages', 'main/contract', 'react', 'antd', 'pdfjs-dist'],
  },
  'renderer/stores': { may: ['renderer/stores', 'renderer/bridge.ts', 'main/contract', 'zustand'] },

  crypto: crypto([]),
  'crypto/cert': crypto(['node-forge']),
  'crypto/sign': crypto(['node-forge']),
  'crypto/sign/pdf': crypto(['node-forge', 'pdf-lib', 'fontkit']),
  'crypto/sm': crypto(['@noble/curves']),
  'crypto/token': crypto(['pkcs11js', 'koffi']),
  'crypto/token/soft': crypto(['node-forge']),
  // The bindings are optional: each is loaded when it is wanted, by a name the bundler does not follow.
  'crypto/token/pkcs11/library.ts': { may: ['crypto', 'node:', 'pkcs11js'], never: network },
  'crypto/token/koffi.ts': { may: ['crypto', 'node:', 'koffi'], never: network },
  // The token host talks to its parent over an inherited pipe, and Node reads a pipe without blocking only as a socket.
  'crypto/token/host/main.ts': { may: ['crypto', 'node:'], never: without(network, 'node:net').concat(loaders) },

  test: {
    may: [
      ...['test', 'build', 'main', 'renderer', 'crypto', 'node:'],
      ...[
        'vitest',
        'fast-check',
        'typescript',
        'esbuild',
        'node-forge',
        'pkcs11js',
        'yauzl',
        'yazl',
        'pdf-lib',
        'fontkit',
        'sm-crypto-v2',
      ],
      ...[
        '@tus/server',
        '@tus/file-store',
        '@tus/s3-store',
        's3rver',
        'tus-js-client',
        'playwright-core',
        'electron',
        'react',
        'react-dom',
      ],
    ],
  },
  build: {
    may: [
      'build',
      'node:',
      'esbuild',
      'vite',
      'vitest',
      '@vitejs/plugin-react',
      'electron-builder',
      'sm-crypto-v2',
      'typescript-eslint',
      'wabt',
    ],
  },
}

/** The imports of a file that its layer does not allow. */
export function layerViolations(file: string, imports: readonly string[]): readonly Violation[] {
  const home = homeOf(file)
  if (home === null) return [{ file, what: 'stands in no layer: list its folder' }]
  const { may, never = [] } = layers[home] ?? { may: [] }
  const allowed = (target: string): boolean =>
    may.some(place => isUnder(target, place)) && !never.some(place => isUnder(target, place))
  return imports
    .filter(target => !allowed(target))
    .map(target => ({ file, what: `may not import ${target} (layer ${home})` }))
}

function part(name: (typeof mainParts)[number], libraries: readonly string[], never: readonly string[] = []): Layer {
  const own = [`main/${name}`, ...(name === 'cli' ? ['main/cli.ts'] : [])]
  return {
    may: ['main/contract', ...own, ...indexes, 'crypto/index.ts', 'node:', ...libraries],
    never: [...loaders, ...never],
  }
}

function crypto(libraries: readonly string[]): Layer {
  return { may: ['crypto', 'node:', ...libraries], never: [...network, ...loaders, 'node:child_process'] }
}

function without(all: readonly string[], one: string): readonly string[] {
  return all.filter(each => each !== one)
}

function homeOf(file: string): string | null {
  const homes = Object.keys(layers).filter(place => isUnder(file, place))
  return homes.sort((a, b) => b.length - a.length)[0] ?? null
}

function isUnder(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(':') ? place : `${place}/`)
}
