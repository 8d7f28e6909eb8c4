import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toPem } from '../../../../crypto/index.ts'
import { loadTrust, vendorData } from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { newPublisher, smallProfiles, smallTrustList } from '../../../fixtures/publisher.ts'

const publisher = newPublisher()
const ca = practiceCa()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-trust-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** The trust list of a publisher with the practice root in it, recognised by one platform in one year. */
function listed() {
  const authority = {
    id: 'practice',
    name: { zh: '演练', en: 'Practice' },
    roots: [
      {
        certificate: Buffer.from(ca.root).toString('base64'),
        sha256: createHash('sha256').update(ca.root).digest('hex'),
        until: '2027-01-01T00:00:00Z',
      },
    ],
    platforms: [{ platform: 'p1', from: '2026-06-01T00:00:00Z' }],
  }
  const builtIn = {
    'vendor-profiles': publisher.sign('vendor-profiles', smallProfiles(1)),
    'trust-list': publisher.sign('trust-list', smallTrustList(1, { authorities: [authority] })),
  }
  return vendorData(homeAt(folder), { builtIn, keys: [publisher.key] })
}

function pem(name: string, certificate: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, toPem(certificate, 'CERTIFICATE'))
  return path
}

const at = new Date('2026-07-01T00:00:00Z')
const home = () => homeAt(folder)

async function anchors(files: readonly string[], when: object): Promise<number> {
  return (await loadTrust(home(), files, { at, data: listed(), ...when })).anchors.length
}

describe('whom to trust', () => {
  it('are the roots of the trust list that are in force, for the platform where it is known', async () => {
    expect(await anchors([], {})).toBe(1)
    expect(await anchors([], { platform: 'p1' })).toBe(1)
    expect(await anchors([], { platform: 'p2' })).toBe(0)
    expect(await anchors([], { platform: 'p1', at: new Date('2026-05-01T00:00:00Z') })).toBe(0)
    expect(await anchors([], { at: new Date('2027-02-01T00:00:00Z') })).toBe(0)
  })

  it('are the certificates in the trust folder of the home too', async () => {
    mkdirSync(join(folder, 'trust'))
    pem(join('trust', 'more.pem'), ca.intermediate)
    expect(await anchors([], {})).toBe(2)
  })

  it('are the named files and nothing else where files are named', async () => {
    const trust = await loadTrust(home(), [pem('named.pem', ca.intermediate)], { at, data: listed() })
    expect(trust.named).toBe(true)
    expect(trust.anchors.map(({ der }) => Buffer.from(der))).toEqual([Buffer.from(ca.intermediate)])
  })

  it('is nobody yet with the shipped trust list, which holds no root', async () => {
    expect(await loadTrust(home(), [])).toEqual({ anchors: [], named: false })
  })
})
