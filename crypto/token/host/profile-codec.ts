import type { Pkcs11Profile, Pkcs11Sm2, SkfExtension, SkfProfile } from '../profiles/driver-profile.ts'
import { type Codec, record, refuse, text, word } from './codec.ts'

/** A number of CK_ULONG as vendors choose them: up to 2^32 - 1. */
const number32: Codec<number> = {
  encode: value => value,
  decode: json => (typeof json === 'number' && Number.isInteger(json) && json >= 0 && json < 2 ** 32 ? json : refuse()),
}

const sm2 = record<Omit<Pkcs11Sm2, 'generate' | 'maxInput'>, { generate: number; maxInput: number }>(
  {
    keyType: number32,
    ecParams: word('oid', 'absent'),
    sign: record<Pkcs11Sm2['sign']>({
      mechanism: number32,
      input: word('e', 'message'),
      parameter: word('none', 'id', 'z'),
      output: word('raw', 'der'),
    }),
    decrypt: record<Pkcs11Sm2['decrypt']>({
      mechanism: number32,
      layout: word('asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'),
    }),
  },
  { generate: number32, maxInput: number32 },
)

const extension = record<SkfExtension>({
  name: text(64),
  selector: word('none', 'key-spec', 'sign-flag', 'type'),
  input: word('blob', 'bytes'),
})

/** How a PKCS#11 library's profile crosses to its process. */
export const pkcs11Profile: Codec<Pkcs11Profile> = record<object, Required<Pkcs11Profile>>(
  {},
  {
    parameters: text(4096),
    sm2,
    ecPoint: word('octet-string', 'bare'),
    keyPairing: word('id', 'public-key'),
  },
)

/** How an SKF library's profile crosses to its process. */
export const skfProfile: Codec<SkfProfile> = record<object, Required<SkfProfile>>(
  {},
  {
    layout: word('packed', 'natural'),
    convention: word('stdcall', 'cdecl'),
    decrypt: word('once', 'by-blocks'),
    sm2Extension: extension,
    rsaExtension: extension,
  },
)
