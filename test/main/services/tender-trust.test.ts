import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { intl1, signDocument } from '../../../crypto/index.ts'
import { writeTenderPackage } from '../../../main/platform/index.ts'
import { importTender, openTender } from '../../../main/services/index.ts'
import { bidderHome } from '../../fixtures/bidder-home.ts'
import { practiceCa, practiceNotBefore } from '../../fixtures/practice-ca.ts'
import { type Bench, codeOf, publishTender, startBench } from '../../fixtures/practice-platform.ts'

const hour = 3_600_000
let bench: Bench

beforeEach(async () => {
  bench = await startBench()
})

afterEach(async () => {
  await bench.close()
})

test('judges the signer of a package that was imported in time when it was published, and of a new one now', async () => {
  const { tender } = await publishTender(bench)
  const signer = practiceCa().issue('agent', {
    profile: 'sign',
    notBefore: practiceNotBefore,
    notAfter: new Date(bench.clock.now().getTime() + hour),
  })
  const path = join(bench.folder, 'package.tender')
  const document = await signDocument(
    'tender',
    { ...tender.fields, attachments: [] },
    signer.signer(),
    intl1,
    bench.clock,
  )
  writeFileSync(path, await writeTenderPackage(document, []))
  const { ports, request } = bidderHome(bench, 'home', { named: true })
  await importTender(ports, await openTender(ports, path, request.trust))
  await bench.advance(2 * hour)
  expect((await openTender(ports, path, request.trust)).tender.fields.tenderId).toBe(tender.fields.tenderId)
  const stranger = { anchors: [], named: true }
  expect(await codeOf(openTender(ports, path, stranger))).toBe('cert.untrusted')
  const elsewhere = bidderHome(bench, 'elsewhere', { named: true })
  expect(await codeOf(openTender(elsewhere.ports, path, request.trust))).toBe('cert.expired')
})
