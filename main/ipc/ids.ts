import { randomBytes } from 'node:crypto'
import type { BidId, JobId, LockId, QuestionId } from '../contract/ids.ts'

/** A fresh name for something the page may refer to: 128 random bits, so that none can be guessed. */
export function newId<T extends BidId | JobId | LockId | QuestionId>(): T {
  return randomBytes(16).toString('hex') as T
}
