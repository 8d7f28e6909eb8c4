import { replies, type Request } from './define.ts'
import type { Result } from './failure.ts'
import {
  isBidderName,
  isBoolean,
  isFormValues,
  isLanguage,
  isPlatformAddress,
  isRehearsalSuite,
  isSealChoice,
} from './guards.ts'
import { isBidId, isJobId, isLockId, isQuestionId, isSealId, isTenderId, isTenderName, type JobId } from './ids.ts'
import type {
  AppView,
  BidView,
  JobView,
  LockModuleView,
  OpeningView,
  QuestionView,
  RehearsalView,
  SealedBidView,
  TenderView,
} from './views.ts'

/**
 * The whole of what the page may ask of the main process. Channel names, argument checks, handler types, the preload's
 * surface and the page's call all derive from this table. `null` answers mean that the user closed a dialog.
 */
export const requests = {
  'app.state': replies<AppView>().to(),
  'app.setLanguage': replies<AppView>().to(isLanguage),

  'lock.list': replies<readonly LockModuleView[]>().to(),
  'lock.addModule': replies<readonly LockModuleView[] | null>().to(),
  'lock.addSoftLock': replies<readonly LockModuleView[] | null>().to(),

  'tender.import': replies<TenderView | null>().to(),
  'tender.list': replies<readonly TenderView[]>().to(),
  'tender.setPlatform': replies<TenderView>().to(isTenderId, isPlatformAddress),

  'bid.create': replies<BidView>().to(isTenderId, isBidderName),
  'bid.list': replies<readonly BidView[]>().to(),
  'bid.addDocument': replies<BidView | null>().to(isBidId, isTenderName),
  'bid.removeDocument': replies<BidView>().to(isBidId, isTenderName),
  'bid.fillForm': replies<BidView>().to(isBidId, isTenderName, isFormValues),
  'bid.seal': replies<JobId>().to(isBidId, isSealChoice),

  'sealed.list': replies<readonly SealedBidView[]>().to(),
  /** How many sealed bids there are whose records can't be read; `sealed.list` leaves them out. */
  'sealed.damaged': replies<number>().to(),
  'sealed.submit': replies<JobId>().to(isSealId, isLockId),
  'sealed.withdraw': replies<JobId>().to(isSealId, isLockId),

  'opening.state': replies<OpeningView>().to(isSealId),
  'opening.release': replies<JobId>().to(isSealId, isLockId),

  'job.list': replies<readonly JobView[]>().to(),
  'job.cancel': replies<null>().to(isJobId),
  'question.list': replies<readonly QuestionView[]>().to(),
  'question.answer': replies<null>().to(isQuestionId, isBoolean),

  'rehearsal.state': replies<RehearsalView>().to(),
  'rehearsal.start': replies<JobId>().to(isRehearsalSuite),
  'rehearsal.skipToOpening': replies<RehearsalView>().to(),
  'rehearsal.stop': replies<RehearsalView>().to(),
} as const

/** The name of a request. */
export type Channel = keyof typeof requests
/** What a request is asked with. */
export type Args<K extends Channel> = (typeof requests)[K] extends Request<infer A, unknown> ? A : never
/** What a request is answered with when it succeeds. */
export type Reply<K extends Channel> = Exclude<(typeof requests)[K]['reply'], undefined>

/** What main implements: one handler per channel, none forgotten. */
export type Handlers = { readonly [K in Channel]: (...args: Args<K>) => Promise<Reply<K>> }

/** What the preload exposes: one function per channel and one for events; nothing generic. */
export type RequestApi = { readonly [K in Channel]: (...args: Args<K>) => Promise<Result<Reply<K>>> }

/** Every channel, in the order of the table. */
export const channels = Object.keys(requests) as readonly Channel[]
