import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moduleProfiles, vendorData } from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { newPublisher, smallProfiles, smallTrustList } from '../../../fixtures/publisher.ts'

const publisher = newPublisher()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-profile-'))
  for (const name of ['libsample.so', 'other.so']) writeFileSync(join(folder, name), name)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function asker(own?: string) {
  const builtIn = {
    'vendor-profiles': publisher.sign('vendor-profiles', smallProfiles(1)),
    'trust-list': publisher.sign('trust-list', smallTrustList(1)),
  }
  const modules = ['libsample.so', 'other.so'].map(name => join(folder, name))
  const profile = own === undefined ? undefined : { name: own, modules }
  return moduleProfiles(vendorData(homeAt(folder), { builtIn, keys: [publisher.key] }), profile)
}

function library(name: string, kind: 'pkcs11' | 'skf' = 'pkcs11') {
  return { kind, path: join(folder, name) }
}

function written(value: object): string {
  const path = join(folder, 'own.json')
  writeFileSync(path, JSON.stringify(value, null, 2))
  return path
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'no code'),
  )
}

const skfEntry = { kind: 'skf', names: [], skf: { layout: 'natural' } }
const words = { zh: '词', en: 'word' }
const vendor = (libraries: readonly object[]) => ({
  id: 'mine',
  vendor: words,
  unlock: words,
  evidence: 'documents',
  libraries,
})

describe('what a driver is told', () => {
  it('is what the vendor’s profile says of its library', async () => {
    expect(await asker()(library('libsample.so'))).toEqual({
      ...library('libsample.so'),
      profile: { keyPairing: 'public-key' },
    })
  })

  it('is nothing for a library nobody knows, and for soft locks', async () => {
    expect(await asker()(library('other.so'))).toEqual(library('other.so'))
    const soft = { kind: 'soft', path: join(folder, 'lock.p12') } as const
    expect(await asker()(soft)).toEqual(soft)
    expect(await asker(written({ ecPoint: 'bare' }))(soft)).toEqual(soft)
  })

  it('is the profile the user has named instead, whatever the library is called', async () => {
    const own = asker(written({ ecPoint: 'bare' }))
    for (const name of ['libsample.so', 'other.so']) {
      expect(await own(library(name))).toEqual({ ...library(name), profile: { ecPoint: 'bare' } })
    }
  })

  it('is, of a vendor’s profile of the user’s own, the entry of the name, else the only one of the kind', async () => {
    const bare = { kind: 'pkcs11', names: ['OTHER.so'], pkcs11: { ecPoint: 'bare' } }
    const octets = { kind: 'pkcs11', names: [], pkcs11: { ecPoint: 'octet-string' } }
    const both = asker(written(vendor([octets, bare, skfEntry])))
    expect(await both(library('other.so'))).toMatchObject({ profile: { ecPoint: 'bare' } })
    expect(await both(library('libsample.so', 'skf'))).toMatchObject({ profile: { layout: 'natural' } })
    expect(await codeOf(both(library('libsample.so')))).toBe('arguments.bad')
    const one = asker(written(vendor([octets])))
    expect(await one(library('libsample.so'))).toMatchObject({ profile: { ecPoint: 'octet-string' } })
  })

  it('is a vendor’s entry when the user names the vendor, for a library whose name nobody knew', async () => {
    expect(await asker('sample')(library('other.so'))).toMatchObject({ profile: { keyPairing: 'public-key' } })
  })

  it('is never a profile made for the other kind of library', async () => {
    expect(await codeOf(asker(written({ ecPoint: 'bare' }))(library('other.so', 'skf')))).toBe('arguments.bad')
    expect(await codeOf(asker(written({ layout: 'packed' }))(library('other.so')))).toBe('arguments.bad')
    expect(await codeOf(asker(written(vendor([skfEntry])))(library('other.so')))).toBe('arguments.bad')
  })

  it('is refused when the profile is none', async () => {
    expect(await codeOf(asker(written({ sm2: {} }))(library('other.so')))).toBe('input.unreadable')
    expect(await codeOf(asker(join(folder, 'none.json'))(library('other.so')))).toBe('input.unreadable')
    expect(await codeOf(asker('nobody')(library('other.so')))).toBe('input.unreadable')
  })

  it('is the user’s own only for the library it was named with', async () => {
    const builtIn = {
      'vendor-profiles': publisher.sign('vendor-profiles', smallProfiles(1)),
      'trust-list': publisher.sign('trust-list', smallTrustList(1)),
    }
    const data = vendorData(homeAt(folder), { builtIn, keys: [publisher.key] })
    const name = written(vendor([{ kind: 'pkcs11', names: [], pkcs11: { ecPoint: 'bare' } }]))
    const asked = moduleProfiles(data, { name, modules: [join(folder, 'other.so')] })
    expect(await asked(library('other.so'))).toEqual({ ...library('other.so'), profile: { ecPoint: 'bare' } })
    expect(await asked(library('libsample.so'))).toEqual({
      ...library('libsample.so'),
      profile: { keyPairing: 'public-key' },
    })
  })
})
