import { createStore } from 'zustand/vanilla'
import type { BidId, TenderName } from '../../main/contract/ids.ts'
import type { BidView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'

/** What was typed into one form and is not saved yet. */
export interface TypedForm {
  readonly bid: BidId
  readonly form: TenderName
  readonly values: Readonly<Record<TenderName, string>>
}

export interface FormsState extends Asking {
  readonly typed: readonly TypedForm[]
  /** Takes a keystroke; the form saves itself a moment after the last one. */
  readonly type: (bid: BidId, form: TenderName, field: TenderName, value: string) => void
  readonly save: (bid: BidId, form: TenderName) => Promise<boolean>
  /** Saves whatever was typed. Answers whether nothing is left unsaved. */
  readonly saveAll: () => Promise<boolean>
  /** Says who is told of a bid that was saved. */
  readonly onSaved: (listener: (bid: BidView) => void) => void
}

/** How long after the last keystroke a form saves itself, in milliseconds. */
export const savesAfter = 800

/** What is being typed into the forms of bids: kept apart from what is saved, so that no keystroke is lost. */
export const forms = createStore<FormsState>()((set, get) => {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let saved: (bid: BidView) => void = () => undefined

  function schedule(bid: BidId, form: TenderName): void {
    const key = `${bid} ${form}`
    clearTimeout(timers.get(key))
    timers.set(
      key,
      setTimeout(() => void get().save(bid, form), savesAfter),
    )
  }

  async function save(bid: BidId, form: TenderName): Promise<boolean> {
    clearTimeout(timers.get(`${bid} ${form}`))
    const sent = typedIn(get(), bid, form)
    if (sent === null) return true
    const values = Object.entries(sent.values).map(([name, value]) => ({ name: name as TenderName, value }))
    const changed = await attempt(set, () => call('bid.fillForm', bid, form, values))
    if (changed === null) return false
    // What was typed while the request was under way is newer than what it saved: it stays, and is saved next.
    set({ typed: get().typed.filter(each => each !== sent) })
    saved(changed)
    return true
  }

  return {
    ...notAsking,
    typed: [],
    type: (bid, form, field, value) => {
      const before = typedIn(get(), bid, form)
      const next = { bid, form, values: { ...before?.values, [field]: value } }
      set({ typed: [...get().typed.filter(each => each !== before), next] })
      schedule(bid, form)
    },
    save,
    saveAll: async () => {
      for (const { bid, form } of get().typed) if (!(await save(bid, form))) return false
      return get().typed.length === 0
    },
    onSaved: listener => {
      saved = listener
    },
  }
})

/** What was typed into a form and is not saved; null when it is as saved. */
export function typedIn({ typed }: FormsState, bid: BidId, form: TenderName): TypedForm | null {
  return typed.find(each => each.bid === bid && each.form === form) ?? null
}
