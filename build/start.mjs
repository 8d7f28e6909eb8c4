// `npm start [-- switches]`: builds what has changed, finds a runtime and opens the window. Says which runtime it is.
import { spawn } from 'node:child_process'
import { prepareRuntime } from './app/prepare-runtime.mjs'
import { inProject, runTool } from './project.mjs'
import { launchArguments, NoRuntime, resolveRuntime } from './runtime/resolve.mjs'

const built = await runTool(inProject('build/bundle.mjs'), [])
if (built.code !== 0) process.exit(built.code)
process.exitCode = await start()

async function start() {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    console.error('There is no display to open a window on (DISPLAY is not set). `npm run demo` needs none.')
    return 1
  }
  const runtime = await resolveRuntime({ say: line => console.error(line) }).catch(error => {
    if (error instanceof NoRuntime) return error
    throw error
  })
  if (runtime instanceof NoRuntime) {
    for (const reason of runtime.reasons) console.error(`- ${reason}`)
    console.error(
      'Set ELECTRON_OVERRIDE_DIST_PATH to the folder of an unpacked Electron, or ELECTRON_MIRROR to a mirror.',
    )
    return 1
  }
  const { executable, args } = await prepareRuntime(runtime)
  const child = spawn(executable, [...launchArguments(), ...args, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
  })
  // Ctrl-C reaches the app too, which then ends in order.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise(resolve => {
    child.on('error', () => resolve(127))
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}
