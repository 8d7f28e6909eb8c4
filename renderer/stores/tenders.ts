import { createStore } from 'zustand/vanilla'
import type { TenderId } from '../../main/contract/ids.ts'
import type { TenderView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'
import { replaced } from './replaced.ts'

export interface TendersState extends Asking {
  readonly tenders: readonly TenderView[] | null
  /** The tender whose bid the screens are about. */
  readonly chosen: TenderId | null
  readonly load: () => Promise<void>
  /** Has the user pick a package; the one that was imported is chosen. */
  readonly importPackage: () => Promise<void>
  readonly setPlatform: (tender: TenderId, address: string) => Promise<void>
  readonly choose: (tender: TenderId | null) => void
}

/** The imported tenders, and which one is being worked on. */
export const tenders = createStore<TendersState>()((set, get) => ({
  ...notAsking,
  tenders: null,
  chosen: null,
  load: async () => {
    const listed = await attempt(set, () => call('tender.list'))
    if (listed === null) return
    const known = listed.some(({ tender }) => tender === get().chosen)
    set({ tenders: listed, chosen: known ? get().chosen : (listed[0]?.tender ?? null) })
  },
  importPackage: async () => {
    const imported = await attempt(set, () => call('tender.import'))
    if (imported !== null) set({ tenders: withTender(get().tenders, imported), chosen: imported.tender })
  },
  setPlatform: async (tender, address) => {
    const changed = await attempt(set, () => call('tender.setPlatform', tender, address))
    if (changed !== null) set({ tenders: withTender(get().tenders, changed) })
  },
  choose: chosen => {
    set({ chosen, failure: null })
  },
}))

/** The tender that is being worked on. */
export function chosenTender({ tenders: listed, chosen }: TendersState): TenderView | null {
  return listed?.find(({ tender }) => tender === chosen) ?? null
}

function withTender(listed: readonly TenderView[] | null, tender: TenderView): readonly TenderView[] {
  return replaced(listed ?? [], tender, each => each.tender === tender.tender)
}
