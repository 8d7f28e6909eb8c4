export { startPracticePlatform, type PracticeOptions, type PracticePlatform } from './start.ts'
export { spawnPracticePlatform, type SpawnedPlatform, type SpawnOptions } from './spawn.ts'
export {
  loadPlatformKeys,
  setupPracticePlatform,
  type PlatformKeys,
  type PlatformSetup,
  type PracticeAuthority,
} from './platform-keys.ts'
export { makeTenderPackage, type TenderMaker, type TenderSpec } from './make-tender.ts'
export { practiceAdmin, type PracticeAdmin, type PracticeBid } from './admin-client.ts'
export type { ScriptSpec } from './state/script.ts'
