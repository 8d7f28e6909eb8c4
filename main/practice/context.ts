import type { Clock, FileSystem, Suite } from '../../crypto/index.ts'
import type { OpeningWork } from './opening/work.ts'
import type { PlatformKeys } from './platform-keys.ts'
import type { Uploads } from './server/uploads.ts'
import type { BidShelf } from './state/bid-shelf.ts'
import type { PracticeFolders } from './state/folders.ts'
import type { KeyedLock } from './state/keyed-lock.ts'
import type { Nonces } from './state/nonces.ts'
import type { NoticeShelf } from './state/notice-shelf.ts'
import type { OpeningShelf } from './state/opening-shelf.ts'
import type { PracticeClock } from './state/practice-clock.ts'
import type { Script } from './state/script.ts'
import type { TenderShelf } from './state/tender-shelf.ts'
import type { Watchers } from './state/watchers.ts'

/** Everything a use case of the practice platform works with. */
export interface PracticeContext {
  readonly folders: PracticeFolders
  readonly files: FileSystem
  readonly keys: PlatformKeys
  /** Signs the platform's own documents; the bids it takes are of the same. */
  readonly suite: Suite
  /** The platform's clock; nothing asks the machine's. */
  readonly clock: PracticeClock
  readonly nonces: Nonces
  readonly tenders: TenderShelf
  readonly notices: NoticeShelf
  readonly bids: BidShelf
  readonly openings: OpeningShelf
  readonly uploads: Uploads
  /** Told after every change at an opening that somebody outside can see. */
  readonly watchers: Watchers
  /** What the platform has been told to do wrong; `perRelease` is for the release queue. */
  readonly script: Script
  /** Taken by openingId for what makes a bid stand or fall, by sealDigest for what one bidder does. */
  readonly lock: KeyedLock
  /** Submissions whose last checks are under way, by sealDigest. */
  readonly completions: Map<string, Promise<unknown>>
  /** Openings being decrypted, by openingId. */
  readonly decisions: Map<string, Promise<void>>
  /** What openings have in hand besides what is written down. */
  readonly work: OpeningWork
  /** One line for whoever runs the platform; never a bidder's name or bytes. */
  log(line: string): void
}

/** A moment as documents write it. */
export function timeText(clock: Clock): string {
  return clock.now().toISOString()
}
