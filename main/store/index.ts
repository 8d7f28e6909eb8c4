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
export type { Journal } from './journal.ts'
export { parseJournalLine } from './journal-lines.ts'
export type { JournalEntry, JournalLine } from './journal-lines.ts'
export { withLock } from './lock.ts'
export { networkSettings, usualNetworkSettings } from './network-settings.ts'
export type { NetworkSettings, NetworkSettingsFile, ProxySettings, TimeStampSettings } from './network-settings.ts'
