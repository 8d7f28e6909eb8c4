import { app } from 'electron'
import { registerAppScheme } from './app-scheme.ts'
import { keepMemoryOutOfCoreDumps } from '../token-host/index.ts'
import { lockNavigation } from './navigation-lock.ts'

/** Set by the bundler; true only in builds that tests drive. */
declare const BIDSEAL_DEBUGGABLE: boolean

/** Switches that would let another program look into this one or change what it runs. */
const debugSwitches = [
  ...['inspect', 'inspect-brk', 'remote-debugging-port', 'remote-debugging-pipe', 'js-flags'],
  ...['disable-web-security', 'load-extension', 'user-agent', 'host-rules', 'ignore-certificate-errors'],
  ...['host-resolver-rules', 'proxy-server', 'log-net-log', 'ssl-key-log-file'],
  ...['renderer-cmd-prefix', 'utility-cmd-prefix', 'gpu-launcher'],
]

/** What has to be in force before the app is ready. Ends the process when it was started in a way that undoes it. */
export function harden(): void {
  keepMemoryOutOfCoreDumps(process.pid)
  // SECURITY: A5.
  if (app.isPackaged && !BIDSEAL_DEBUGGABLE) refuseDebugSwitches()
  // SECURITY: S4, also for windows that would not ask for it. Chromium has no sandbox for root, and then no process starts.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  registerAppScheme()
  lockNavigation(app)
  // SECURITY: A8, a bad certificate is a failure, never a question.
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault()
    answer(false)
  })
  app.on('login', event => event.preventDefault())
}

function refuseDebugSwitches(): void {
  const refused = process.getuid?.() === 0 ? debugSwitches : [...debugSwitches, 'no-sandbox']
  const found = refused.find(name => app.commandLine.hasSwitch(name))
  if (found === undefined) return
  process.stderr.write(`--${found} is not allowed\n`)
  app.exit(2)
  process.exit(2)
}
