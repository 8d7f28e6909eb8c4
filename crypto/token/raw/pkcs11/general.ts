import type { Ask, RawResult } from '../ask.ts'
import { fieldsAt, flag, handle, handlesAt, nothing, number, numberAt, resultOf } from '../ask.ts'
import type { RawAnswer, RawFields, RawStructName } from '../raw-call.ts'
import { rawLimits } from '../raw-call.ts'

/** The answer of a function that fills a structure. */
export interface RawStructure extends RawResult {
  readonly fields: RawFields
}

/** The answer of a function that fills a list. */
export interface RawList extends RawResult {
  /** The count that the library told; -1 for all ones. */
  readonly count: number
  /** As many of the list as there was room for and the count says; decimal. */
  readonly items: readonly string[]
}

/** How C_Initialize is called: `null` is NULL_PTR. */
export interface InitializeOptions {
  /** CKF_OS_LOCKING_OK, 2, when nothing else is said. */
  readonly flags?: number
  /** What pReserved points to: some libraries want parameters there. */
  readonly reserved?: string | null
}

/** PKCS #11 v2.40 §5.4 (general) and §5.5 (slots and tokens). */
export function generalCalls(ask: Ask) {
  const list = async (name: string, room: number | null, ...before: Parameters<Ask>[1][]): Promise<RawList> =>
    listOf(
      await ask(name, ...before, room === null ? nothing : { kind: 'handles-out', length: room }, {
        kind: 'count',
        value: room ?? 0,
      }),
    )
  const whole = async (read: (room: number | null) => Promise<RawList>): Promise<RawList> => {
    const asked = await read(null)
    return asked.code !== 0 || asked.count < 0 || asked.count > rawLimits.list ? asked : read(asked.count)
  }
  const structure = async (name: string, struct: RawStructName, ...before: Parameters<Ask>[1][]) => {
    const answer = await ask(name, ...before, { kind: 'struct', struct })
    return { ...resultOf(answer), fields: fieldsAt(answer, before.length) } satisfies RawStructure
  }
  const slotList = (tokenPresent: boolean, room: number | null): Promise<RawList> =>
    list('C_GetSlotList', room, flag(tokenPresent))
  const mechanismList = (slot: string, room: number | null): Promise<RawList> =>
    list('C_GetMechanismList', room, handle(slot))
  return {
    initialize: async (options: InitializeOptions | null = {}): Promise<RawResult> => {
      const { flags = 2, reserved = null } = options ?? {}
      return resultOf(await ask('C_Initialize', options === null ? nothing : { kind: 'initialize', flags, reserved }))
    },
    finalize: async (): Promise<RawResult> => resultOf(await ask('C_Finalize', nothing)),
    info: () => structure('C_GetInfo', 'CK_INFO'),
    /** With a room of null: the count alone. */
    slotList,
    /** The count, then all slots. */
    slots: (tokenPresent: boolean): Promise<RawList> => whole(room => slotList(tokenPresent, room)),
    slotInfo: (slot: string) => structure('C_GetSlotInfo', 'CK_SLOT_INFO', handle(slot)),
    tokenInfo: (slot: string) => structure('C_GetTokenInfo', 'CK_TOKEN_INFO', handle(slot)),
    mechanismList,
    mechanisms: async (slot: string): Promise<RawResult & { readonly mechanisms: readonly number[] }> => {
      const { items, ...result } = await whole(room => mechanismList(slot, room))
      return { ...result, mechanisms: items.map(Number) }
    },
    mechanismInfo: (slot: string, type: number) =>
      structure('C_GetMechanismInfo', 'CK_MECHANISM_INFO', handle(slot), number(type)),
    /** With CKF_DONT_BLOCK, 1, when nothing else is said: without it the call waits for a slot. */
    waitForSlotEvent: async (flags = 1): Promise<RawResult & { readonly slot: string | null }> => {
      const answer = await ask('C_WaitForSlotEvent', number(flags), { kind: 'handles-out', length: 1 }, nothing)
      return { ...resultOf(answer), slot: answer.code === 0 ? (handlesAt(answer.answers, 1)[0] ?? null) : null }
    },
  }
}

function listOf(answer: RawAnswer): RawList {
  const { answers } = answer
  const count = numberAt(answers, answers.length - 1)
  const items = handlesAt(answers, answers.length - 2)
  return { ...resultOf(answer), count, items: answer.code === 0 && count > 0 ? items.slice(0, count) : [] }
}
