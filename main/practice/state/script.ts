import type { FailureCode } from '../../contract/failure.ts'
import type { PlatformRouteName } from '../../platform/index.ts'

/** What the platform is told to do wrong, so that clients can be seen to bear it. One whole script at a time. */
export interface ScriptSpec {
  /** Nobody is served for so many milliseconds, in one of the ways servers fail. */
  readonly outage?: { readonly milliseconds: number; readonly kind: OutageKind } | undefined
  /** Every answer comes so many milliseconds later. */
  readonly latency?: number | undefined
  /** Every release takes so many milliseconds; the others wait in line. */
  readonly perRelease?: number | undefined
  /** The next requests of a route are refused so. */
  readonly refuse?: readonly ScriptedRefusal[] | undefined
  /** The next requests of a route are answered as the first one since the start was. */
  readonly replay?: readonly ScriptedTurns[] | undefined
  /** The next requests of a route are carried out, and their answers lost. */
  readonly lose?: readonly ScriptedTurns[] | undefined
}

/** `refuse`: nothing listens. `reset`: connections are reset. `503`: so it is answered. `silent`: nothing is answered. */
export const outageKinds = ['refuse', 'reset', '503', 'silent'] as const
export type OutageKind = (typeof outageKinds)[number]

/** So many requests of a route, counted from now. */
export interface ScriptedTurns {
  readonly route: PlatformRouteName
  readonly times: number
}

export interface ScriptedRefusal extends ScriptedTurns {
  readonly code: FailureCode
  /** The platform's own words for people. */
  readonly says: string
}

/** The script in force. It lives in this process: after a start there is none. */
export interface Script {
  /** Replaces the script; an empty one ends it. */
  set(spec: ScriptSpec): void
  /** The outage under way, and the milliseconds it has left; null when there is none. */
  outage(): { readonly kind: OutageKind; readonly left: number } | null
  /** Milliseconds an answer is kept back. */
  latency(): number
  /** Milliseconds a release takes. */
  perRelease(): number
  /** Whether a request of the route is to be refused; counts it. */
  refusal(route: PlatformRouteName): ScriptedRefusal | null
  /** Whether a request of the route gets an old answer; counts it. */
  replays(route: PlatformRouteName): boolean
  /** Whether the answer to a request of the route is lost; counts it. */
  loses(route: PlatformRouteName): boolean
}

/** No script, until one is set. `now` is monotonic, in milliseconds. */
export function openScript(now: () => number = () => performance.now()): Script {
  let spec: ScriptSpec = {}
  let until = 0
  let used = new Map<ScriptedTurns, number>()
  const next = <T extends ScriptedTurns>(turns: readonly T[] | undefined, route: PlatformRouteName): T | null => {
    const found = turns?.find(each => each.route === route && (used.get(each) ?? 0) < each.times)
    if (found === undefined) return null
    used.set(found, (used.get(found) ?? 0) + 1)
    return found
  }
  return {
    set(changed) {
      spec = changed
      until = now() + (changed.outage?.milliseconds ?? 0)
      used = new Map()
    },
    outage() {
      const left = until - now()
      return spec.outage === undefined || left <= 0 ? null : { kind: spec.outage.kind, left }
    },
    latency: () => spec.latency ?? 0,
    perRelease: () => spec.perRelease ?? 0,
    refusal: route => next(spec.refuse, route),
    replays: route => next(spec.replay, route) !== null,
    loses: route => next(spec.lose, route) !== null,
  }
}
