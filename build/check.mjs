// `npm run check [group…]`: format, types of each folder against both Electrons, lint, layers.
import { checkGroups, runChecks } from './testing/checks.mjs'

const known = Object.keys(checkGroups)
const asked = process.argv.slice(2)
const unknown = asked.filter(group => !known.includes(group))
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(', ')} (there are ${known.join(', ')})`)
  process.exit(2)
}
const chosen = Object.entries(checkGroups).filter(([group]) => asked.length === 0 || asked.includes(group))
const done = await runChecks(chosen.flatMap(([, checks]) => checks))
const failed = done.filter(({ ok }) => !ok)
console.log(`${done.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0
