import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { vendorData } from '../../../../main/services/index.ts'
import type { VendorData } from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { parseCertificate } from '../../../../crypto/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { newPublisher, smallProfiles, smallTrustList } from '../../../fixtures/publisher.ts'

const publisher = newPublisher()
const stranger = newPublisher()
const builtIn = {
  'vendor-profiles': publisher.sign('vendor-profiles', smallProfiles(5)),
  'trust-list': publisher.sign('trust-list', smallTrustList(5)),
}

let folder: string
let data: VendorData

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-data-'))
  data = opened()
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function opened(): VendorData {
  return vendorData(homeAt(join(folder, 'home')), { builtIn, keys: [publisher.key] })
}

function offered(bytes: Uint8Array, name = 'offered.json'): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

function install(kind: string, bytes: Uint8Array): string {
  const path = join(folder, 'home', 'data', `${kind}.dsse.json`)
  mkdirSync(join(folder, 'home', 'data'), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'no code'),
  )
}

function versions(of = data): string {
  const { profiles, trust } = of.inUse()
  return `${profiles.content.version} ${profiles.origin}, ${trust.content.version} ${trust.origin}`
}

describe('the data in use', () => {
  it('are those the program is shipped with where nothing is installed', () => {
    expect(versions()).toBe('5 built-in, 5 built-in')
    expect(data.inUse().warnings).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })

  it('are the installed ones where they are newer, and the program’s where those are', () => {
    install('vendor-profiles', publisher.sign('vendor-profiles', smallProfiles(6)))
    install('trust-list', publisher.sign('trust-list', smallTrustList(4)))
    expect(versions(opened())).toBe('6 installed, 5 built-in')
  })

  it.each([
    ['damaged', Buffer.from('{"payload": "AA')],
    ['signed by somebody else', stranger.sign('vendor-profiles', smallProfiles(9))],
    ['of the other kind', publisher.sign('trust-list', smallTrustList(9))],
    ['signed, but not as the program reads it', publisher.sign('vendor-profiles', { version: 9 })],
  ])('leave an installed file aside that is %s, with a warning', (_, bytes) => {
    install('vendor-profiles', bytes)
    expect(versions(opened())).toBe('5 built-in, 5 built-in')
    expect(
      opened()
        .inUse()
        .warnings.map(({ kind }) => kind),
    ).toEqual(['vendor-profiles'])
  })

  it('leave an installed file aside that cannot be read', () => {
    mkdirSync(join(folder, 'home', 'data', 'trust-list.dsse.json'), { recursive: true })
    expect(versions(opened())).toBe('5 built-in, 5 built-in')
    expect(
      opened()
        .inUse()
        .warnings.map(({ code }) => code),
    ).toEqual(['input.unreadable'])
  })

  it('are read again when another program has installed a newer file', () => {
    expect(versions()).toBe('5 built-in, 5 built-in')
    install('vendor-profiles', publisher.sign('vendor-profiles', smallProfiles(7)))
    expect(versions()).toBe('7 installed, 5 built-in')
  })

  it('do not hold when the program itself was changed', () => {
    const changed = { ...builtIn, 'trust-list': stranger.sign('trust-list', smallTrustList(99)) }
    const broken = vendorData(homeAt(join(folder, 'home')), { builtIn: changed, keys: [publisher.key] })
    expect(() => broken.trust()).toThrow('data.signature')
  })
})

describe('an update', () => {
  it('is taken over, is in use at once and after a restart, and leaves nothing half written', async () => {
    const bytes = publisher.sign('vendor-profiles', smallProfiles(6, 'libnew.so'))
    expect(await data.update(offered(bytes))).toEqual({ kind: 'vendor-profiles', from: 5, to: 6 })
    expect(versions()).toBe('6 installed, 5 built-in')
    expect(versions(opened())).toBe('6 installed, 5 built-in')
    expect(data.profiles()[0]?.libraries[0]?.names).toEqual(['libnew.so'])
    const names = readdirSync(join(folder, 'home', 'data')).sort()
    expect(names).toEqual(['vendor-profiles.dsse.json', 'versions.json'])
    expect(readFileSync(join(folder, 'home', 'data', 'vendor-profiles.dsse.json'))).toEqual(Buffer.from(bytes))
  })

  it('of the trust list leaves the vendor profiles as they are', async () => {
    expect(await data.update(offered(publisher.sign('trust-list', smallTrustList(8))))).toEqual({
      kind: 'trust-list',
      from: 5,
      to: 8,
    })
    expect(versions()).toBe('5 built-in, 8 installed')
  })

  it('is refused when it does not go forward', async () => {
    for (const version of [4, 5]) {
      const file = offered(publisher.sign('vendor-profiles', smallProfiles(version)))
      expect(await codeOf(data.update(file))).toBe('data.downgrade')
    }
    await data.update(offered(publisher.sign('vendor-profiles', smallProfiles(9))))
    expect(await codeOf(data.update(offered(publisher.sign('vendor-profiles', smallProfiles(8)))))).toBe(
      'data.downgrade',
    )
    expect(versions()).toBe('9 installed, 5 built-in')
  })

  it('is refused when it is older than one that was once installed and taken away', async () => {
    await data.update(offered(publisher.sign('trust-list', smallTrustList(9))))
    rmSync(join(folder, 'home', 'data', 'trust-list.dsse.json'))
    expect(versions()).toBe('5 built-in, 5 built-in')
    expect(await codeOf(data.update(offered(publisher.sign('trust-list', smallTrustList(8)))))).toBe('data.downgrade')
    await data.update(offered(publisher.sign('trust-list', smallTrustList(9))))
    expect(versions()).toBe('5 built-in, 9 installed')
  })

  it('goes on where the memory of versions is damaged', async () => {
    await data.update(offered(publisher.sign('trust-list', smallTrustList(6))))
    writeFileSync(join(folder, 'home', 'data', 'versions.json'), '{"trust-list": "many"')
    await data.update(offered(publisher.sign('trust-list', smallTrustList(7))))
    expect(versions()).toBe('5 built-in, 7 installed')
  })

  it('is refused, and changes nothing, when it is not signed by the publisher or is no update', async () => {
    const refused: (readonly [string, Uint8Array])[] = [
      ['data.signature', stranger.sign('vendor-profiles', smallProfiles(9))],
      ['data.malformed', Buffer.from('{}')],
      ['data.malformed', Buffer.alloc(6 * 1024 * 1024 + 1)],
      ['data.malformed', publisher.sign('trust-list', smallProfiles(9))],
    ]
    for (const [code, bytes] of refused) expect(await codeOf(data.update(offered(bytes)))).toBe(code)
    expect(await codeOf(data.update(join(folder, 'none.json')))).toBe('input.unreadable')
    expect(await codeOf(data.update(folder))).toBe('input.unreadable')
    expect(versions()).toBe('5 built-in, 5 built-in')
    expect(readdirSync(folder)).toEqual(['offered.json'])
  })

  it('of several at once leaves the higher version', async () => {
    const files = [6, 7, 8].map(version =>
      offered(publisher.sign('trust-list', smallTrustList(version)), `offered-${version}.json`),
    )
    const outcomes = await Promise.all(files.map(file => codeOf(data.update(file))))
    expect(outcomes).toContain('done')
    expect(versions()).toBe('5 built-in, 8 installed')
  })
})

describe('the profile of a library on this computer', () => {
  it('is found by the name of its file, for the use it is made for', async () => {
    const path = offered(Buffer.from('a library'), 'libsample.so')
    expect((await data.profileOf({ kind: 'pkcs11', path }))?.by).toBe('name')
    expect(await data.profileOf({ kind: 'skf', path })).toBeNull()
    expect(await data.profileOf({ kind: 'pkcs11', path: offered(Buffer.from('x'), 'other.so') })).toBeNull()
  })

  it('changes with the file, whose digest is taken anew when it has changed', async () => {
    const known = offered(Buffer.from('version one'), 'renamed.so')
    const value = smallProfiles(6) as { profiles: { libraries: object[] }[] }
    const sha256 = createHash('sha256').update('version one').digest('hex')
    value.profiles[0]!.libraries = [{ kind: 'pkcs11', names: [], sha256: [sha256] }]
    await data.update(offered(publisher.sign('vendor-profiles', value)))
    expect((await data.profileOf({ kind: 'pkcs11', path: known }))?.by).toBe('sha256')
    writeFileSync(known, 'version two')
    utimesSync(known, 1000, 1000)
    expect(await data.profileOf({ kind: 'pkcs11', path: known })).toBeNull()
  })

  it('is that of its name where the file cannot be read: its driver says what is wrong', async () => {
    expect((await data.profileOf({ kind: 'pkcs11', path: join(folder, 'libsample.so') }))?.by).toBe('name')
  })
})

describe('the places of the credit code', () => {
  it('are those of the authority that issued the certificate', async () => {
    const ca = practiceCa()
    const leaf = parseCertificate(ca.bidder.sign.certificate)
    expect(data.creditCodePlaces(leaf)).toBeUndefined()
    const authority = {
      id: 'practice',
      name: { zh: '演练', en: 'Practice' },
      creditCodeOids: ['1.2.156.112573.14', '1.2.156.10260.4.1.4'],
      roots: [],
      intermediates: [Buffer.from(ca.intermediate).toString('base64')],
    }
    await data.update(offered(publisher.sign('trust-list', smallTrustList(6, { authorities: [authority] }))))
    expect(data.creditCodePlaces(leaf)).toEqual(authority.creditCodeOids)
  })
})
