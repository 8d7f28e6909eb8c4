import type { Randomness } from '../io/ports.ts'

/** Crockford's base 32: no I, L, O, U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const codeLength = 40

/** A fresh recovery code: 40 characters, 200 bits. Shown once, never stored. */
export function makeRecoveryCode(randomness: Randomness): string {
  return [...randomness.bytes(codeLength)].map(byte => alphabet[byte & 31]).join('')
}

/** The code in eight groups of five, for paper. */
export function printRecoveryCode(code: string): string {
  return (code.match(/.{1,5}/g) ?? []).join('-')
}

/** The 40 capitals of a code as somebody typed it (spaces, dashes, small letters, O for 0, I or L for 1), or null. */
export function readRecoveryCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  return code.length === codeLength && [...code].every(character => alphabet.includes(character)) ? code : null
}
