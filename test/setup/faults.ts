import type { TestContext } from 'vitest'
import { kindsHere } from '../fixtures/faults/kinds.ts'

/**
 * Whether every kind of fault can be had here: full disks and false clocks take Linux, root and libfaketime. Elsewhere the
 * calling test ends here and is listed, with this reason, among what did not run.
 */
export function needsEveryFault(context: TestContext): void {
  const { missing } = kindsHere()
  if (missing !== null) context.skip(missing)
}
