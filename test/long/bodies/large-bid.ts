import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { objectOf, runCli, startCli } from '../../fixtures/cli.ts'
import { peakMemory } from '../../fixtures/process-memory.ts'
import { makeSealingRig, type SealingRig } from '../../fixtures/sealing-rig.ts'

/** Seals a bid with one document of this size. Answers the highest sum of PSS of the command and its children, in bytes, and its log. */
export async function sealingMemory(documentBytes: number): Promise<{ peakBytes: number; log: string }> {
  const rig = await makeSealingRig(documentBytes)
  try {
    const running = startCli(['--json', ...rig.seal(join(rig.folder, 'out.sbid'))], { env: rig.env })
    const { value: run, peakBytes } = await peakMemory(running.pid, running.ended)
    expect(objectOf(run)['ok']).toBe(true)
    return { peakBytes, log: run.stderr }
  } finally {
    rig.remove()
  }
}

/** Interrupts a sealing half-way: it ends with `cancelled` and exit code 130, and nothing is left. */
export async function cancelSealing(documentBytes: number): Promise<void> {
  const rig = await makeSealingRig(documentBytes)
  try {
    const running = startCli(['--json', ...rig.seal(join(rig.folder, 'out.sbid'))], { env: rig.env })
    await untilGrowing(join(rig.folder, 'out.sbid.part'))
    running.child.kill('SIGINT')
    const run = await running.ended
    expect(run.code).toBe(130)
    expect(objectOf(run)['code']).toBe('cancelled')
    expect(readdirSync(rig.folder).filter(name => name.startsWith('out.sbid'))).toEqual([])
  } finally {
    rig.remove()
  }
}

/** Seals, verifies and unseals a bid with a sparse document of this size; what comes out is as long, and its digest held. */
export async function roundTrip(documentBytes: number): Promise<void> {
  const rig = await makeSealingRig(documentBytes)
  try {
    const sealed = join(rig.folder, 'out.sbid')
    await must(rig, rig.seal(sealed))
    await must(rig, [...rig.common, 'verify', sealed, '--trust', rig.trust])
    const opened = join(rig.folder, 'opened')
    await must(rig, [...rig.common, 'unseal', sealed, '--token', rig.lock, '--trust', rig.trust, '-o', opened])
    const sizes = readdirSync(opened, { recursive: true, encoding: 'utf8' }).map(
      name => statSync(join(opened, name)).size,
    )
    expect(Math.max(...sizes)).toBe(documentBytes)
  } finally {
    rig.remove()
  }
}

async function must(rig: SealingRig, args: readonly string[]): Promise<void> {
  const run = await runCli(['--json', ...args], { env: rig.env })
  expect({ code: run.code, stdout: run.code === 0 ? '' : run.stdout }).toEqual({ code: 0, stdout: '' })
}

async function untilGrowing(draft: string): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (existsSync(draft) && statSync(draft).blocks > 2048) return
    await wait(5)
  }
  throw new Error('sealing never began')
}
