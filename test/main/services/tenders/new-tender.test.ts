import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gm1, intl1, toBase64 } from '../../../../crypto/index.ts'
import type { Ports } from '../../../../main/services/index.ts'
import { newTender } from '../../../../main/services/index.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { tenderSpec } from '../../../fixtures/practice-platform.ts'
import { clockAt } from '../../../fixtures/sealed-bid.ts'

const now = new Date('2026-03-01T00:00:00Z')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-new-tender-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  ['RSA', intl1, practiceCa()],
  ['SM2', gm1, gmCa()],
] as const)('a package is signed in the suite of the key that signs, %s', async (kind, suite, ca) => {
  const purposes = ['notice', 'receipt', 'opening'] as const
  const certificates = purposes.map(purpose => {
    return { purpose, certificate: toBase64(ca.issue(purpose, { profile: 'platform' }).certificate) }
  })
  const acceptedCas = [toBase64(ca.root)]
  const spec = { ...tenderSpec(now), platformId: 'practice.bidseal', suites: [suite.id], acceptedCas, certificates }
  const path = join(folder, `${kind}.json`)
  writeFileSync(path, JSON.stringify(spec))
  const signer = ca.issue('notice', { profile: 'platform' }).signer()
  const { tender } = await newTender({ clock: clockAt(now) } as Ports, path, signer)
  expect(tender.fields.suites).toEqual([suite.id])
  expect(Buffer.from(tender.signature.signer.der)).toEqual(Buffer.from(signer.certificate))
})
