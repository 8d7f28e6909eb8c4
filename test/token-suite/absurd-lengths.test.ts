import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { parseCertificate } from '../../crypto/cert/certificate.ts'
import { intl1 } from '../../crypto/suites/intl-1.ts'
import { keyOpenerFromToken } from '../../crypto/token/identities.ts'
import { expectRejection } from '../fixtures/failure.ts'
import { practiceCa } from '../fixtures/practice-ca.ts'
import { curveKeys, withToken } from '../fixtures/soft-bench.ts'
import { bidderKeys } from '../fixtures/soft-pkcs11.ts'

// In plain Node only: where the PKCS#11 binding allocates an absurd length, Electron's V8 ends the process. There it is the
// token process that ends, which the table of faults shows.

it('a key agreed on by a library, of nonsense or of an absurd length, opens nothing', () => {
  const keys = curveKeys('P-256')
  const recipient = parseCertificate(keys[1]?.certificate ?? new Uint8Array(0))
  const key = Uint8Array.from(randomBytes(32))
  const envelope = () => intl1.wrapKey(key, { recipient, padding: 'oaep' })
  return withToken([], keys, async ({ session, p11 }) => {
    const opener = keyOpenerFromToken(session, await session.certificates())
    p11.setFaults('derive:garbage')
    expect(await intl1.openEnvelope(envelope(), opener)).not.toEqual(key)
    p11.setFaults('derive:long')
    await expectRejection('token.unsupported', intl1.openEnvelope(envelope(), opener))
    p11.setFaults()
    expect(await intl1.openEnvelope(envelope(), opener)).toEqual(key)
  })
})

it('a token is listed without certificates of absurd lengths, and with them when the library has come to its senses', () =>
  withToken([], bidderKeys(practiceCa().bidder), async ({ p11, driver }) => {
    p11.setFaults('certificate:long')
    expect((await driver.list())[0]?.certificates).toEqual([])
    p11.setFaults('certificate:garbage')
    expect((await driver.list())[0]?.certificates).toEqual([])
    p11.setFaults()
    expect((await driver.list())[0]?.certificates).toHaveLength(3)
  }))
