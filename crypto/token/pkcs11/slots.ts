import type { Handle, PKCS11, TokenInfo } from 'pkcs11js'
import type { PinState } from '../port.ts'
import type { TokenAttributes } from '../uri.ts'
import { CKF, CKR } from './constants.ts'
import { isCode } from './errors.ts'

/** One slot with a token in it. */
export interface TokenSlot extends TokenAttributes {
  readonly slot: Handle
  readonly flags: number
  /** In bytes, as the token tells them: it may tell anything. */
  readonly pinLengths: { readonly least: number; readonly most: number }
}

/** Slots looked at in one enumeration. */
const slotLimit = 64

const mechanismLimit = 1024

/**
 * Every slot with a token, initialised or not. One that does not answer is passed over, so that a broken token does not
 * hide the others; `suspect` tells that there was one and that it is not merely away. Throws what the library throws when it cannot enumerate at all.
 */
export function readSlots(functions: PKCS11): { readonly tokens: readonly TokenSlot[]; readonly suspect: boolean } {
  const tokens: TokenSlot[] = []
  let suspect = false
  for (const slot of functions.C_GetSlotList(true).slice(0, slotLimit)) {
    try {
      tokens.push(describe(slot, functions.C_GetTokenInfo(slot)))
    } catch (error) {
      suspect ||= !isAbsence(error)
    }
  }
  return { tokens, suspect }
}

/** Whether an error says that there is no token to be read, or none of this library's. */
export function isAbsence(error: unknown): boolean {
  return isCode(error, CKR.tokenNotPresent, CKR.tokenNotRecognized, CKR.deviceRemoved)
}

/** The slot's token as it is now. Throws what the library throws. */
export function readToken(functions: PKCS11, slot: Handle): TokenSlot {
  return describe(slot, functions.C_GetTokenInfo(slot))
}

/** What the flags tell of the user PIN; none of it uses up a try. */
export function pinState(flags: number): PinState {
  const protectedPath = (flags & CKF.protectedAuthenticationPath) !== 0
  if ((flags & CKF.userPinLocked) !== 0) return { state: 'locked', protectedPath }
  if ((flags & CKF.userPinFinalTry) !== 0) return { state: 'last-try', triesLeft: 1, protectedPath }
  if ((flags & CKF.userPinCountLow) !== 0) return { state: 'few-tries', protectedPath }
  if ((flags & CKF.userPinInitialized) === 0) return { state: 'not-set', protectedPath }
  return { state: 'ok', protectedPath }
}

export function isInitialized(token: TokenSlot): boolean {
  return (token.flags & CKF.tokenInitialized) !== 0
}

/** Mechanism numbers the token claims; empty where it does not tell. */
export function readMechanisms(functions: PKCS11, slot: Handle): ReadonlySet<number> {
  try {
    return new Set(functions.C_GetMechanismList(slot).slice(0, mechanismLimit))
  } catch {
    return new Set()
  }
}

/** Fixed-width text of the library: padded with blanks, by some with zeros. */
export function trimmed(text: string): string {
  return text.replace(/[\s\0]+$/, '').slice(0, 256)
}

function describe(slot: Handle, info: TokenInfo): TokenSlot {
  return {
    slot,
    flags: info.flags,
    pinLengths: { least: info.minPinLen, most: info.maxPinLen },
    label: trimmed(info.label),
    serial: trimmed(info.serialNumber),
    manufacturer: trimmed(info.manufacturerID),
    model: trimmed(info.model),
  }
}
