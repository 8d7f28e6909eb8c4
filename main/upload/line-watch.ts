import { networkInterfaces } from 'node:os'

/** What may have cut a connection without a word. */
export type LineEvent = 'woke' | 'network-changed'

/** Watches for what cuts connections silently. */
export interface LineWatch {
  /** Called each time; answers how to stop being called. */
  onEvent(tell: (event: LineEvent) => void): () => void
  close(): void
}

/** What is looked at; the computer's own unless told otherwise. */
export interface LineSenses {
  /** Milliseconds of a clock nobody sets. */
  readonly monotonic?: (() => number) | undefined
  /** Milliseconds of the clock that goes on while the computer sleeps. */
  readonly wall?: (() => number) | undefined
  /** The addresses this computer has, as one text. */
  readonly addresses?: (() => string) | undefined
  /** Milliseconds from look to look. */
  readonly every?: number | undefined
}

/** Two clocks that part by more, or a look that comes so much too late, mean that the computer has slept. Milliseconds. */
const gap = 5_000

/**
 * Looks every second whether the computer has slept (the clocks have parted where the one nobody sets stands still, or the
 * look comes late where it goes on) or has other addresses than before. A clock that was set looks like a sleep, and costs
 * one question for the offset. Does not hold the process.
 */
export function watchLine(senses: LineSenses = {}): LineWatch {
  const { monotonic = () => performance.now(), wall = Date.now, addresses = ownAddresses, every = 1_000 } = senses
  const told = new Set<(event: LineEvent) => void>()
  let last = { monotonic: monotonic(), wall: wall(), addresses: addresses() }
  const timer = setInterval(() => {
    const now = { monotonic: monotonic(), wall: wall(), addresses: addresses() }
    const passed = now.monotonic - last.monotonic
    const parted = Math.abs(now.wall - last.wall - passed)
    const woke = parted > gap || passed > every + gap
    const changed = now.addresses !== last.addresses
    last = now
    if (!woke && !changed) return
    for (const tell of [...told]) tell(woke ? 'woke' : 'network-changed')
  }, every)
  timer.unref()
  return {
    onEvent(tell) {
      told.add(tell)
      return () => void told.delete(tell)
    },
    close() {
      clearInterval(timer)
      told.clear()
    },
  }
}

/** Temporary IPv6 addresses come and go on a line that stays: of IPv6 the network alone counts. */
function ownAddresses(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, list = []]) =>
      list
        .filter(({ internal }) => !internal)
        .map(({ address, family }) => `${name} ${family === 'IPv6' ? address.split(':', 4).join(':') : address}`),
    )
    .sort()
    .filter((each, index, all) => each !== all[index - 1])
    .join('\n')
}
