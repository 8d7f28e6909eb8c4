import type { TestContext } from 'vitest'

/**
 * For tests in which a library tells an absurd length inside this very process. Electron's V8 ends the process when the
 * PKCS#11 binding allocates that much; the app's token process ends then, which the tests of its faults show. The variable is
 * set by the command that runs tests inside Electron.
 */
export function needsAbsurdLengths(context: TestContext): void {
  if (process.env['BIDSEAL_TEST_PROCESS'] !== undefined) context.skip('Electron ends the process')
}
