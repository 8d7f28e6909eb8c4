import { defineConfig } from 'vitest/config'
import { projectRoot } from './project.mjs'

// The tests of crypto/ once more, for the Node inside Electron: older, and with BoringSSL instead of OpenSSL.
export default defineConfig({
  root: projectRoot,
  cacheDir: 'out/vitest-electron',
  test: {
    include: ['test/crypto/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
