/**
 * JSON that people have laid out, as a strict reader wants it: line ends become blanks. Line ends inside strings are no JSON
 * anyway, so nothing is read differently. A copy the caller owns.
 */
export function asOneLine(bytes: Uint8Array): Uint8Array {
  return bytes.map(byte => (byte === 0x0a || byte === 0x0d ? 0x20 : byte))
}
