import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'vitest'
import { projectRoot } from '../../build/project.mjs'
import { vectorsAbsent } from '../../build/testing/tally.mjs'

/**
 * A file of the Wycheproof test vectors, parsed. They are published at https://github.com/C2SP/wycheproof
 * (testvectors_v1) and not part of the project: BIDSEAL_WYCHEPROOF names the folder they lie in, from the top of the
 * project. Without it the calling test ends here and is listed, with this reason, among what did not run.
 */
export function wycheproof(context: TestContext, name: string): unknown {
  const folder = process.env['BIDSEAL_WYCHEPROOF']
  if (folder === undefined || folder === '') {
    context.skip(`${vectorsAbsent}BIDSEAL_WYCHEPROOF is not set; get them from https://github.com/C2SP/wycheproof`)
  }
  const path = join(resolve(projectRoot, folder), name)
  if (!existsSync(path)) context.skip(`${vectorsAbsent}${name} is not in the folder that BIDSEAL_WYCHEPROOF names`)
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return parsed
}
