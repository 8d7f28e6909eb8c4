// `npm test`: everything that must hold before a change is kept. Each step counts as one item beside the tests themselves.
import { runTool, inProject } from './project.mjs'
import { checkGroups, runChecks } from './testing/checks.mjs'
import { testWindow } from './testing/e2e-tests.mjs'
import { testInElectron } from './testing/electron-tests.mjs'
import { providePkcs11Binding } from './testing/native-binding.mjs'
import { explain, provide, testRequirements, vectorRequirements } from './testing/requirements.mjs'
import { Tally } from './testing/tally.mjs'
import { runVitest } from './testing/vitest-run.mjs'

const tally = new Tally({ everythingMustRun: process.env['CI'] === 'true' })
if (await prepare()) {
  await build()
  // The layer test is left to the whole run below.
  const { lint, types, format } = checkGroups
  for (const { name, ok } of await runChecks([...lint, ...types, ...format])) item(name, ok ? null : 'see above')
  tally.add('Node', await runVitest({ name: 'node', config: 'build/vitest.config.ts' }))
  await testInElectron(tally)
  await testWindow(tally)
}
for (const line of tally.report()) console.log(line)
process.exitCode = tally.failures.length > 0 ? 1 : 0

/** What the machine has to have; without it no figure would mean anything. */
async function prepare() {
  const missing = await provide(testRequirements)
  for (const requirement of missing) item(requirement.name, explain(requirement))
  if (missing.length > 0) return false
  await provide(vectorRequirements)
  const problem = await providePkcs11Binding()
  item('pkcs11js', problem)
  return problem === null
}

async function build() {
  const { code } = await runTool(inProject('build/bundle.mjs'), [])
  item('build', code === 0 ? null : 'see above')
}

/**
 * @param {string} name
 * @param {string | null} problem
 */
function item(name, problem) {
  if (problem === null) tally.pass()
  else tally.fail(name, problem)
}
