import type { FakeBridge, World } from './fake-bridge.ts'
import { connectTo, fakeBridge } from './fake-bridge.ts'
import { app } from '../../renderer/stores/app.ts'
import { bids } from '../../renderer/stores/bids.ts'
import { connect } from '../../renderer/stores/connect.ts'
import { forms } from '../../renderer/stores/forms.ts'
import { jobs } from '../../renderer/stores/jobs.ts'
import { locks } from '../../renderer/stores/locks.ts'
import { opening } from '../../renderer/stores/opening.ts'
import { place } from '../../renderer/stores/place.ts'
import { questions } from '../../renderer/stores/questions.ts'
import { rehearsal } from '../../renderer/stores/rehearsal.ts'
import { sealed } from '../../renderer/stores/sealed.ts'
import { tenders } from '../../renderer/stores/tenders.ts'

const stores = [app, bids, forms, jobs, locks, opening, place, questions, rehearsal, sealed, tenders] as const
const resets = [
  ...[resetOf(app), resetOf(bids), resetOf(forms), resetOf(jobs), resetOf(locks), resetOf(opening), resetOf(place)],
  ...[resetOf(questions), resetOf(rehearsal), resetOf(sealed), resetOf(tenders)],
]

/** A page that has just been opened: fresh stores in front of a fake main process. */
export function openPage(world: Partial<World> = {}): FakeBridge {
  for (const reset of resets) reset()
  const bridge = fakeBridge(world)
  connectTo(bridge)
  return bridge
}

/** Opens a page and waits until its stores are filled. Answers the fake main process. */
export async function openConnectedPage(world: Partial<World> = {}): Promise<FakeBridge> {
  const bridge = openPage(world)
  connect()
  await settled()
  return bridge
}

/** Lets every answer of the fake main process arrive. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** Rendering without a browser takes the state a store began with: here it takes the state it has. */
export function renderPresentState(): void {
  for (const store of stores) store.getInitialState = store.getState
}

/** As much of a store as a reset needs. */
interface Resettable<S> {
  readonly getInitialState: () => S
  readonly setState: (state: S, replace: true) => void
}

function resetOf<S>(store: Resettable<S>): () => void {
  const fresh = store.getInitialState()
  return () => {
    store.setState(fresh, true)
  }
}
