import { AppFailure } from '../../contract/failure.ts'
import type { Handlers } from '../../contract/requests.ts'
import type { OpeningView } from '../../contract/views.ts'
import { attendOpening } from '../../services/index.ts'
import type { OpeningQuestions } from '../../services/index.ts'
import type { Delivery } from '../../store/index.ts'
import type { IpcContext } from '../context.ts'
import type { Desk } from '../desks.ts'
import { trustOf } from '../desks.ts'
import type { RunningJob } from '../jobs.ts'
import { platformOf } from '../platform-address.ts'
import type { Questions } from '../questions.ts'
import { withLocks } from '../with-locks.ts'

/** The opening: where it stands, and the release of the keys. */
export function openingHandlers(context: IpcContext): Pick<Handlers, 'opening.state' | 'opening.release'> {
  const { desks, jobs, locks } = context
  return {
    'opening.state': async seal => {
      const { desk, delivery } = await desks.ofSeal(seal)
      return openingView(desk, delivery)
    },
    'opening.release': async (seal, lock) => {
      const { desk, delivery } = await desks.ofSeal(seal)
      const platformUrl = platformOf(desk, delivery)
      const token = locks.uriOf(lock)
      return jobs.start({ kind: 'release', about: seal, seal }, async job => {
        await withLocks(context, desk, job, { purpose: 'release', locks: [lock] }, async parts => {
          const request = { bid: seal, platformUrl, token, trust: await trustOf(desk), follow: true, confirm: true }
          const told = { questions: questionsOf(context.questions, job), onStep: stepsOf(context, job) }
          await attendOpening(parts.ports, parts.locks, { ...request, ...told }, job.control)
        })
        return seal
      })
    },
  }
}

/** Each step reached changes what the page shows of the bid, long before the job ends. */
function stepsOf(context: IpcContext, job: RunningJob): (step: string) => void {
  return step => {
    job.stage(step)
    context.emit({ kind: 'sealed-changed' })
  }
}

function questionsOf(questions: Questions, job: RunningJob): OpeningQuestions {
  return {
    isThisTheBid: shortCode => questions.ask(job, 'short-code', { shortCode }),
    hasItBegun: ({ own, platform, openingTime }) =>
      questions.ask(job, 'clock-disagrees', {
        own: own.toISOString(),
        platform: platform.toISOString(),
        openingTime: openingTime.toISOString(),
      }),
  }
}

async function openingView(desk: Desk, delivery: Delivery): Promise<OpeningView> {
  const platform = desk.ports.platformAt(platformOf(desk, delivery))
  const [tenders, serverTime] = await Promise.all([platform.tenders(), platform.serverTime()])
  const listed = tenders.find(({ packageDigest }) => packageDigest === delivery.packageDigest)
  if (listed === undefined) throw new AppFailure('platform.unknown', 'the platform does not run this tender')
  const { state, openingTime, closesAt, bids, released } = await platform.opening(listed.openingId)
  return {
    state,
    serverTime: serverTime.toISOString(),
    openingTime: openingTime.toISOString(),
    closesAt: closesAt?.toISOString() ?? null,
    bids,
    released,
  }
}
