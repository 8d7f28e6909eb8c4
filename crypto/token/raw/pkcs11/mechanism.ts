import { nothing } from '../ask.ts'
import type { RawArgument, RawParameter } from '../raw-call.ts'

/** CK_MECHANISM; null is NULL_PTR. */
export type Mechanism = { readonly type: number; readonly parameter?: RawParameter | null } | null

export function mechanismArgument(mechanism: Mechanism): RawArgument {
  if (mechanism === null) return nothing
  return { kind: 'mechanism', type: mechanism.type, parameter: mechanism.parameter ?? null }
}
