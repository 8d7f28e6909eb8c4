import { AppFailure } from '../../contract/failure.ts'

/** Questions under way to somebody who answers by their numbers, and who may be gone before. */
export interface PendingAnswers<T> {
  readonly gone: boolean
  /** Sends a question under its number and waits. Throws `internal` when the other side is, or goes, away. */
  ask(send: (number: number) => void): Promise<T>
  answered(number: number, answer: T): void
  failed(number: number, error: Error): void
  /** The other side is gone: what is under way fails, and so does whatever is asked from now on. Harmless twice. */
  end(): void
}

/** Nothing has been asked yet; `brokenOff` is the fact told of what will never be answered. */
export function pendingAnswers<T>(brokenOff: string): PendingAnswers<T> {
  const waiting = new Map<number, { readonly done: (answer: T) => void; readonly failed: (error: Error) => void }>()
  let last = 0
  let gone = false
  const take = (number: number): ReturnType<typeof waiting.get> => {
    const asking = waiting.get(number)
    waiting.delete(number)
    return asking
  }
  const ended = (): AppFailure => new AppFailure('internal', brokenOff)
  return {
    get gone() {
      return gone
    },
    ask(send) {
      last += 1
      const number = last
      return new Promise((done, failed) => {
        if (gone) {
          failed(ended())
          return
        }
        waiting.set(number, { done, failed })
        send(number)
      })
    },
    answered: (number, answer) => take(number)?.done(answer),
    failed: (number, error) => take(number)?.failed(error),
    end() {
      gone = true
      for (const { failed } of waiting.values()) failed(ended())
      waiting.clear()
    },
  }
}
