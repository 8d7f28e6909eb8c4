import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { objectOf, runCli, startCli, type CliRun } from '../../fixtures/cli.ts'
import {
  digestOf,
  draftsUnder,
  makeDeliveryRig,
  type DeliveryRig,
  type SealedFile,
} from '../../fixtures/delivery-rig.ts'
import { randomFrom } from '../../setup/scale.ts'

/** Whom the kill hits. */
export type Victim = 'client' | 'platform'

const mebibyte = 2 ** 20

/**
 * Submits a bid again and again while the client or the platform is killed at a random moment, then runs the same command
 * again: it must finish, the receipt must name the bid, and what is stored must be the file. Answers how many kills hit a
 * submission that was under way.
 */
export async function killDuringSubmit(victim: Victim, rounds: number, start: number): Promise<number> {
  const random = randomFrom(start)
  const rig = await makeDeliveryRig(12 * mebibyte)
  let hits = 0
  try {
    for (let round = 0; round < rounds; round += 1) {
      const sealed = await rig.seal(`bid-${round}.sbid`, rig.bidFolder, rig.tenderFile)
      const submit = ['submit', sealed.path, '--platform', rig.url, '--token', rig.lock, '--trust', rig.trust]
      hits += Number(await killOnce(rig, victim, submit, 150 + random(500)))
      const receipt = (await finish(rig, submit))['receipt'] as { sealDigest: string }
      expect(receipt.sealDigest).toBe(sealed.sealDigest)
      expect(await digestOf(await rig.admin.archive(sealed.sealDigest))).toBe(
        await digestOf(createReadStream(sealed.path)),
      )
      expect(draftsUnder(join(rig.folder, 'home'))).toEqual([])
      await finish(rig, ['withdraw', sealed.sealId, ...submit.slice(2)])
    }
  } finally {
    await rig.close()
  }
  return hits
}

/**
 * The same for the release of the key at the opening: afterwards the platform holds exactly one release of the bid, the
 * bid is opened, and the record says so.
 */
export async function killDuringRelease(victim: Victim, rounds: number, start: number): Promise<number> {
  const random = randomFrom(start)
  const rig = await makeDeliveryRig(1024)
  let hits = 0
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { sealed, openingTime } = await deliver(rig, round)
      await rig.advanceTo(openingTime)
      const open = ['open', sealed.sealId, '--platform', rig.url, '--token', rig.lock, '--trust', rig.trust, '--yes']
      hits += Number(await killOnce(rig, victim, open, 150 + random(550)))
      const outcome = await finish(rig, open)
      expect(JSON.stringify(outcome)).toContain('"opened"')
      expect(rig.attendance(sealed.sealDigest).releases.map(release => release.late)).toEqual([false])
      expect(draftsUnder(join(rig.folder, 'home'))).toEqual([])
    }
  } finally {
    await rig.close()
  }
  return hits
}

async function deliver(rig: DeliveryRig, round: number): Promise<{ sealed: SealedFile; openingTime: Date }> {
  const { file, openingTime } = await rig.newTender(`E53000010000020${String(round).padStart(3, '0')}`)
  const folder = await rig.newBid(`bid-${round}`, file, 1024)
  const sealed = await rig.seal(`bid-${round}.sbid`, folder, file)
  await finish(rig, ['submit', sealed.path, '--platform', rig.url, '--token', rig.lock, '--trust', rig.trust])
  return { sealed, openingTime }
}

/** One run of the command with one kill in it; answers whether the kill came before the end. */
async function killOnce(rig: DeliveryRig, victim: Victim, command: readonly string[], after: number): Promise<boolean> {
  const running = startCli(['--json', ...rig.common, ...command], { env: rig.env })
  const first = await Promise.race([running.ended.then(() => 'ended' as const), wait(after, 'due' as const)])
  if (first === 'ended') return false
  if (victim === 'client') {
    running.child.kill('SIGKILL')
  } else {
    await rig.killPlatform()
    await wait(100)
    await rig.startPlatform()
  }
  await running.ended
  return true
}

/** Runs the command until it succeeds, as a person would: at most five times, and only after a retriable failure. */
async function finish(rig: DeliveryRig, command: readonly string[]): Promise<Record<string, unknown>> {
  let last: CliRun | null = null
  for (let attempt = 0; attempt < 5; attempt += 1) {
    last = await runCli(['--json', ...rig.common, ...command], { env: rig.env })
    if (last.code === 0) return objectOf(last)
    if (objectOf(last)['retriable'] !== true) break
  }
  throw new Error(`bidseal ${command.join(' ')} did not finish: ${last?.stdout ?? ''}${last?.stderr ?? ''}`)
}
