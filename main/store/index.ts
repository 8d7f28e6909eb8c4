export {
  isMissing,
  readFileIfThere,
  readJsonIfThere,
  sweepTemporaries,
  syncFolder,
  writeFailure,
  writeFileAtomic,
  writeJsonAtomic,
} from './atomic-file.ts'
export { deliveriesAt } from './deliveries.ts'
export type { Deliveries, Delivery, DeliveryState, KeptDocument, KeptName } from './deliveries.ts'
export { defaultHome, deliveryLock, homeAt } from './home.ts'
export type { Home } from './home.ts'
export { journalAt } from './journal.ts'
export type { Journal, JournalEntry } from './journal.ts'
export { withLock } from './lock.ts'
