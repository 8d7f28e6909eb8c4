import { integer, object, oneOf, optional, type Shape, ShapeMismatch, string } from '../../json/shape.ts'
import { number32 } from './data-shapes.ts'
import type { Pkcs11Profile, Pkcs11Sm2, SkfExtension, SkfProfile } from './driver-profile.ts'

const sm2Shape: Shape<Pkcs11Sm2> = object(
  {
    keyType: number32,
    ecParams: oneOf(['oid', 'absent']),
    generate: optional(number32),
    sign: object(
      {
        mechanism: number32,
        input: oneOf(['e', 'message']),
        parameter: oneOf(['none', 'id', 'z']),
        output: oneOf(['raw', 'der']),
      },
      { unknown: 'refuse' },
    ),
    decrypt: object(
      {
        mechanism: number32,
        layout: oneOf(['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB']),
      },
      { unknown: 'refuse' },
    ),
    maxInput: optional(integer({ min: 1, max: 2 ** 31 })),
  },
  { unknown: 'refuse' },
)

const parameters: Shape<string> = {
  read(value, at) {
    const text = string({ max: 4096 }).read(value, at)
    if (/[\u0001-\u001f\u007f]/.test(text)) throw new ShapeMismatch(`${at} holds a control character`)
    return text
  },
}

/** A {@link Pkcs11Profile} as it stands in JSON. */
export const pkcs11ProfileShape: Shape<Pkcs11Profile> = object(
  {
    parameters: optional(parameters),
    sm2: optional(sm2Shape),
    ecPoint: optional(oneOf(['octet-string', 'bare'])),
    keyPairing: optional(oneOf(['id', 'public-key'])),
  },
  { unknown: 'refuse' },
)

/** A name of C: what follows is called, so nothing else may stand there. */
const functionName = string({ max: 64, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/ })

const extensionShape: Shape<SkfExtension> = object(
  {
    name: functionName,
    selector: oneOf(['none', 'key-spec', 'sign-flag', 'type']),
    input: oneOf(['blob', 'bytes']),
  },
  { unknown: 'refuse' },
)

const rsaExtensionShape: Shape<SkfExtension> = {
  read(value, at) {
    const extension = extensionShape.read(value, at)
    if (extension.input !== 'bytes') throw new ShapeMismatch(`${at}.input: RSA ciphertexts are always bytes`)
    return extension
  },
}

/** An {@link SkfProfile} as it stands in JSON. */
export const skfProfileShape: Shape<SkfProfile> = object(
  {
    layout: optional(oneOf(['packed', 'natural'])),
    convention: optional(oneOf(['stdcall', 'cdecl'])),
    decrypt: optional(oneOf(['once', 'by-blocks'])),
    sm2Extension: optional(extensionShape),
    rsaExtension: optional(rsaExtensionShape),
  },
  { unknown: 'refuse' },
)
