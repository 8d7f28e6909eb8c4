import { Option } from 'commander'
import { suiteById } from '../../crypto/index.ts'
import type { Suite, SuiteId } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'

/** Suites as the command line names them. */
const suiteNames = ['intl', 'gm'] as const
export type SuiteName = (typeof suiteNames)[number]

/** `--suite intl|gm`. */
export function suiteOption(description: string): Option {
  return new Option('--suite <suite>', description).choices(suiteNames)
}

/** The version string a name stands for. */
export function suiteIdOf(name: SuiteName): SuiteId {
  return `${name}-1`
}

/** The suite a name stands for. */
export function suiteNamed(name: SuiteName): Suite {
  const suite = suiteById(suiteIdOf(name))
  if (suite === null) throw new AppFailure('arguments.bad', `this version has no suite ${name}`)
  return suite
}
