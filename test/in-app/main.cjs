// A small Electron app that runs the tests of crypto/ in itself: in its main process, as sealing does, or in a utility
// process, as the libraries of locks do. `BIDSEAL_TEST_PROCESS` says which. Its exit code is the tests'.
const { app, session, utilityProcess } = require('electron')
const { join } = require('node:path')
const { runTests } = require('./run-tests.cjs')

app.disableHardwareAcceleration()
app.setPath('userData', process.env['BIDSEAL_TEST_PROFILE'] ?? app.getPath('temp'))
// Tests print what fails; the window system's complaints on a bare machine would only be in the way.
app.commandLine.appendSwitch('log-level', '3')
void app.whenReady().then(() => (process.env['BIDSEAL_TEST_PROCESS'] === 'utility' ? inUtility() : inMain()))

async function inMain() {
  // Switches the processor's AES instructions on, as the app does; the tests then run what the app runs.
  void session.defaultSession
  app.exit(await runTests('browser'))
}

function inUtility() {
  const child = utilityProcess.fork(join(__dirname, 'utility.cjs'), [], { stdio: 'inherit', serviceName: 'tests' })
  child.once('exit', code => {
    app.exit(code)
  })
}
