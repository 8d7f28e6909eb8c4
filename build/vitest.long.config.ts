import { defineConfig } from 'vitest/config'
import { projectRoot } from './project.mjs'

// The long suites at their full counts; `npm run test:long` starts them one by one.
export default defineConfig({
  root: projectRoot,
  cacheDir: 'out/vitest',
  test: {
    include: ['test/long/**/*.long.ts'],
    pool: 'forks',
    maxWorkers: 1,
    minWorkers: 1,
    testTimeout: 4 * 60 * 60_000,
    hookTimeout: 10 * 60_000,
  },
})
