import { createStore } from 'zustand/vanilla'
import type { Language } from '../../main/contract/guards.ts'
import type { AppView } from '../../main/contract/views.ts'
import { call } from '../bridge.ts'
import type { Asking } from './attempt.ts'
import { attempt, notAsking } from './attempt.ts'

export interface AppState extends Asking {
  /** Null until main has answered for the first time. */
  readonly view: AppView | null
  readonly load: () => Promise<void>
  readonly setLanguage: (language: Language) => Promise<void>
}

/** What the application is, and the language it speaks. */
export const app = createStore<AppState>()(set => ({
  ...notAsking,
  view: null,
  load: async () => {
    const view = await attempt(set, () => call('app.state'))
    if (view !== null) set({ view })
  },
  setLanguage: async language => {
    const view = await attempt(set, () => call('app.setLanguage', language))
    if (view !== null) set({ view })
  },
}))
