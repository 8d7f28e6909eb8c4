import { deliveryLock, withLock } from '../../store/index.ts'
import type { Ports } from '../ports.ts'

/**
 * Runs `work` while no other program that shares this home submits, withdraws or releases the same bid. What `work` goes
 * by must be read inside it. Throws `output.unwritable` when the other one takes more than ten seconds.
 */
export function oneAtATime<T>(ports: Ports, sealId: string, work: () => Promise<T>): Promise<T> {
  return withLock(deliveryLock(ports.home, sealId), work, 'another program is working on this bid')
}
