// `npm run runtime`: finds or fetches the Electron runtime and says which one it is; `--json` for programs.
import { describe, NoRuntime, resolveRuntime } from './resolve.mjs'

const json = process.argv.includes('--json')
try {
  const runtime = await resolveRuntime({ say: line => console.error(line) })
  console.log(json ? JSON.stringify(runtime) : describe(runtime))
} catch (error) {
  if (!(error instanceof NoRuntime)) throw error
  for (const reason of error.reasons) console.error(`- ${reason}`)
  console.error(
    'Set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron, or ELECTRON_MIRROR to a mirror.',
  )
  process.exitCode = 1
}
