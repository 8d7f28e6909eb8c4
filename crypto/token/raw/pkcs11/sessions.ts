import type { Ask, RawResult } from '../ask.ts'
import { fieldsAt, handle, handleAt, input, nothing, number, resultOf } from '../ask.ts'
import type { RawStructure } from './general.ts'

/** CKF_SERIAL_SESSION, which every session must have (§5.6). */
const serialSession = 4

/** A new session; `0` where there is none. */
export interface RawSession extends RawResult {
  readonly session: string
}

/** PKCS #11 v2.40 §5.6 (sessions) and §5.5 (PINs). A PIN of null is NULL_PTR: it is typed at the token. */
export function sessionCalls(ask: Ask) {
  const call = async (name: string, ...args: Parameters<Ask>[1][]): Promise<RawResult> =>
    resultOf(await ask(name, ...args))
  return {
    /** CKF_RW_SESSION is 2. */
    openSession: async (slot: string, flags = serialSession): Promise<RawSession> => {
      const answer = await ask('C_OpenSession', handle(slot), number(flags), nothing, nothing, { kind: 'handle-out' })
      return { ...resultOf(answer), session: handleAt(answer.answers, 4) }
    },
    closeSession: (session: string) => call('C_CloseSession', handle(session)),
    closeAllSessions: (slot: string) => call('C_CloseAllSessions', handle(slot)),
    sessionInfo: async (session: string): Promise<RawStructure> => {
      const answer = await ask('C_GetSessionInfo', handle(session), { kind: 'struct', struct: 'CK_SESSION_INFO' })
      return { ...resultOf(answer), fields: fieldsAt(answer, 1) }
    },
    /** CKU_SO 0, CKU_USER 1, CKU_CONTEXT_SPECIFIC 2. A wrong PIN costs one of the token's tries. */
    login: (session: string, user: number, pin: string | null) =>
      call('C_Login', handle(session), number(user), ...input(pinBytes(pin))),
    logout: (session: string) => call('C_Logout', handle(session)),
    setPin: (session: string, oldPin: string | null, newPin: string | null) =>
      call('C_SetPIN', handle(session), ...input(pinBytes(oldPin)), ...input(pinBytes(newPin))),
    initPin: (session: string, pin: string | null) => call('C_InitPIN', handle(session), ...input(pinBytes(pin))),
  }
}

function pinBytes(pin: string | null): Uint8Array | null {
  return pin === null ? null : new TextEncoder().encode(pin)
}
