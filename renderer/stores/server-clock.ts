/** The server's clock against a clock of the page that never jumps. All in milliseconds. */
export interface ServerClock {
  /** Add it to the page's monotonic time for the server's time since 1970. */
  readonly offset: number
  /** The server's time is this much off at most, either way. */
  readonly uncertainty: number
}

/** One answer of the server that told its time. */
export interface TimeAnswer {
  /** RFC 3339. */
  readonly serverTime: string
  /** The page's monotonic time when it asked and when the answer was there. */
  readonly asked: number
  readonly answered: number
}

/** Servers that tell whole seconds leave half a second open, whatever the network does. */
const resolution = 500
/** An answer that disagrees by more than both uncertainties means that the server's clock was set: it counts anew. */
const jump = 2

/** Takes an answer into account: the sharper of what was known and what it says. */
export function serverClock(known: ServerClock | null, { serverTime, asked, answered }: TimeAnswer): ServerClock {
  const uncertainty = (answered - asked) / 2 + resolution
  const fresh = { offset: Date.parse(serverTime) - (asked + answered) / 2, uncertainty }
  if (known === null || fresh.uncertainty <= known.uncertainty) return fresh
  const moved = Math.abs(fresh.offset - known.offset) > jump * (fresh.uncertainty + known.uncertainty)
  return moved ? fresh : known
}
