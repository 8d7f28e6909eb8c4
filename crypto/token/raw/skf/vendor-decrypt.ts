import type { SkfExtension } from '../../profiles/driver-profile.ts'
import type { Ask, RawOutput, RawRoom } from '../ask.ts'
import { flag, handle, number, output, outputOf } from '../ask.ts'
import type { RawArgument } from '../raw-call.ts'

/**
 * A vendor's own function that gives plaintexts to the host, with the parameters that its profile describes: the container,
 * the selector, the ciphertext (an ECCCIPHERBLOB, or bytes with their length), the buffer and its length.
 */
export async function vendorDecrypt(
  ask: Ask,
  { name, selector, input }: SkfExtension,
  container: string,
  ciphertext: Uint8Array,
  room: RawRoom,
): Promise<RawOutput> {
  const selected = { none: [], 'key-spec': [number(encryptionKeySpec)], 'sign-flag': [flag(false)], type: [number(0)] }
  const given: RawArgument = { kind: 'bytes', value: ciphertext }
  const taken = input === 'blob' ? [given] : [given, number(ciphertext.length)]
  return outputOf(await ask(name, handle(container), ...selected[selector], ...taken, ...output(room)))
}

/** `ulKeySpec` where a function has one: 1 is the encryption pair, 2 the signing pair. */
const encryptionKeySpec = 1
