import type { FailureCode } from '../../contract/failure.ts'

/** What a person reads about a failure. */
export interface FailureText {
  /** What happened, and whether the bid is safe. */
  readonly message: string
  /** One sentence: what to do now. */
  readonly next: string
}

/** A text for every code there is; a missing one does not compile. */
export type FailureTexts = Readonly<Record<FailureCode, FailureText>>
