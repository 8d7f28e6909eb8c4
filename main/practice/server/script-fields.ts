import { AppFailure, isFailureCode } from '../../contract/failure.ts'
import { platformRoutes, patterns } from '../../platform/index.ts'
import type { Fields, PlatformRouteName } from '../../platform/index.ts'
import { outageKinds } from '../state/script.ts'
import type { ScriptedRefusal, ScriptedTurns, ScriptSpec } from '../state/script.ts'

/** The longest wait a script may ask for, in milliseconds: an hour. */
const longest = 3_600_000

/** A script as `openapi.yaml` describes it. Throws `arguments.bad`. */
export function decodeScript(fields: Fields): ScriptSpec {
  const outage = fields.objectOrNull('outage')
  return {
    outage:
      outage === null
        ? undefined
        : { milliseconds: wait(outage, 'milliseconds') ?? 0, kind: outage.oneOf('kind', outageKinds) },
    latency: wait(fields, 'latency'),
    perRelease: wait(fields, 'perRelease'),
    refuse: fields.objectsOrNone('refuse', 100).map(refusal),
    replay: fields.objectsOrNone('replay', 100).map(scriptedTurns),
    lose: fields.objectsOrNone('lose', 100).map(scriptedTurns),
  }
}

function wait(fields: Fields, name: string): number | undefined {
  const found = fields.countOrNull(name)
  if (found !== null && found > longest) throw new AppFailure('arguments.bad', 'a script waits an hour at most')
  return found ?? undefined
}

function scriptedTurns(fields: Fields): ScriptedTurns {
  const routes = Object.keys(platformRoutes) as readonly PlatformRouteName[]
  return { route: fields.oneOf('route', routes), times: fields.count('times') }
}

function refusal(fields: Fields): ScriptedRefusal {
  const code = fields.text('code', /^[a-z.-]{1,60}$/)
  if (!isFailureCode(code)) throw new AppFailure('arguments.bad', 'the code is none of the product’s')
  return { ...scriptedTurns(fields), code, says: fields.text('says', patterns.lineOrNone) }
}
