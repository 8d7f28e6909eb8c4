import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import {
  completeCreditCode,
  creditCodeOfName,
  findCreditCode,
  isCreditCode,
  lookForCreditCode,
} from '../../../crypto/cert/credit-code.ts'
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

describe('the order of an authority', () => {
  const own = '1.2.156.112573.14'
  const foreign = '1.3.6.1.4.1.99999.1'
  const differ = withExtensions([own, utf8String(creditCode)], [oids.organizationCode, utf8String(other)])

  it('decides between two places that hold different codes, and both are reported', () => {
    expect(lookForCreditCode(differ, [own, oids.organizationCode])).toEqual({
      counts: { code: creditCode, where: `extension ${own}` },
      found: [
        { code: creditCode, where: `extension ${own}` },
        { code: other, where: `extension ${oids.organizationCode}` },
      ],
    })
    expect(findCreditCode(differ, [oids.organizationCode, own])?.code).toBe(other)
  })

  it('passes over places that hold nothing, or no code with the right check character', () => {
    const wrong = creditCode.slice(0, 17) + (creditCode.endsWith('0') ? '1' : '0')
    const certificate = withExtensions([own, utf8String(wrong)], [oids.organizationCode, utf8String(creditCode)])
    expect(findCreditCode(certificate, ['2.5.4.5', own, oids.organizationCode])?.where).toBe(
      `extension ${oids.organizationCode}`,
    )
  })

  it('never lets a place count that is not in it, though it is shown', () => {
    const looked = lookForCreditCode(differ, ['2.5.4.97'])
    expect(looked.counts).toBeNull()
    expect(looked.found.map(({ code }) => code).sort()).toEqual([creditCode, other].sort())
  })

  it('can name a place nobody else knows', () => {
    const certificate = withExtensions([foreign, utf8String(creditCode)])
    expect(findCreditCode(certificate)).toBeNull()
    expect(findCreditCode(certificate, [foreign])?.code).toBe(creditCode)
  })

  it('counts for names too', () => {
    const name = encodeName([
      ['serialNumber', creditCode],
      ['organizationIdentifier', other],
    ])
    expect(creditCodeOfName(name)).toBeNull()
    expect(creditCodeOfName(name, [oids.organizationIdentifier])).toBe(other)
  })

  it('is not known: two places that differ leave none, and both are reported', () => {
    const { counts, found } = lookForCreditCode(differ)
    expect(counts).toBeNull()
    expect(found).toHaveLength(2)
  })

  it('does not decide between two different codes in one place', () => {
    const name = encodeName([
      ['serialNumber', creditCode],
      ['serialNumber', other],
    ])
    expect(creditCodeOfName(name, [oids.serialNumber])).toBeNull()
  })
})
