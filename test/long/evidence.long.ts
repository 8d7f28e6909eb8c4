import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceRun, runShell } from '../fixtures/evidence.ts'
import type { EvidenceRun } from '../fixtures/evidence.ts'
import { scale, seed } from '../setup/scale.ts'
import { changeTheEntries, changeTheFile } from './bodies/evidence.ts'

const rounds = scale({ slice: 20, full: 1000 })

describe.each(['intl', 'gm'] as const)('an evidence package of a whole run (%s)', suite => {
  let run: EvidenceRun

  beforeAll(async () => {
    run = await evidenceRun(suite)
  }, 120_000)

  afterAll(() => {
    run.close()
  })

  it('shows every change of a byte anywhere in the file to `evidence verify`', async () => {
    expect(await changeTheFile(run, rounds, seed)).toEqual({ detected: rounds, missed: [] })
  }, 600_000)

  it('holds for the documented commands', async () => {
    const said = await runShell(
      `unzip -q evidence.zip -d evidence && cd evidence && sh verify.sh '${run.root}'`,
      run.folder,
    )
    expect(said.output).toMatch(/The evidence package holds\.\n$/)
  }, 120_000)

  it('shows every change of a byte inside its entries to the documented commands', async () => {
    expect(await changeTheEntries(run, rounds, seed + 1)).toEqual({ detected: rounds, missed: [] })
  }, 3_600_000)
})
