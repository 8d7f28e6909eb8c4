import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import { parseDriverProfile } from '../../../../crypto/token/profiles/driver-profile-file.ts'
import {
  parseVendorProfile,
  parseVendorProfiles,
  type VendorLibrary,
  type VendorProfiles,
} from '../../../../crypto/token/profiles/vendor-profile.ts'
import { type Complete, mutations, otherFields } from '../../../fixtures/agreement.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { misfits, type Schema } from '../../../fixtures/json-schema.ts'
import { bytes, smallProfiles } from '../../../fixtures/publisher.ts'

const folder = new URL('../../../../crypto/token/profiles/data/', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('vendor-profiles.schema.json', folder), 'utf8')) as Schema
const source = JSON.parse(readFileSync(new URL('vendor-profiles.json', folder), 'utf8')) as unknown

const words = { zh: '词', en: 'word' }
const file = { names: ['a.dll'], platforms: ['win32'], version: '2026', note: words } as const

const pkcs11: Complete<Extract<VendorLibrary, { kind: 'pkcs11' }>> = {
  ...{ kind: 'pkcs11', ...file, sha256: ['aa'.repeat(32)] },
  pkcs11: {
    parameters: "configdir='sql:/somewhere'",
    sm2: {
      keyType: 0x80000004,
      ecParams: 'oid',
      generate: 0x80008001,
      sign: { mechanism: 0x80008105, input: 'e', parameter: 'none', output: 'raw' },
      decrypt: { mechanism: 0x80008201, layout: 'asn1' },
      maxInput: 4096,
    },
    ecPoint: 'bare',
    keyPairing: 'public-key',
  },
  documentedSm2: {
    ...{ keyType: [1], generate: [2], signMessage: [3], signDigest: [4, 5], decrypt: [6], unwrap: [7] },
    output: 'der',
  },
}

const skf: Complete<Extract<VendorLibrary, { kind: 'skf' }>> = {
  ...{ kind: 'skf', ...file, sha256: ['bb'.repeat(32)] },
  skf: {
    ...{ layout: 'packed', convention: 'cdecl', decrypt: 'by-blocks' },
    sm2Extension: { name: 'V_ECCPrvKeyDecrypt', selector: 'key-spec', input: 'blob' },
    rsaExtension: { name: 'SKF_RSAPrvKeyDecrypt', selector: 'none', input: 'bytes' },
  },
}

const complete: Omit<Complete<VendorProfiles>, 'profiles'> & { readonly profiles: readonly object[] } = {
  version: 7,
  issuedAt: '2026-01-01T00:00:00Z',
  profiles: [completeProfile()],
}

function completeProfile(): Omit<Complete<VendorProfiles['profiles'][number]>, 'libraries'> & {
  readonly libraries: readonly object[]
} {
  return {
    ...{ id: 'sample-1', vendor: words, ca: 'some-ca', unlock: words, factoryPin: words, evidence: 'documents' },
    libraries: [pkcs11, skf],
    paths: { win32: ['C:\\Windows\\System32'], darwin: ['/Library/Vendor'], linux: ['/usr/lib'] },
    creditCodeOids: ['1.2.156.10260.4.1.4'],
    notes: [words],
  }
}

function parsed(value: unknown): VendorProfiles {
  return parseVendorProfiles(bytes(JSON.stringify(value)))
}

function accepts(value: unknown): boolean {
  try {
    parsed(value)
    return true
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'data.malformed') return false
    throw error
  }
}

describe('the reader of vendor profiles', () => {
  it('gives every field back as it was', () => {
    expect(parsed(complete)).toEqual(complete)
  })

  it('reads numbers as vendors’ headers write them', () => {
    const text = JSON.stringify(complete).replace('2147516677', '"0x80008105"')
    expect(text).toContain('0x80008105')
    expect(parseVendorProfiles(bytes(text))).toEqual(complete)
    for (const wrong of ['"80008105"', '"0x180008105"', '"0x"', '4294967296', '"0X1"', '1.5']) {
      const bad = bytes(JSON.stringify(complete).replace('2147516677', wrong))
      expectFailure('data.malformed', () => parseVendorProfiles(bad))
    }
  })

  it('says where something is wrong', () => {
    const value = structuredClone(smallProfiles(1))
    value.profiles[0]!.libraries[0]!.names = ['folder/a.so']
    expect(expectFailure('data.malformed', () => parsed(value))).toContain('profiles[0].libraries[0].names[0]')
  })

  it('refuses what would make two readings possible', () => {
    const [profile] = smallProfiles(1).profiles
    const twice = { ...smallProfiles(1), profiles: [profile, profile] }
    expect(accepts(twice)).toBe(false)
    const sameFile = { ...complete, profiles: [completeProfile(), { ...completeProfile(), id: 'sample-2' }] }
    expect(accepts(sameFile)).toBe(false)
    const cases = structuredClone(smallProfiles(1))
    cases.profiles[0]!.libraries[0]!.names = ['a.dll', 'A.DLL']
    expect(accepts(cases)).toBe(false)
  })

  it.each([
    ['linux', 'usr/lib'],
    ['linux', '/usr/lib/../../home'],
    ['linux', 'C:\\Windows'],
    ['win32', 'Windows\\System32'],
    ['win32', '\\\\server\\share'],
    ['win32', 'C:\\Windows\\..\\Users'],
    ['win32', '/usr/lib'],
  ])('SECURITY A9: refuses, on %s, the path %s', (platform, path) => {
    const value = structuredClone(smallProfiles(1)) as { profiles: object[] }
    value.profiles[0] = { ...value.profiles[0], paths: { [platform]: [path] } }
    expect(accepts(value)).toBe(false)
  })

  it('refuses an extension for RSA that takes a structure of SM2', () => {
    const value = JSON.stringify(complete).replace('"input":"bytes"', '"input":"blob"')
    expectFailure('data.malformed', () => parseVendorProfiles(bytes(value)))
  })

  it('refuses the extensions of SKF for a library of PKCS#11, and the other way round', () => {
    for (const libraries of [[{ ...pkcs11, skf: skf.skf }], [{ ...skf, pkcs11: pkcs11.pkcs11 }]]) {
      expect(accepts({ ...complete, profiles: [{ ...completeProfile(), libraries }] })).toBe(false)
    }
  })

  it('refuses more than it is made for', () => {
    const many = {
      ...smallProfiles(1),
      profiles: Array.from({ length: 257 }, (_, i) => ({ ...completeProfile(), id: `v-${i}` })),
    }
    expect(accepts(many)).toBe(false)
    expectFailure('data.malformed', () => parseVendorProfiles(new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20)))
  })
})

describe('the published schema of vendor profiles', () => {
  it('fits the source of the shipped data', () => {
    expect(misfits(schema, source)).toEqual([])
  })

  it('lists the fields of the types, no more and no less', () => {
    expect(otherFields(schema, complete)).toEqual([])
  })

  it('accepts and refuses what the reader does, field by field', () => {
    const all = mutations(complete)
    expect(all.length).toBeGreaterThan(300)
    const apart = all.filter(({ value }) => accepts(value) !== (misfits(schema, value).length === 0))
    expect(apart.map(({ what }) => what)).toEqual([])
  })
})

describe('a profile of the user’s own', () => {
  it('may be laid out over many lines', () => {
    const text = JSON.stringify(completeProfile(), null, 2).replaceAll('\n', '\r\n')
    expect(parseVendorProfile(bytes(text))).toEqual(completeProfile())
    expect(parseDriverProfile(bytes(text))).toEqual({ kind: 'vendor', vendor: completeProfile() })
  })

  it('may be what one driver is told, and no more', () => {
    expect(parseDriverProfile(bytes(JSON.stringify(skf.skf)))).toEqual({ kind: 'skf', profile: skf.skf })
    expect(parseDriverProfile(bytes('{ "keyPairing": "public-key" }'))).toEqual({
      kind: 'pkcs11',
      profile: { keyPairing: 'public-key' },
    })
    const told = { kind: 'pkcs11', profile: pkcs11.pkcs11 }
    expect(parseDriverProfile(bytes(JSON.stringify(pkcs11.pkcs11)))).toEqual(told)
  })

  it.each([
    '',
    '{}',
    '[]',
    '"x"',
    '{"surplus":1}',
    '{"sm2":{}}',
    '{"layout":"packed","ecPoint":"bare"}',
    '{"libraries":[]}',
  ])('is refused when it is %s', text => {
    expectFailure('data.malformed', () => parseDriverProfile(bytes(text)))
  })
})
