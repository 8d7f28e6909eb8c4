import { describe, expect, it } from 'vitest'
import { type LibraryOnDisk, profileForLibrary } from '../../../../crypto/token/profiles/match-library.ts'
import type { VendorLibrary, VendorProfile } from '../../../../crypto/token/profiles/vendor-profile.ts'

const old = 'aa'.repeat(32)
const recent = 'bb'.repeat(32)
const unknown = 'cc'.repeat(32)

function profile(id: string, ...libraries: readonly VendorLibrary[]): VendorProfile {
  const words = { zh: id, en: id }
  return { id, vendor: words, libraries, unlock: words, evidence: 'tried' }
}

function library(names: readonly string[], more: Partial<VendorLibrary> = {}): VendorLibrary {
  return { kind: 'skf', names, ...more }
}

function find(profiles: readonly VendorProfile[], file: Partial<LibraryOnDisk>) {
  const found = profileForLibrary(profiles, {
    ...{ name: 'token.dll', sha256: null, platform: 'win32', kind: 'skf' },
    ...file,
  })
  return found === null ? null : `${found.profile.id} ${found.library.version ?? '-'} by ${found.by}`
}

describe('the profile of a library', () => {
  const vendor = profile(
    'one',
    library(['token.dll'], { version: 'old', sha256: [old] }),
    library(['token.dll'], { version: 'recent', sha256: [recent] }),
    library(['token.dll'], { version: 'any' }),
  )

  it('is that of its digest, of several versions under one name', () => {
    expect(find([vendor], { sha256: old })).toBe('one old by sha256')
    expect(find([vendor], { sha256: recent })).toBe('one recent by sha256')
  })

  it('is that of its digest whatever the file is called, on whatever system', () => {
    expect(find([vendor], { sha256: old, name: 'renamed.bin', platform: 'linux' })).toBe('one old by sha256')
  })

  it('is that of its digest although its name is another vendor’s', () => {
    const other = profile('other', library(['token.dll']))
    expect(find([other, vendor], { sha256: old })).toBe('one old by sha256')
  })

  it('is that of its name when nobody knows the file or it cannot be read, in the entry for any file', () => {
    expect(find([vendor], { sha256: unknown })).toBe('one any by name')
    expect(find([vendor], {})).toBe('one any by name')
  })

  it('is found without regard to case', () => {
    expect(find([profile('one', library(['mToken_GM.dll']))], { name: 'MTOKEN_gm.DLL' })).toBe('one - by name')
  })

  it('does not exist for a name on a system the entry is not for, nor for another kind of use', () => {
    const windows = profile('one', library(['token.dll'], { platforms: ['win32'] }))
    expect(find([windows], { platform: 'linux' })).toBeNull()
    expect(find([windows], { kind: 'pkcs11' })).toBeNull()
    expect(find([windows], {})).toBe('one - by name')
  })

  it('is chosen by nobody where two vendors claim the name', () => {
    expect(find([profile('one', library(['token.dll'])), profile('two', library(['TOKEN.dll']))], {})).toBeNull()
  })

  it('is chosen by nobody where the name has versions for known files only, and this is none of them', () => {
    const versions = profile(
      'one',
      library(['token.dll'], { sha256: [old] }),
      library(['token.dll'], { sha256: [recent] }),
    )
    expect(find([versions], { sha256: unknown })).toBeNull()
  })

  it('does not exist for a library nobody has heard of', () => {
    expect(find([vendor], { name: 'other.dll', sha256: unknown })).toBeNull()
    expect(find([], { sha256: old })).toBeNull()
  })
})
