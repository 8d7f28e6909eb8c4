import { describe, expect, it } from 'vitest'
import { builtInData } from '../../../../crypto/token/profiles/built-in.ts'
import { profileForLibrary } from '../../../../crypto/token/profiles/match-library.ts'
import { openPublisherData } from '../../../../crypto/token/profiles/signed-data.ts'
import type { TrustList } from '../../../../crypto/token/profiles/trust-list.ts'
import type { VendorLibrary, VendorProfile } from '../../../../crypto/token/profiles/vendor-profile.ts'

const profiles = shippedProfiles()
const trust = shippedTrust()

function shippedProfiles(): readonly VendorProfile[] {
  const data = openPublisherData(builtInData['vendor-profiles'])
  return data.kind === 'vendor-profiles' ? data.content.profiles : []
}

function shippedTrust(): TrustList {
  const data = openPublisherData(builtInData['trust-list'])
  if (data.kind !== 'trust-list') throw new Error('no trust list')
  return data.content
}

function vendor(id: string): VendorProfile {
  const found = profiles.find(each => each.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}

function skf(library: VendorLibrary | undefined) {
  return library?.kind === 'skf' ? library.skf : undefined
}

describe('the shipped vendor profiles', () => {
  it('know every vendor of the reference', () => {
    expect(profiles.map(({ id }) => id).sort()).toEqual(
      [
        ...['ccore', 'feitian-epass', 'haitai', 'ibm-ep11', 'koal', 'longmai-gm3000', 'longmai-xjca', 'mssince-mk1'],
        ...['nss', 'opensc', 'sansec', 'softhsm', 'tass', 'watchdata', 'westone', 'wisec-hebei', 'xipki-test-hsm'],
      ].sort(),
    )
  })

  it('say of everything that was never tried on a key that it was not', () => {
    const tried = profiles.filter(({ evidence }) => evidence === 'tried').map(({ id }) => id)
    expect(tried.sort()).toEqual(['nss', 'softhsm'])
  })

  it('leave no name on any system to two entries', () => {
    const names = profiles.flatMap(({ libraries }) =>
      libraries.flatMap(({ names, kind }) => names.map(name => ({ name, kind }))),
    )
    for (const { name, kind } of names) {
      const systems = (['win32', 'darwin', 'linux'] as const).filter(
        platform => profileForLibrary(profiles, { name, sha256: null, platform, kind }) !== null,
      )
      expect(systems, name).not.toEqual([])
    }
    expect(new Set(names.map(({ name }) => name.toLowerCase())).size).toBe(names.length)
  })

  it('keep several versions of one vendor’s library side by side', () => {
    const find = (name: string) =>
      profileForLibrary(profiles, { name, sha256: null, platform: 'win32', kind: 'skf' })?.library.version
    expect(find('MTOKEN_GM.DLL')).toBe('2016')
    expect(find('mtoken_gm3000.dll')).toBe('2022')
  })

  it('give the functions for decryption that one vendor documents in one way', () => {
    const [gm3000] = vendor('longmai-gm3000').libraries
    expect(skf(gm3000)?.sm2Extension).toEqual({ name: 'SKF_ECCPrvKeyDecrypt', selector: 'none', input: 'blob' })
    expect(skf(vendor('haitai').libraries[0])?.sm2Extension?.name).toBe('SKF_ECCDecrypt')
    expect(skf(vendor('ccore').libraries[0])?.sm2Extension?.selector).toBe('key-spec')
  })

  it('leave out a function of which two signatures circulate, and say so', () => {
    const wisec = vendor('wisec-hebei')
    expect(wisec.libraries.map(skf)).toEqual([undefined])
    expect(wisec.notes?.some(({ en }) => en.includes('Two signatures of SKF_PrvKeyDecrypt circulate'))).toBe(true)
  })

  it('use SM2 through PKCS#11 only where a document tells number and form', () => {
    const usable = profiles.filter(({ libraries }) =>
      libraries.some(each => each.kind === 'pkcs11' && each.pkcs11?.sm2 !== undefined),
    )
    expect(usable.map(({ id }) => id)).toEqual(['sansec'])
    const [sansec] = vendor('sansec').libraries
    expect(sansec?.kind === 'pkcs11' && sansec.pkcs11?.sm2).toEqual({
      keyType: 0x80000004,
      ecParams: 'oid',
      generate: 0x80008001,
      sign: { mechanism: 0x80008105, input: 'e', parameter: 'none', output: 'raw' },
      decrypt: { mechanism: 0x80008201, layout: 'asn1' },
    })
  })

  it('tell how a PIN is unlocked, everywhere, and warn of the PIN GM3000 keys leave the factory with', () => {
    for (const { id, unlock } of profiles) expect(unlock.zh.length * unlock.en.length, id).toBeGreaterThan(0)
    for (const id of ['longmai-gm3000', 'longmai-xjca']) {
      expect(vendor(id).factoryPin?.zh).toContain('12345678')
      expect(vendor(id).factoryPin?.en).toContain('12345678')
    }
  })

  it('never look for NSS, which wants the folder of a database first', () => {
    expect(vendor('nss').paths).toBeUndefined()
  })

  it('name only authorities of the trust list', () => {
    const known = trust.authorities.map(({ id }) => id)
    for (const { ca } of profiles) if (ca !== undefined) expect(known).toContain(ca)
  })
})

describe('the shipped trust list', () => {
  it('names the authorities of the reference, and says that it holds no root yet', () => {
    expect(trust.authorities.map(({ id }) => id)).toEqual(['bjca', 'sheca', 'zjca', 'cfca', 'hebca', 'xjca'])
    expect(trust.authorities.flatMap(({ roots }) => roots)).toEqual([])
    expect(trust.note?.en).toContain('No root certificate is in it yet')
    expect(trust.note?.zh).toContain('还没有收录任何根证书')
  })

  it('puts an authority’s own place of the credit code first', () => {
    const first = (id: string) => trust.authorities.find(each => each.id === id)?.creditCodeOids?.[0]
    expect(first('bjca')).toBe('1.2.156.112562.2.1.1.4')
    expect(first('sheca')).toBe('1.2.156.1.8888.148')
    expect(first('zjca')).toBe('1.2.156.112573.14')
    expect(first('cfca')).toBeUndefined()
  })
})
