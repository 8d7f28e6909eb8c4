// `npm run test:electron [path…]`: every test of crypto/ inside Electron's main and utility processes.
import { testInElectron } from './testing/electron-tests.mjs'
import { Tally } from './testing/tally.mjs'

const tally = new Tally({ everythingMustRun: process.env['CI'] === 'true' })
await testInElectron(tally, process.argv.slice(2), { whole: true })
for (const line of tally.report()) console.log(line)
process.exitCode = tally.failures.length > 0 ? 1 : 0
