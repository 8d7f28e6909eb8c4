/** What a projection goes by. Times in milliseconds since 1970 by the platform's clock, null while it is not known. */
export interface ProjectionFacts {
  readonly remaining: number
  /** Null while there is none yet. */
  readonly bytesPerSecond: number | null
  readonly serverTime: number | null
  readonly uncertaintyMs: number
  readonly deadline: number
}

/** When the last byte will be there, and whether that is in time. */
export interface Projection {
  /** Null while speed or time are not known. */
  readonly finish: number | null
  /** False is the red line: at this speed it comes too late. Null while nobody can tell. */
  readonly fits: boolean | null
}

/** What is kept free before the deadline for the platform to digest the last bytes and be asked for the receipt, in ms. */
export const receiptReserve = 5_000

/**
 * Projects the upload against the deadline. Whoever decides by it decides in time: the platform's clock counts as fast as
 * it can be.
 */
export function project(facts: ProjectionFacts): Projection {
  const { remaining, bytesPerSecond, serverTime, uncertaintyMs, deadline } = facts
  if (serverTime === null) return { finish: null, fits: null }
  const late = serverTime - uncertaintyMs >= deadline
  if (remaining > 0 && bytesPerSecond === null) return { finish: null, fits: late ? false : null }
  // Nothing has come for as long as the speed is measured over: at this speed it never ends.
  if (remaining > 0 && bytesPerSecond === 0) return { finish: null, fits: false }
  const needed = remaining === 0 ? 0 : (remaining / (bytesPerSecond ?? 1)) * 1000
  const finish = serverTime + needed
  return { finish, fits: finish + uncertaintyMs + receiptReserve <= deadline }
}
