import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { displayName } from '../../../../crypto/cert/name.ts'
import { CryptoFailure } from '../../../../crypto/errors.ts'
import {
  authorityOf,
  parseTrustList,
  rootsInForce,
  type TrustAuthority,
  type TrustList,
} from '../../../../crypto/token/profiles/trust-list.ts'
import { type Complete, mutations, otherFields } from '../../../fixtures/agreement.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { misfits, type Schema } from '../../../fixtures/json-schema.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { bytes, smallTrustList } from '../../../fixtures/publisher.ts'

const folder = new URL('../../../../crypto/token/profiles/data/', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('trust-list.schema.json', folder), 'utf8')) as Schema
const source = JSON.parse(readFileSync(new URL('trust-list.json', folder), 'utf8')) as unknown

const ca = practiceCa()
const words = { zh: '词', en: 'word' }
const certificate = Buffer.from(ca.root).toString('base64')
const sha256 = createHash('sha256').update(ca.root).digest('hex')
const at = (day: string): Date => new Date(`${day}T00:00:00Z`)

const complete: Complete<TrustList> = {
  version: 3,
  issuedAt: '2026-01-01T00:00:00Z',
  validUntil: '2027-01-01T00:00:00Z',
  note: words,
  authorities: [
    {
      ...{ id: 'practice', name: words, organizations: ['Practice'], creditCodeOids: ['2.5.4.5'] },
      roots: [{ certificate, sha256, from: '2026-02-01T00:00:00Z', until: '2026-12-01T00:00:00Z' }],
      intermediates: [Buffer.from(ca.intermediate).toString('base64')],
      platforms: [{ platform: 'p1', from: '2026-03-01T00:00:00Z', until: '2026-11-01T00:00:00Z' }],
      notes: [words],
    },
  ],
}

function parsed(value: unknown): TrustList {
  return parseTrustList(bytes(JSON.stringify(value)))
}

function accepts(value: unknown): boolean {
  try {
    parsed(value)
    return true
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'data.malformed') return false
    throw error
  }
}

function listOf(authority: Partial<TrustAuthority>, more: object = {}): TrustList {
  const one = { id: 'practice', name: words, roots: [{ certificate, sha256 }], ...authority }
  return parsed(smallTrustList(1, { authorities: [one], ...more }))
}

function anchors(list: TrustList, day: string, platform?: string): readonly string[] {
  return rootsInForce(list, { at: at(day), platform }).map(({ subject }) => displayName(subject))
}

describe('the reader of trust lists', () => {
  it('gives every field back as it was', () => {
    expect(parsed(complete)).toEqual(complete)
  })

  it('refuses a root under another digest, and what is no certificate', () => {
    const other = createHash('sha256').update(ca.intermediate).digest('hex')
    const wrong = smallTrustList(1, {
      authorities: [{ id: 'practice', name: words, roots: [{ certificate, sha256: other }] }],
    })
    expect(expectFailure('data.malformed', () => parsed(wrong))).toContain('is not the digest')
    const nothing = { certificate: 'AAAA', sha256: createHash('sha256').update(Buffer.alloc(3)).digest('hex') }
    const broken = smallTrustList(1, { authorities: [{ id: 'practice', name: words, roots: [nothing] }] })
    expect(expectFailure('data.malformed', () => parsed(broken))).toContain('no readable certificate')
  })

  it('refuses spans that end before they begin, and an id twice', () => {
    const span = { from: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' }
    expect(accepts(smallTrustList(1, { validUntil: '2025-01-01T00:00:00Z' }))).toBe(false)
    const authority = { id: 'practice', name: words, roots: [] }
    expect(
      accepts(smallTrustList(1, { authorities: [{ ...authority, platforms: [{ platform: 'p', ...span }] }] })),
    ).toBe(false)
    const root = { certificate, sha256, ...span }
    expect(accepts(smallTrustList(1, { authorities: [{ ...authority, roots: [root] }] }))).toBe(false)
    expect(accepts(smallTrustList(1, { authorities: [authority, authority] }))).toBe(false)
  })
})

describe('the published schema of trust lists', () => {
  it('fits the source of the shipped data', () => {
    expect(misfits(schema, source)).toEqual([])
  })

  it('lists the fields of the types, no more and no less', () => {
    expect(otherFields(schema, complete)).toEqual([])
  })

  it('accepts and refuses what the reader does, field by field', () => {
    const all = mutations(complete)
    expect(all.length).toBeGreaterThan(100)
    const apart = all.filter(({ value }) => accepts(value) !== (misfits(schema, value).length === 0))
    expect(apart.map(({ what }) => what)).toEqual([])
  })
})

describe('the roots in force', () => {
  const name = displayName(parseCertificate(ca.root).subject)

  it('are those of every authority where no platform is known', () => {
    expect(anchors(listOf({}), '2026-06-01')).toEqual([name])
    expect(anchors(listOf({ platforms: [{ platform: 'p1' }] }), '2026-06-01')).toEqual([name])
  })

  it('end with the root’s own span and with the whole list', () => {
    const span = { from: '2026-02-01T00:00:00Z', until: '2026-12-01T00:00:00Z' }
    const list = listOf({ roots: [{ certificate, sha256, ...span }] })
    expect(['2026-01-31', '2026-02-01', '2026-12-01', '2026-12-02'].map(day => anchors(list, day).length)).toEqual([
      0, 1, 1, 0,
    ])
    const ending = listOf({}, { validUntil: '2026-06-01T00:00:00Z' })
    expect(['2026-06-01', '2026-06-02'].map(day => anchors(ending, day).length)).toEqual([1, 0])
  })

  it('are, for a platform, those of the authorities it recognises on that day', () => {
    const list = listOf({
      platforms: [
        { platform: 'p1', from: '2026-03-01T00:00:00Z', until: '2026-04-01T00:00:00Z' },
        { platform: 'p1', from: '2026-09-01T00:00:00Z' },
      ],
    })
    const days = ['2026-02-01', '2026-03-15', '2026-06-01', '2026-10-01']
    expect(days.map(day => anchors(list, day, 'p1').length)).toEqual([0, 1, 0, 1])
    expect(anchors(list, '2026-03-15', 'p2')).toEqual([])
    expect(anchors(listOf({}), '2026-03-15', 'p2')).toEqual([name])
    expect(anchors(listOf({ platforms: [] }), '2026-03-15', 'p2')).toEqual([])
  })
})

describe('the authority of a certificate', () => {
  const leaf = parseCertificate(ca.bidder.sign.certificate)
  const root = parseCertificate(ca.root)

  it('is the one whose own certificate issued it', () => {
    const intermediates = [Buffer.from(ca.intermediate).toString('base64')]
    expect(authorityOf(listOf({ intermediates }), leaf)?.id).toBe('practice')
    expect(authorityOf(listOf({}), root)?.id).toBe('practice')
    expect(authorityOf(listOf({}), leaf)).toBeNull()
  })

  it('else the one of the issuer’s organisation', () => {
    const organization = /O=([^,]*)/.exec(displayName(leaf.issuer))?.[1] ?? ''
    expect(organization).not.toBe('')
    expect(authorityOf(listOf({ organizations: [organization] }), leaf)?.id).toBe('practice')
    expect(authorityOf(listOf({ organizations: ['Somebody else'] }), leaf)).toBeNull()
  })
})
