import { AppFailure } from '../../contract/failure.ts'
import type { PracticeContext } from '../context.ts'
import type { WaitingRelease } from '../state/opening-record.ts'
import { judgeWaiting } from './release.ts'

/**
 * The releases that wait to be judged, one at a time in the order they came, over all openings. They stand in the
 * attendances; this is only who works them off.
 */
export interface ReleaseQueue {
  /** The place of the next that comes. */
  nextPlace(context: PracticeContext): number
  /** Works off what waits, unless that is being done; never throws, never waits. */
  workOff(context: PracticeContext): void
  /** Resolves when nothing of an opening waits any more. Throws `internal` when the queue stops before. */
  emptied(context: PracticeContext, openingId: string): Promise<void>
  /** Stops after the one being judged. */
  close(): void
}

/** Waiting releases before one bid's last; null when none of its waits. */
export function aheadOf(context: PracticeContext, openingId: string, sealDigest: string): number | null {
  const last = context.openings.attendance(openingId, sealDigest).waiting.at(-1)
  return last === undefined ? null : placesBefore(context, last)
}

/** Waiting releases before one. */
export function placesBefore(context: PracticeContext, { place }: WaitingRelease): number {
  return context.openings
    .waiting()
    .reduce((sum, { waiting }) => sum + waiting.filter(each => each.place < place).length, 0)
}

/** After so many tries a release counts as refused. */
const mostTries = 30
/** How long the queue rests after a release could not be judged for want of this platform's disk, in milliseconds. */
const rest = 1_000

/** A queue nobody works at yet. */
export function releaseQueue(): ReleaseQueue {
  let working = false
  let closed = false
  let lastPlace = 0
  let looking: (() => void)[] = []
  /** Tries of a release that could not be judged. */
  const tries = new Map<string, number>()

  const work = async (context: PracticeContext): Promise<void> => {
    for (let next = firstOf(context); next !== null && !isClosed(); next = firstOf(context)) {
      await pause(context.script.perRelease())
      if (isClosed()) return
      const { releaseDigest } = next.release
      const tried = (tries.get(releaseDigest) ?? 0) + 1
      tries.set(releaseDigest, tried)
      try {
        await judgeWaiting(context, next.openingId, next.sealDigest, next.release, tried >= mostTries)
        tries.delete(releaseDigest)
      } catch (error) {
        context.log(`a release in the queue could not be judged: ${error instanceof Error ? error.message : 'thrown'}`)
        await pause(rest)
      }
      tellAll()
    }
  }
  const tellAll = (): void => {
    const told = looking
    looking = []
    for (const look of told) look()
  }
  const isClosed = (): boolean => closed

  const queue: ReleaseQueue = {
    nextPlace(context) {
      const places = context.openings.waiting().flatMap(({ waiting }) => waiting.map(({ place }) => place))
      lastPlace = Math.max(lastPlace, ...places) + 1
      return lastPlace
    },
    workOff(context) {
      if (working || closed) return
      working = true
      void work(context).finally(() => {
        working = false
        if (firstOf(context) !== null) queue.workOff(context)
      })
    },
    async emptied(context, openingId) {
      while (context.openings.waiting().some(each => each.openingId === openingId)) {
        if (closed) throw new AppFailure('internal', 'the queue has stopped')
        queue.workOff(context)
        await new Promise<void>(resolve => looking.push(resolve))
      }
    },
    close() {
      closed = true
      tellAll()
    },
  }
  return queue
}

interface Next {
  readonly openingId: string
  readonly sealDigest: string
  readonly release: WaitingRelease
}

function firstOf(context: PracticeContext): Next | null {
  const all = context.openings
    .waiting()
    .flatMap(({ openingId, sealDigest, waiting }) => waiting.map(release => ({ openingId, sealDigest, release })))
  return all.reduce<Next | null>(
    (first, each) => (first === null || each.release.place < first.release.place ? each : first),
    null,
  )
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds === 0 ? Promise.resolve() : new Promise(resolve => setTimeout(resolve, milliseconds))
}
