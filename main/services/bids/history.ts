import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import { draftChanges } from './draft-changes.ts'
import type { DraftChange } from './draft-changes.ts'
import type { BidDraft } from './draft.ts'
import type { KeptFile, KeptState } from './revisions.ts'
import { keptFiles, keptStates, readState } from './revisions.ts'

/** A line of states that does not lead to the present one: somebody went on from the same state elsewhere. */
export interface Fork {
  /** The last state of the other line. */
  readonly other: KeptState
  /** The last state both have, null when it is not kept any more. */
  readonly common: KeptState | null
  /** What was done there since then; where `common` is null, all that is different there. */
  readonly there: readonly DraftChange[]
  /** What was done here. */
  readonly here: readonly DraftChange[]
}

/** Everything known of a bid folder's past. */
export interface BidHistory {
  readonly present: KeptState
  /** The states that led to the present one, the newest first, the present one itself left out. */
  readonly earlier: readonly KeptState[]
  readonly forks: readonly Fork[]
  /** Every state there is, of all lines. */
  readonly states: readonly KeptState[]
  /** Documents that only earlier states name. */
  readonly files: readonly KeptFile[]
  /** Files of the history that can't be read. */
  readonly damaged: readonly string[]
}

/**
 * Reads the past of a bid folder, forks included: states of another line in its own history (two machines' folders merged),
 * in conflict copies that synchronising programs leave beside `bid.json`, and in `other`, a second folder of the same bid.
 * Throws `bid.invalid` when the folder has no bid.
 */
export async function bidHistory(folder: string, other?: string): Promise<BidHistory> {
  const present = await presentState(folder)
  const kept = await keptStates(folder)
  const beside = await conflictCopies(folder)
  const elsewhere = other === undefined ? [] : [await presentState(other), ...(await keptStates(other)).states]
  const states = distinct([present, ...kept.states, ...beside, ...elsewhere])
  const line = lineOf(present, states)
  return {
    present,
    earlier: line.slice(1),
    forks: forksOf(present, line, states),
    states,
    files: await keptFiles(folder),
    damaged: kept.damaged,
  }
}

async function presentState(folder: string): Promise<KeptState> {
  const state = await readState(join(folder, 'bid.json')).catch((error: unknown) => {
    if (error instanceof AppFailure) throw error
    return null
  })
  if (state === null) throw new AppFailure('bid.invalid', 'the folder has no bid.json')
  return state
}

/** `bid (1).json`, `bid-DESKTOP.json`, `bid.sync-conflict-….json`, `bid 冲突副本.json`. */
async function conflictCopies(folder: string): Promise<readonly KeptState[]> {
  const names = (await readdir(folder)).filter(name => /^bid.+\.json$/i.test(name) && name !== 'bid.json')
  const states = await Promise.all(names.map(name => readState(join(folder, name)).catch(() => null)))
  return states.filter((state): state is KeptState => state !== null)
}

/** A state and those it came from, as far back as they are kept. */
function lineOf(last: KeptState, states: readonly KeptState[]): readonly KeptState[] {
  const byDigest = new Map(states.map(state => [state.digest, state]))
  const line = [last]
  for (let parent = last.draft.parent; parent !== null;) {
    const state = byDigest.get(parent)
    // A digest can't lead back to itself, so this ends.
    if (state === undefined) break
    line.push(state)
    parent = state.draft.parent
  }
  return line
}

function forksOf(present: KeptState, line: readonly KeptState[], states: readonly KeptState[]): readonly Fork[] {
  const here = new Set(line.map(({ digest }) => digest))
  const parents = new Set(states.map(({ draft }) => draft.parent))
  // What has been taken over from the other line by restoring its last state is settled.
  const settled = (other: KeptState): boolean => line.some(({ draft }) => isSame(draft, other.draft))
  const ends = states.filter(state => !here.has(state.digest) && !parents.has(state.digest) && !settled(state))
  return ends.map(other => {
    const theirs = lineOf(other, states)
    const common = theirs.find(({ digest }) => here.has(digest)) ?? null
    if (common === null) return { other, common, there: draftChanges(present.draft, other.draft), here: [] }
    return {
      ...{ other, common },
      there: draftChanges(common.draft, other.draft),
      here: draftChanges(common.draft, present.draft),
    }
  })
}

/** Whether two states hold the same; a restored document may lie in another folder. */
function isSame(a: BidDraft, b: BidDraft): boolean {
  const byName = ({ documents, ...draft }: BidDraft): BidDraft => ({
    ...draft,
    documents: documents.map(each => ({ ...each, path: each.path.slice(each.path.lastIndexOf('/') + 1) })),
  })
  return draftChanges(byName(a), byName(b)).length === 0
}

function distinct(states: readonly KeptState[]): readonly KeptState[] {
  return [...new Map([...states].reverse().map(state => [state.digest, state])).values()].sort(
    (a, b) => a.revision - b.revision,
  )
}
