import { describe, expect, test } from 'vitest'
import { CryptoFailure, type SuiteId, type Tender } from '../../../../crypto/index.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { chooseSuite } from '../../../../main/services/sealing/choose-suite.ts'
import { suiteOfSigner } from '../../../../main/services/tenders/signer-suite.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const rsa = practiceCa().bidder.sign.certificate
const sm2 = gmCa().bidder.sign.certificate

function accepting(...suites: readonly SuiteId[]): Tender {
  return { fields: { suites } } as unknown as Tender
}

function refusal(run: () => unknown): { readonly code: string; readonly detail: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof AppFailure) return { code: error.code, detail: error.failure.detail ?? '' }
    if (error instanceof CryptoFailure) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('the suite of a sealing', () => {
  test('is the one the tender asks for, where the lock can do it', () => {
    expect(chooseSuite(accepting('intl-1'), rsa, null).id).toBe('intl-1')
    expect(chooseSuite(accepting('gm-1'), sm2, null).id).toBe('gm-1')
  })

  test('is what the lock can do, where the tender accepts both', () => {
    for (const tender of [accepting('intl-1', 'gm-1'), accepting('gm-1', 'intl-1')]) {
      expect(chooseSuite(tender, rsa, null).id).toBe('intl-1')
      expect(chooseSuite(tender, sm2, null).id).toBe('gm-1')
    }
  })

  test('is the one asked for, or none', () => {
    const both = accepting('intl-1', 'gm-1')
    expect(chooseSuite(both, sm2, 'gm-1').id).toBe('gm-1')
    expect(refusal(() => chooseSuite(both, sm2, 'intl-1'))).toMatchObject({ code: 'cert.unsupported' })
    expect(refusal(() => chooseSuite(accepting('gm-1'), sm2, 'intl-1')).code).toBe('seal.tender')
  })

  test('is refused in words that name the lock’s key and what the tender wants', () => {
    const { code, detail } = refusal(() => chooseSuite(accepting('gm-1'), rsa, null))
    expect(code).toBe('cert.unsupported')
    expect(detail).toBe('the lock signs with RSA 2048, which is not a key for gm-1')
    expect(refusal(() => chooseSuite(accepting('intl-1'), sm2, null)).detail).toContain('SM2')
  })
})

test('what a signer signs beside bids is of the suite of its key', () => {
  expect(suiteOfSigner(rsa).id).toBe('intl-1')
  expect(suiteOfSigner(sm2).id).toBe('gm-1')
})
