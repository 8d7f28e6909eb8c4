import { defineConfig } from 'vitest/config'
import { projectRoot } from './project.mjs'

// The real app, driven through its window on a display of its own. `npm run e2e -- security` runs a part of it.
export default defineConfig({
  root: projectRoot,
  cacheDir: 'out/vitest-e2e',
  test: {
    include: ['test/e2e/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
