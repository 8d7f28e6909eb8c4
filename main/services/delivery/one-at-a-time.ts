import { dirname } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { deliveryLock, sweepTemporaries, withLock } from '../../store/index.ts'
import type { Ports } from '../ports.ts'

/**
 * Runs `work` while no other program that shares this home submits, withdraws or releases the same bid. What `work` goes
 * by must be read inside it. What a killed run left half written is cleared away first. Throws `bid.busy` when the other one
 * takes more than ten seconds.
 */
export function oneAtATime<T>(ports: Ports, sealId: string, work: () => Promise<T>): Promise<T> {
  const lock = deliveryLock(ports.home, sealId)
  const clearedWork = async (): Promise<T> => {
    await sweepTemporaries(dirname(lock))
    return work()
  }
  return withLock(lock, clearedWork, () => new AppFailure('bid.busy', 'another program is working on this bid'))
}
