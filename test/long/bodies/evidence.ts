import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../crypto/index.ts'
import { loadTrust, toFailure, verifyEvidence } from '../../../main/services/index.ts'
import { homeAt } from '../../../main/store/index.ts'
import { documentedScript, runShell } from '../../fixtures/evidence.ts'
import type { EvidenceRun } from '../../fixtures/evidence.ts'
import { randomFrom } from '../../setup/scale.ts'

/** What became of random changes of one byte. */
export interface ByteChanges {
  readonly detected: number
  /** Where those lie that were not, and those whose answer was not the one promised. */
  readonly missed: readonly string[]
}

/** Changes single bytes anywhere in the file; `evidence verify` must answer `evidence.broken` and an entry to each. */
export async function changeTheFile(run: EvidenceRun, rounds: number, seed: number): Promise<ByteChanges> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-evidence-'))
  try {
    const random = randomFrom(seed)
    const whole = readFileSync(run.evidence)
    const trust = await loadTrust(homeAt(folder), [run.root])
    const path = join(folder, 'evidence.zip')
    const missed: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const at = random(whole.length)
      writeFileSync(path, changedAt(whole, at, random(255)))
      const failure = await verifyEvidence({ clock: systemClock }, path, trust).then(() => null, toFailure)
      const named = /^(ZIP|bytes after the archive|[A-Za-z0-9._/-]+): /.test(failure?.detail ?? '')
      if (failure?.code !== 'evidence.broken' || !named) missed.push(`byte ${at}: ${JSON.stringify(failure)}`)
    }
    return { detected: rounds - missed.length, missed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Changes single bytes inside the unpacked entries; the documented commands must fail for each. That the
 * package itself holds for them is another test's business.
 */
export async function changeTheEntries(run: EvidenceRun, rounds: number, seed: number): Promise<ByteChanges> {
  const folder = mkdtempSync(join(tmpdir(), 'bidseal-evidence-'))
  try {
    const random = randomFrom(seed)
    const unpacked = join(folder, 'evidence')
    await runShell(`unzip -q '${run.evidence}' -d '${unpacked}'`, folder)
    // The reader's own copy: the one in the package is among what is changed.
    writeFileSync(join(folder, 'verify.sh'), documentedScript())
    cpSync(run.root, join(folder, 'root.pem'))
    const files = filesIn(unpacked)
    const total = files.reduce((sum, { size }) => sum + size, 0)
    const missed: string[] = []
    for (let round = 0; round < rounds; round += 1) {
      const { path, at } = placeOf(files, random(total))
      const content = readFileSync(path)
      writeFileSync(path, changedAt(content, at, random(255)))
      const { ok } = await runShell('sh ../verify.sh ../root.pem', unpacked)
      writeFileSync(path, content)
      if (ok) missed.push(`${path.slice(unpacked.length)} byte ${at}`)
    }
    return { detected: rounds - missed.length, missed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function changedAt(content: Uint8Array, at: number, by: number): Uint8Array {
  const changed = Uint8Array.from(content)
  changed[at] = ((changed[at] ?? 0) + 1 + by) & 0xff
  return changed
}

interface Placed {
  readonly path: string
  readonly size: number
}

function filesIn(folder: string): readonly Placed[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesIn(path) : [{ path, size: statSync(path).size }]
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function placeOf(files: readonly Placed[], offset: number): { readonly path: string; readonly at: number } {
  let at = offset
  for (const { path, size } of files) {
    if (at < size) return { path, at }
    at -= size
  }
  throw new Error('an offset outside the entries')
}
