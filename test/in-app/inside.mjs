// Runs before every test file: the file stands and falls with being in the very process that was started for it.
if (String(process.pid) !== process.env['BIDSEAL_TEST_PID']) {
  throw new Error('this test file runs in another process than the one it shall be proved in')
}
