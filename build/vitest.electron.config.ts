import { defineConfig } from 'vitest/config'
import { projectRoot } from './project.mjs'

const kind = process.env['BIDSEAL_TEST_PROCESS'] ?? 'main'

// The tests of crypto/ once more, inside processes of Electron: an older Node, and BoringSSL instead of OpenSSL.
export default defineConfig({
  root: projectRoot,
  // Two runs at a time must not share one.
  cacheDir: `out/vitest-electron-${kind}`,
  test: {
    include: ['test/crypto/**/*.test.ts'],
    exclude: JSON.parse(process.env['BIDSEAL_TEST_EXCLUDE'] ?? '[]') as string[],
    setupFiles: ['test/in-app/inside.mjs'],
    // Its ES build uses import attributes, which the older Node does not know.
    server: { deps: { inline: [/pdf-lib/] } },
    // Worker threads stay in the process; a library of a lock is loaded into it once, so one file at a time.
    pool: 'threads',
    maxWorkers: 1,
    minWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
