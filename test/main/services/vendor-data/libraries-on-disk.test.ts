import { describe, expect, it } from 'vitest'
import { builtInData, openPublisherData } from '../../../../crypto/index.ts'
import type { VendorProfile } from '../../../../crypto/index.ts'
import { librariesOnDisk } from '../../../../main/services/vendor-data/libraries-on-disk.ts'

const words = { zh: '词', en: 'word' }

function vendor(id: string, more: Partial<VendorProfile>): VendorProfile {
  return { id, vendor: words, libraries: [], unlock: words, evidence: 'tried', ...more }
}

function found(
  profiles: readonly VendorProfile[],
  platform: NodeJS.Platform,
  files: readonly string[],
  links: Readonly<Record<string, string>> = {},
): readonly string[] {
  const disk = {
    platform,
    exists: (path: string) => files.includes(path) || path in links,
    identity: (path: string) => links[path] ?? path,
  }
  return librariesOnDisk(profiles, disk).map(({ kind, path }) => `${kind} ${path}`)
}

const gm3000 = vendor('gm3000', {
  libraries: [
    { kind: 'skf', names: ['mtoken_gm3000.dll'], platforms: ['win32'] },
    { kind: 'skf', names: ['mtoken_GM.dll'], platforms: ['win32'] },
    { kind: 'pkcs11', names: ['libgm3000_pkcs11.so'], platforms: ['linux'] },
  ],
  paths: { win32: ['C:\\Windows\\System32', 'C:\\Windows\\SysWOW64'], linux: ['/usr/lib', '/usr/lib64'] },
})

describe('the vendors’ libraries on a computer', () => {
  it('are looked for by their names in the profile’s folders, SKF too, every version', () => {
    const files = ['C:\\Windows\\SysWOW64\\mtoken_gm3000.dll', 'C:\\Windows\\System32\\mtoken_GM.dll']
    expect(found([gm3000], 'win32', files)).toEqual(files.map(path => `skf ${path}`))
  })

  it('count once where the same name stands in two folders: the first, which is not the one for 32 bits', () => {
    const both = ['C:\\Windows\\SysWOW64\\mtoken_GM.dll', 'C:\\Windows\\System32\\mtoken_GM.dll']
    expect(found([gm3000], 'win32', both)).toEqual(['skf C:\\Windows\\System32\\mtoken_GM.dll'])
  })

  it('count once where two names lead to one file', () => {
    const other = vendor('other', {
      libraries: [{ kind: 'pkcs11', names: ['other.so'] }],
      paths: { linux: ['/usr/lib'] },
    })
    const links = { '/usr/lib/other.so': '/real', '/usr/lib/libgm3000_pkcs11.so': '/real' }
    expect(found([gm3000, other], 'linux', [], links)).toEqual(['pkcs11 /usr/lib/libgm3000_pkcs11.so'])
  })

  it('may have a path of their own, which is theirs alone', () => {
    const soft = vendor('soft', {
      libraries: [
        { kind: 'pkcs11', names: ['libsoft.so'] },
        { kind: 'pkcs11', names: ['libsoft-other.so'] },
      ],
      paths: { linux: ['/usr/lib/soft/libsoft.so'] },
    })
    expect(found([soft], 'linux', ['/usr/lib/soft/libsoft.so'])).toEqual(['pkcs11 /usr/lib/soft/libsoft.so'])
  })

  it('are not looked for on systems they are not made for, nor where no path is told', () => {
    expect(found([gm3000], 'darwin', ['/usr/lib/libgm3000_pkcs11.so'])).toEqual([])
    expect(found([gm3000], 'freebsd', ['/usr/lib/libgm3000_pkcs11.so'])).toEqual([])
    expect(
      found([vendor('a', { libraries: [{ kind: 'pkcs11', names: ['a.so'] }] })], 'linux', ['/usr/lib/a.so']),
    ).toEqual([])
  })

  it('are found by the shipped profiles wherever the program has always looked', () => {
    const shipped = openPublisherData(builtInData['vendor-profiles'])
    const profiles = shipped.kind === 'vendor-profiles' ? shipped.content.profiles : []
    const places: (readonly [NodeJS.Platform, string])[] = [
      ['linux', '/usr/lib/softhsm/libsofthsm2.so'],
      ['linux', '/usr/lib64/pkcs11/libsofthsm2.so'],
      ['linux', '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so'],
      ['linux', '/usr/lib64/opensc-pkcs11.so'],
      ['darwin', '/Library/OpenSC/lib/opensc-pkcs11.so'],
      ['darwin', '/opt/homebrew/lib/softhsm/libsofthsm2.so'],
      ['win32', 'C:\\Windows\\System32\\opensc-pkcs11.dll'],
    ]
    for (const [platform, path] of places) expect(found(profiles, platform, [path])).toEqual([`pkcs11 ${path}`])
    expect(found(profiles, 'win32', ['C:\\Windows\\System32\\mtoken_GM.dll'])).toEqual([
      'skf C:\\Windows\\System32\\mtoken_GM.dll',
    ])
    expect(found(profiles, 'linux', ['/usr/lib/x86_64-linux-gnu/libsoftokn3.so', '/usr/lib/libsoftokn3.so'])).toEqual(
      [],
    )
  })
})
