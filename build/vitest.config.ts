import { defineConfig } from 'vitest/config'
import { projectRoot } from './project.mjs'

// The whole suite in plain Node. `npm run unit -- test/crypto/der` runs a part of it.
export default defineConfig({
  root: projectRoot,
  cacheDir: 'out/vitest',
  test: {
    include: ['test/**/*.test.ts'],
    // They need a runtime and a display: `npm run e2e`.
    exclude: ['test/e2e/**'],
    pool: 'forks',
    // Real tokens, servers and child programs: slower than pure functions, and two at a time on a small machine.
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
