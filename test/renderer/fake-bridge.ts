import type { AppEvent, EventApi } from '../../main/contract/events.ts'
import type { FailureCode, Result } from '../../main/contract/failure.ts'
import type { TenderId } from '../../main/contract/ids.ts'
import type { Args, Channel, Handlers, Reply, RequestApi } from '../../main/contract/requests.ts'
import { channels } from '../../main/contract/requests.ts'
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
} from '../../main/contract/views.ts'
import { appView, emptyBid, ids, job, modules, openingView, tender } from './sample-views.ts'

/** What the fake main process holds. Tests and the gallery set it as they need it. */
export interface World {
  app: AppView
  modules: readonly LockModuleView[]
  tenders: readonly TenderView[]
  bids: readonly BidView[]
  sealed: readonly SealedBidView[]
  damaged: number
  opening: OpeningView
  jobs: readonly JobView[]
  questions: readonly QuestionView[]
  rehearsal: RehearsalView
  /** Channels that answer with a failure. */
  failing: Partial<Record<Channel, FailureCode>>
}

/** A main process made of plain data, with the surface of the real one. */
export interface FakeBridge {
  readonly api: RequestApi & EventApi
  readonly world: World
  /** Every request in order. */
  readonly asked: { readonly channel: Channel; readonly args: readonly unknown[] }[]
  readonly emit: (event: AppEvent) => void
}

/** A world with nothing in it but what is given. */
export function fakeBridge(given: Partial<World> = {}): FakeBridge {
  const world: World = {
    app: appView,
    modules: [],
    tenders: [],
    bids: [],
    sealed: [],
    damaged: 0,
    opening: openingView,
    jobs: [],
    questions: [],
    rehearsal: { running: false, tender: null, practicePin: null },
    failing: {},
    ...given,
  }
  const asked: { channel: Channel; args: readonly unknown[] }[] = []
  const listeners = new Set<(event: AppEvent) => void>()
  const handlers = handlersOf(world)
  const requests = Object.fromEntries(channels.map(channel => [channel, answering(channel)])) as unknown as RequestApi

  function answering<K extends Channel>(channel: K): (...args: Args<K>) => Promise<Result<Reply<K>>> {
    return async (...args) => {
      asked.push({ channel, args })
      const code = world.failing[channel]
      if (code !== undefined) return { ok: false, failure: { code } }
      const handler = handlers[channel] as (...given: Args<K>) => Promise<Reply<K>>
      return { ok: true, value: await handler(...args) }
    }
  }

  return {
    api: {
      ...requests,
      onEvent: listener => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    world,
    asked,
    emit: event => {
      for (const listener of listeners) listener(event)
    },
  }
}

/** Puts a fake main process on the global object, where the page looks for it. */
export function connectTo(bridge: FakeBridge): void {
  Object.assign(globalThis, { bidseal: bridge.api })
}

function handlersOf(world: World): Handlers {
  const bid = (): BidView => world.bids[0] ?? emptyBid
  return {
    'app.state': async () => world.app,
    'app.setLanguage': async language => (world.app = { ...world.app, language }),
    'lock.list': async () => world.modules,
    'lock.addModule': async () => (world.modules = modules),
    'lock.addSoftLock': async () => null,
    'tender.import': async () => {
      world.tenders = [...world.tenders, tender]
      return tender
    },
    'tender.list': async () => world.tenders,
    'tender.setPlatform': async (id, platformAddress) => setPlatform(world, id, platformAddress),
    'bid.create': async (id, bidderName) => {
      const made = { ...emptyBid, tender: id, bidderName }
      world.bids = [made, ...world.bids]
      return made
    },
    'bid.list': async () => world.bids,
    'bid.addDocument': async () => bid(),
    'bid.removeDocument': async () => bid(),
    'bid.fillForm': async (_, id, fields) => {
      const filled = { ...bid(), forms: [{ id, fields }], revision: bid().revision + 1 }
      world.bids = [filled]
      return filled
    },
    'bid.seal': async () => ids.job,
    'sealed.list': async () => world.sealed,
    'sealed.damaged': async () => world.damaged,
    'sealed.submit': async () => ids.job,
    'sealed.withdraw': async () => ids.job,
    'opening.state': async () => world.opening,
    'opening.release': async () => ids.job,
    'job.list': async () => world.jobs,
    'job.cancel': async () => null,
    'question.list': async () => world.questions,
    'question.answer': async () => null,
    'rehearsal.state': async () => world.rehearsal,
    'rehearsal.start': async () => job.job,
    'rehearsal.skipToOpening': async () => world.rehearsal,
    'rehearsal.stop': async () => (world.rehearsal = { running: false, tender: null, practicePin: null }),
  }
}

function setPlatform(world: World, id: TenderId, platformAddress: string): TenderView {
  const found = world.tenders.find(each => each.tender === id) ?? tender
  const changed = { ...found, platformAddress }
  world.tenders = world.tenders.map(each => (each.tender === id ? changed : each))
  return changed
}
