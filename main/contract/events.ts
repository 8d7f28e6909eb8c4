import type { JobView, QuestionView } from './views.ts'

/** The one channel on which main speaks unasked. */
export const eventChannel = 'event'

/** What main tells the page: a job moved, a job asks, the locks or the sealed bids changed (ask again). */
export type AppEvent =
  | { readonly kind: 'job'; readonly job: JobView }
  | { readonly kind: 'question'; readonly question: QuestionView }
  | { readonly kind: 'locks-changed' }
  | { readonly kind: 'sealed-changed' }

/** What the preload exposes for events. Answers a function that stops listening. */
export interface EventApi {
  readonly onEvent: (listener: (event: AppEvent) => void) => () => void
}
