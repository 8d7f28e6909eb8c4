import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { completeCreditCode, creditCodeOfName, findCreditCode, isCreditCode } from '../../../crypto/cert/credit-code.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { context, octetString, oid, sequence, utf8String } from '../../../crypto/der/writer.ts'
import { at, derTree, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const { creditCode } = ca.bidder
const other = ca.rival.creditCode

/** The bidder's certificate without its code extension, plus these. */
function withExtensions(...extensions: readonly (readonly [string, Uint8Array])[]) {
  const der = reissued(ca.bidder.sign.certificate, ca.intermediateKey, tbs => {
    const list = at(tbs, [-1, 0])
    list.children.pop()
    for (const [id, value] of extensions) list.children.push(derTree(sequence(oid(id), octetString(value))))
  })
  return parseCertificate(der)
}

describe('credit codes', () => {
  it('have the check character of GB 32100', () => {
    // Published codes of well-known organisations.
    for (const code of ['91350100M000100Y43', '91330100799655058B', '9144030071526726XG', '91110000802100433B']) {
      expect(isCreditCode(code), code).toBe(true)
      expect(completeCreditCode(code.slice(0, 17))).toBe(code)
    }
  })

  it('are refused with any one character changed', () => {
    const code = '91350100M000100Y43'
    for (let place = 0; place < 18; place += 1) {
      for (const character of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
        const changed = code.slice(0, place) + character + code.slice(place + 1)
        expect(isCreditCode(changed), changed).toBe(changed === code)
      }
    }
  })

  it('are refused with letters outside the alphabet or another length', () => {
    for (const text of ['', '91350100M000100Y4', '91350100M000100Y433', '91350100m000100y43', '9135010OM000100Y43']) {
      expect(isCreditCode(text)).toBe(false)
    }
    expectFailure('arguments.bad', () => completeCreditCode('9135010OM000100Y4'))
  })
})

describe('findCreditCode', () => {
  it('finds the code in the extension the practice authority writes', () => {
    const found = findCreditCode(parseCertificate(ca.bidder.sign.certificate))
    expect(found).toEqual({ code: creditCode, where: 'extension 1.2.156.10260.4.1.4' })
  })

  it('finds it as a string, in an explicit tag, or as bare characters', () => {
    const bare = Buffer.from(creditCode)
    for (const value of [utf8String(creditCode), context(0, utf8String(creditCode)), bare]) {
      expect(findCreditCode(withExtensions(['1.2.86.11.7.4', value]))?.code).toBe(creditCode)
    }
  })

  it('finds it in the subject, with or without a prefix', () => {
    expect(creditCodeOfName(encodeName([['serialNumber', creditCode]]))).toBe(creditCode)
    expect(creditCodeOfName(encodeName([['organizationIdentifier', `NTRCN-${creditCode}`]]))).toBe(creditCode)
  })

  it('does not look where no authority writes it, and wants the check character right', () => {
    expect(creditCodeOfName(encodeName([['CN', creditCode]]))).toBeNull()
    const wrong = creditCode.slice(0, 17) + (creditCode.endsWith('0') ? '1' : '0')
    expect(creditCodeOfName(encodeName([['serialNumber', wrong]]))).toBeNull()
    expect(creditCodeOfName(encodeName([['serialNumber', `A${creditCode}`]]))).toBeNull()
    expect(findCreditCode(withExtensions([oids.subjectAltName, utf8String(creditCode)]))).toBeNull()
    expect(findCreditCode(withExtensions())).toBeNull()
  })

  it('chooses nothing when two places disagree', () => {
    const agree = withExtensions(
      [oids.organizationCode, utf8String(creditCode)],
      ['1.2.86.11.7.4', utf8String(creditCode)],
    )
    expect(findCreditCode(agree)?.code).toBe(creditCode)
    const differ = withExtensions([oids.organizationCode, utf8String(creditCode)], ['1.2.86.11.7.4', utf8String(other)])
    expect(findCreditCode(differ)).toBeNull()
  })
})
