import type { Ask, RawInput, RawOutput, RawResult, RawRoom } from '../ask.ts'
import { askTwice, handle, input, nothing, number, output, outputOf, resultOf } from '../ask.ts'
import type { RawArgument } from '../raw-call.ts'
import { rawLimits } from '../raw-call.ts'
import { opened, type RawHandle } from './devices.ts'

/** BLOCKCIPHERPARAM: the initialisation vector, and a padding of 0 for none or 1 for PKCS #5. */
export interface CipherParameter {
  readonly iv: Uint8Array
  readonly padding?: number
}

/** ECCSIGNATUREBLOB and ECCPUBLICKEYBLOB in bytes, the same in both layouts. */
const blob = { signature: 128 } as const

/** The algorithm SGD_SM3, and others, are of GM/T 0006. Structures are bytes. GM/T 0016-2012 7.6. */
export function skfOperationCalls(ask: Ask) {
  const call = async (name: string, ...args: RawArgument[]): Promise<RawResult> => resultOf(await ask(name, ...args))
  const turn =
    (name: string) =>
    async (key: string, data: RawInput, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(key), ...input(data), ...output(room)))
  const twice =
    (name: string) =>
    (key: string, data: RawInput): Promise<RawOutput> =>
      askTwice(room => turn(name)(key, data, room), rawLimits.room)
  const end =
    (name: string) =>
    async (key: string, room: RawRoom): Promise<RawOutput> =>
      outputOf(await ask(name, handle(key), ...output(room)))
  const cipherInit =
    (name: string) =>
    (key: string, parameter: CipherParameter): Promise<RawResult> =>
      call(name, handle(key), { kind: 'cipher', ...parameter })
  return {
    /** `digest` is e = SM3(Z ‖ M), 32 bytes. The signature is r and s, 64 bytes each, right-aligned. */
    eccSign: async (container: string, digest: RawInput): Promise<RawResult & { readonly signature: Uint8Array }> => {
      const room = { kind: 'room', length: blob.signature } as const
      const answer = await ask('SKF_ECCSignData', handle(container), ...input(digest), room)
      const [signature] = answer.answers.slice(-1)
      return { ...resultOf(answer), signature: signature instanceof Uint8Array ? signature : new Uint8Array(0) }
    },
    eccVerify: (device: string, publicKey: Uint8Array, digest: RawInput, signature: Uint8Array) =>
      call('SKF_ECCVerify', handle(device), given(publicKey), ...input(digest), given(signature)),
    /** The digest comes in its DigestInfo; the token pads. */
    rsaSign: turn('SKF_RSASignData'),
    /** The length, then the signature. */
    rsaSignWhole: twice('SKF_RSASignData'),
    extEccEncrypt: async (
      device: string,
      publicKey: Uint8Array,
      plaintext: Uint8Array,
    ): Promise<RawResult & { readonly cipher: Uint8Array }> => {
      const room = { kind: 'room', length: 164 + plaintext.length } as const
      const answer = await ask('SKF_ExtECCEncrypt', handle(device), given(publicKey), ...input(plaintext), room)
      const [cipher] = answer.answers.slice(-1)
      return { ...resultOf(answer), cipher: cipher instanceof Uint8Array ? cipher : new Uint8Array(0) }
    },
    /** `wrapped` is an ECCCIPHERBLOB, or a PKCS #1 block; the algorithm is that of what follows. */
    importSessionKey: async (container: string, algorithm: number, wrapped: RawInput): Promise<RawHandle> =>
      opened(
        await ask(
          ...(['SKF_ImportSessionKey', handle(container), number(algorithm)] as const),
          ...[...input(wrapped), { kind: 'handle-out' } as const],
        ),
      ),
    encryptInit: cipherInit('SKF_EncryptInit'),
    encrypt: turn('SKF_Encrypt'),
    encryptWhole: twice('SKF_Encrypt'),
    decryptInit: cipherInit('SKF_DecryptInit'),
    decrypt: turn('SKF_Decrypt'),
    /** The length, then the plaintext. */
    decryptWhole: twice('SKF_Decrypt'),
    decryptUpdate: turn('SKF_DecryptUpdate'),
    decryptFinal: end('SKF_DecryptFinal'),
    /** With a public key (ECCPUBLICKEYBLOB) and an id, SM3 begins with Z; with null, it is plain. */
    digestInit: async (
      device: string,
      algorithm: number,
      signer: { readonly publicKey: Uint8Array; readonly id: Uint8Array } | null = null,
    ): Promise<RawHandle> =>
      opened(
        await ask(
          ...(['SKF_DigestInit', handle(device), number(algorithm)] as const),
          ...[signer === null ? nothing : given(signer.publicKey), ...input(signer?.id ?? null)],
          ...[{ kind: 'handle-out' } as const],
        ),
      ),
    digest: turn('SKF_Digest'),
    digestUpdate: async (hash: string, data: RawInput): Promise<RawResult> =>
      call('SKF_DigestUpdate', handle(hash), ...input(data)),
    digestFinal: end('SKF_DigestFinal'),
    closeHandle: (key: string) => call('SKF_CloseHandle', handle(key)),
  }
}

function given(value: Uint8Array): RawArgument {
  return { kind: 'bytes', value }
}
