import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { newBid } from '../../../main/services/bids/new-bid.ts'
import { buildBidWriter, lostSaves, reportedSaves } from '../../fixtures/bid-saving.ts'
import { makePowerCutDisk } from '../../fixtures/power-cuts.ts'
import { makeTender } from '../../fixtures/sealed-bid.ts'
import { randomFrom } from '../../setup/scale.ts'

/**
 * Cuts the power at random moments while a process saves a bid in a loop; what it had reported before the cut must be on
 * the disk afterwards. Answers how many saves were reported before the last cut.
 */
export async function powerCutsWhileSaving(rounds: number, start: number): Promise<number> {
  const random = randomFrom(start)
  const disk = await makePowerCutDisk()
  try {
    const program = await buildBidWriter(disk.beside)
    await newBid({ folder: join(disk.folder, 'bid'), tender: (await makeTender()).tender })
    const args = [program, join(disk.folder, 'bid'), join(disk.beside, 'files')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (output += piece))
    const ended = new Promise(resolve => child.once('close', resolve))
    try {
      while (reportedSaves(output).length < 4) await wait(20)
      for (let round = 0; round < rounds; round += 1) {
        await wait(random(250))
        const reported = reportedSaves(output)
        const lost = await disk.cut(folder => lostSaves(join(folder, 'bid'), reported, random, Infinity))
        expect([round, lost]).toEqual([round, []])
      }
      return reportedSaves(output).length
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  } finally {
    await disk.remove()
  }
}
