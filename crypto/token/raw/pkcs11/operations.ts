import type { Ask, RawInput, RawOutput, RawResult, RawRoom } from '../ask.ts'
import { askTwice, handle, input, nothing, number, output, outputOf, resultOf } from '../ask.ts'
import { rawLimits } from '../raw-call.ts'
import { type Mechanism, mechanismArgument } from './mechanism.ts'

/** A whole operation: of what came of it, and which function answered that. */
export interface RawWhole extends RawOutput {
  /** The last function that was called. */
  readonly last: string
}

/** PKCS #11 v2.40 §5.8 (encryption) to §5.12 (verification) and §5.14 (random numbers). */
export function operationCalls(ask: Ask) {
  const begin =
    (name: string) =>
    async (session: string, mechanism: Mechanism, key: string): Promise<RawResult> =>
      resultOf(await ask(name, handle(session), mechanismArgument(mechanism), handle(key)))
  const turn =
    (name: string) =>
    async (session: string, data: RawInput, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(session), ...input(data), ...output(room)))
  const take =
    (name: string) =>
    async (session: string, data: RawInput): Promise<RawResult> =>
      resultOf(await ask(name, handle(session), ...input(data)))
  const end =
    (name: string) =>
    async (session: string, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(session), ...output(room)))
  const whole =
    (name: string) =>
    async (session: string, mechanism: Mechanism, key: string, data: RawInput): Promise<RawWhole> => {
      const begun = await begin(`${name}Init`)(session, mechanism, key)
      if (begun.code !== 0) return { ...begun, ...noOutput, last: `${name}Init` }
      const done = await askTwice(room => turn(name)(session, data, room), rawLimits.room)
      return { ...done, last: name }
    }
  return {
    signInit: begin('C_SignInit'),
    sign: turn('C_Sign'),
    signUpdate: take('C_SignUpdate'),
    signFinal: end('C_SignFinal'),
    /** C_SignInit, C_Sign for the length, C_Sign. */
    signWhole: whole('C_Sign'),
    verifyInit: begin('C_VerifyInit'),
    verify: async (session: string, data: RawInput, signature: RawInput): Promise<RawResult> =>
      resultOf(await ask('C_Verify', handle(session), ...input(data), ...input(signature))),
    encryptInit: begin('C_EncryptInit'),
    encrypt: turn('C_Encrypt'),
    encryptWhole: whole('C_Encrypt'),
    decryptInit: begin('C_DecryptInit'),
    decrypt: turn('C_Decrypt'),
    decryptUpdate: turn('C_DecryptUpdate'),
    decryptFinal: end('C_DecryptFinal'),
    /** C_DecryptInit, C_Decrypt for the length, C_Decrypt. */
    decryptWhole: whole('C_Decrypt'),
    digestInit: async (session: string, mechanism: Mechanism): Promise<RawResult> =>
      resultOf(await ask('C_DigestInit', handle(session), mechanismArgument(mechanism))),
    digest: turn('C_Digest'),
    digestUpdate: take('C_DigestUpdate'),
    digestFinal: end('C_DigestFinal'),
    seedRandom: take('C_SeedRandom'),
    /** Null is NULL_PTR with a length of 0. */
    random: async (session: string, length: number | null): Promise<RawResult & { readonly bytes: Uint8Array }> => {
      const room = length === null ? nothing : ({ kind: 'room', length } as const)
      const answer = await ask('C_GenerateRandom', handle(session), room, number(length ?? 0))
      const [, bytes] = answer.answers
      return { ...resultOf(answer), bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array(0) }
    },
  }
}

const noOutput = { length: 0, room: new Uint8Array(0), bytes: new Uint8Array(0) } as const
