import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { vectorsAbsent } from '../../build/testing/tally.mjs'

/** A signature of NIST's validation suite for FIPS 186-3, with what stands above it in its file. */
export interface NistSignature {
  /** The heading its group stands under, for instance `P-256,SHA-256` or `mod = 2048`. */
  readonly group: string
  /** By the names of the file, for instance `Msg`, `n`, `e`, `S`; hex. */
  readonly fields: Readonly<Record<string, string>>
  readonly valid: boolean
}

const debianFolder = '/usr/lib/python3/dist-packages/cryptography_vectors/asymmetric'

/**
 * A file of NIST's validation suite, which is not part of the project: Debian's package python3-cryptography-vectors holds
 * it (`npm test` installs that where it may). Without it the calling test ends here and is listed, with this reason, among
 * what did not run.
 */
export function nistSignatures(context: TestContext, file: string): readonly NistSignature[] {
  const path = join(debianFolder, file)
  if (!existsSync(path)) context.skip(`${vectorsAbsent}no ${file}: install python3-cryptography-vectors`)
  const found: NistSignature[] = []
  let group = ''
  let fields: Record<string, string> = {}
  for (const line of readFileSync(path, 'latin1').split(/\r?\n/)) {
    const [, heading] = /^\[(.+)\]$/.exec(line) ?? []
    const [, name = '', value = ''] = /^(\w+) = ?(.*)$/.exec(line) ?? []
    if (heading !== undefined) [group, fields] = [heading, {}]
    else if (name === 'Result') found.push({ group, fields: { ...fields }, valid: value.startsWith('P') })
    else if (name !== '') fields[name] = value
  }
  return found
}
