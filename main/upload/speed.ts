/** How fast bytes are being confirmed. */
export interface SpeedMeter {
  /** Tells how many bytes are confirmed in all at a moment, milliseconds of any clock that only goes forward. */
  confirmed(bytes: number, at: number): void
  /** Confirmed bytes a second over the window that ends now; null before anything can be said. Falls while nothing comes. */
  bytesPerSecond(now: number): number | null
}

/** Milliseconds that are looked back over: long enough for a few confirmations on a slow line. */
export const speedWindow = 20_000

/**
 * The speed of an upload over a sliding window. The first report is where it goes on from, and no progress. Bytes that the
 * platform has lost and takes again count once: what it loses lowers the speed, and it never falls below nothing.
 */
export function openSpeedMeter(window: number = speedWindow): SpeedMeter {
  let reports: readonly { readonly bytes: number; readonly at: number }[] = []
  /** What lies before the window goes, but the last of it: the window begins in the midst of what came after it. */
  const drop = (now: number): void => {
    const inside = reports.findIndex(({ at }) => at > now - window)
    const first = inside === -1 ? reports.length - 1 : inside - 1
    if (first > 0) reports = reports.slice(first)
  }
  return {
    confirmed(bytes, at) {
      reports = [...reports, { bytes, at }]
      drop(at)
    },
    bytesPerSecond(now) {
      drop(now)
      const [first] = reports
      const last = reports.at(-1)
      if (first === undefined || last === undefined) return null
      const passed = now - first.at
      if (passed <= 0 || (reports.length === 1 && passed < window)) return null
      return Math.max(0, ((last.bytes - first.bytes) * 1000) / passed)
    },
  }
}
