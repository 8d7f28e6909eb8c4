// `npm run e2e [path…]`: the real app, driven through its window. Pictures of it are left in test-results/.
import { inProject, runTool } from './project.mjs'
import { testWindow } from './testing/e2e-tests.mjs'
import { Tally } from './testing/tally.mjs'

const { code } = await runTool(inProject('build/bundle.mjs'), [])
if (code !== 0) process.exit(code)
const tally = new Tally({ everythingMustRun: process.env['CI'] === 'true' })
await testWindow(tally, process.argv.slice(2))
for (const line of tally.report()) console.log(line)
process.exitCode = tally.failures.length > 0 ? 1 : 0
