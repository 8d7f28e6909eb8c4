import { createStore } from 'zustand/vanilla'

/** The places of the rail, in the order of a bid's life; the locks stand apart. */
export const steps = ['tender', 'documents', 'seal', 'submit', 'opening', 'record', 'locks'] as const

export type Step = (typeof steps)[number]

export interface PlaceState {
  readonly step: Step
  readonly go: (step: Step) => void
}

/** Which screen is open. */
export const place = createStore<PlaceState>()(set => ({
  step: 'tender',
  go: step => {
    set({ step })
  },
}))
