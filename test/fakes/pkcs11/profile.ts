import type { Pkcs11Profile, Pkcs11Sm2 } from '../../../crypto/token/profiles/driver-profile.ts'

/** Vendors whose SM2 numbers the module knows (sm2-numbers.c). */
export type SoftPkcs11Numbers = 'sansec' | 'tass' | 'koal' | 'westone' | 'ep11' | 'mssince' | 'xihsm'

/** How the module is to differ (soft.h tells what each means). */
export type SoftPkcs11Quirk =
  | 'bare-ec-point'
  | 'private-ec-point'
  | 'no-ec-params'
  | 'no-id'
  | 'no-modulus'
  | 'strip-zeros'
  | 'always-authenticate'
  | 'sm2-message'
  | 'sm2-id'
  | 'sm2-z'
  | 'sm2-der'
  | 'sm2-raw'
  | 'no-pin-flags'
  | 'protected-path'
  | `layout=${Pkcs11Sm2['decrypt']['layout']}`
  | `max-input=${number}`
  | `numbers=${SoftPkcs11Numbers}`

type Numbers = Omit<Pkcs11Sm2, 'ecParams' | 'sign'> & { readonly sign: Omit<Pkcs11Sm2['sign'], 'parameter'> }

/** The first of each in sm2-numbers.c. */
const numbers: Readonly<Record<SoftPkcs11Numbers, Numbers>> = {
  sansec: vendor(0x80000004, 0x80008001, 0x80008104, 'der', 0x80008200, 'C1C3C2'),
  tass: vendor(0x80000004, 0x80008001, 0x80008000, 'der', 0x80008200, 'asn1'),
  koal: vendor(0x80000004, 0x80008001, 0x80008000, 'raw', 0x80008200, 'asn1'),
  westone: vendor(0x80000001, 0x80000001, 0x80000002, 'raw', 0x8000003e, 'C1C3C2'),
  ep11: vendor(0x80050002, 0x8005000a, 0x8005000b, 'raw', 0x8005000d, '04C1C3C2'),
  mssince: vendor(0x00010001, 0x00010003, 0x00010002, 'raw', 0x00010001, 'C1C2C3'),
  xihsm: vendor(0xffff0001, 0xffff0001, 0xffff0002, 'raw', 0xffff0004, 'C1C3C2'),
}

/** What the profile of a module with these quirks says. */
export function softPkcs11Profile(quirks: readonly SoftPkcs11Quirk[] = []): Pkcs11Profile {
  const has = (quirk: SoftPkcs11Quirk) => quirks.includes(quirk)
  const valueOf = (name: string) => quirks.find(quirk => quirk.startsWith(`${name}=`))?.slice(name.length + 1)
  const { sign, decrypt, ...others } = numbers[vendorOf(valueOf('numbers'))]
  const maxInput = valueOf('max-input')
  const parameter = has('sm2-id') ? 'id' : has('sm2-z') ? 'z' : 'none'
  return {
    ecPoint: has('bare-ec-point') ? 'bare' : 'octet-string',
    keyPairing: has('no-id') ? 'public-key' : 'id',
    sm2: {
      ...others,
      ecParams: has('no-ec-params') ? 'absent' : 'oid',
      sign: {
        mechanism: sign.mechanism,
        input: has('sm2-message') || parameter !== 'none' ? 'message' : sign.input,
        parameter,
        output: has('sm2-der') ? 'der' : has('sm2-raw') ? 'raw' : sign.output,
      },
      decrypt: { mechanism: decrypt.mechanism, layout: layoutOf(valueOf('layout')) ?? decrypt.layout },
      ...(maxInput === undefined ? {} : { maxInput: Number(maxInput) }),
    },
  }
}

function vendor(
  keyType: number,
  generate: number,
  signMechanism: number,
  output: 'raw' | 'der',
  decryptMechanism: number,
  layout: Pkcs11Sm2['decrypt']['layout'],
): Numbers {
  return {
    keyType,
    generate,
    sign: { mechanism: signMechanism, input: 'e', output },
    decrypt: { mechanism: decryptMechanism, layout },
  }
}

function vendorOf(name: string | undefined): SoftPkcs11Numbers {
  return name !== undefined && isVendor(name) ? name : 'sansec'
}

function isVendor(name: string): name is SoftPkcs11Numbers {
  return name in numbers
}

const layouts = ['asn1', '04C1C3C2', 'C1C3C2', '04C1C2C3', 'C1C2C3', 'ECCCIPHERBLOB'] as const

function layoutOf(name: string | undefined): Pkcs11Sm2['decrypt']['layout'] | undefined {
  return layouts.find(layout => layout === name)
}
