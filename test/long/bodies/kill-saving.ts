import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { newBid } from '../../../main/services/bids/new-bid.ts'
import { buildBidWriter, lostSaves, reportedSaves } from '../../fixtures/bid-saving.ts'
import { makeTender } from '../../fixtures/sealed-bid.ts'
import { randomFrom } from '../../setup/scale.ts'

/**
 * Kills a process at a random moment while it saves a bid in a loop, again and again on the same folder; after each kill
 * everything it had reported must be there, and the next process goes on. Answers how many saves were reported in all.
 */
export async function killWhileSaving(rounds: number, start: number): Promise<number> {
  const random = randomFrom(start)
  const root = mkdtempSync(join(tmpdir(), 'bidseal-kill-saving-'))
  const folder = join(root, 'bid')
  let saves = 0
  try {
    const program = await buildBidWriter(root)
    await newBid({ folder, tender: (await makeTender()).tender })
    for (let round = 0; round < rounds; round += 1) {
      const reported = reportedSaves(await killAfter(program, [folder, join(root, 'files')], random(120)))
      expect([round, await lostSaves(folder, reported, random)]).toEqual([round, []])
      saves += reported.length
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return saves
}

/** Kills the writer that many milliseconds after its first report; answers what it has printed. */
async function killAfter(program: string, args: readonly string[], milliseconds: number): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8')
  const begun = new Promise<void>(resolve => {
    child.stdout.on('data', (piece: string) => {
      output += piece
      resolve()
    })
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => {
      resolve()
    })
    child.once('error', reject)
  })
  await Promise.race([begun, ended])
  await wait(milliseconds)
  child.kill('SIGKILL')
  await ended
  return output
}
