import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { type Crl, parseCrl, serialKey } from '../../../../crypto/cert/revocation/crl.ts'
import { readCrlFile } from '../../../../crypto/cert/revocation/crl-file.ts'
import { allReasons, distributionPoints } from '../../../../crypto/cert/revocation/distribution-points.ts'
import { isSignedBy } from '../../../../crypto/cert/signature-algorithm.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, contextPrimitive, derNull, integer, sequence, tlv } from '../../../../crypto/der/writer.ts'
import { edited } from '../../../fixtures/der-edit.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { listDates, opensslList, practiceList as crl, withPoints } from '../../../fixtures/practice-lists.ts'
import { type CrlOptions, extension, listScopeExtension, scopeFlag, uriPoint } from '../../../fixtures/revocation.ts'

const ca = practiceCa()
const leaf = ca.bidder.sign.certificate
const since = new Date('2026-10-01T00:00:00Z')
const read = (changes: Partial<CrlOptions>): Crl => parseCrl(crl(changes))

describe('parseCrl', () => {
  it('reads dates, entries, reasons and since when a key was suspected', () => {
    const suspect = new Date('2026-09-01T00:00:00Z')
    const list = read({
      entries: [
        { certificate: leaf, since, reason: 1, invalidityDate: suspect },
        { certificate: ca.rival.sign.certificate, since },
      ],
    })
    expect([list.thisUpdate, list.nextUpdate]).toEqual([listDates.thisUpdate, listDates.nextUpdate])
    const entry = (der: Uint8Array) => list.revoked.get(serialKey(parseCertificate(der).serial))
    expect(entry(leaf)).toEqual({ since, reason: 'keyCompromise', suspectSince: suspect })
    expect(entry(ca.rival.sign.certificate)).toEqual({ since, reason: 'unspecified', suspectSince: null })
    expect(entry(ca.intermediate)).toBeUndefined()
    expect(list.unsupported).toBeNull()
    expect(isSignedBy(parseCertificate(ca.intermediate), list)).toBe(true)
    expect(isSignedBy(parseCertificate(ca.root), list)).toBe(false)
  })

  it('keeps the earlier of two entries of one certificate', () => {
    const early = new Date('2026-02-01T00:00:00Z')
    const entries = [since, early, since].map(date => ({ certificate: leaf, since: date }))
    expect([...read({ entries }).revoked.values()].map(one => one.since)).toEqual([early])
  })

  it('reads what part of the certificates a list speaks of', () => {
    const scope = (...fields: readonly Uint8Array[]) => read({ extensions: [listScopeExtension(fields)] }).scope
    expect(scope(scopeFlag(1))).toEqual({ names: [], only: 'users', reasons: allReasons, indirect: false })
    expect(scope(scopeFlag(2))?.only).toBe('authorities')
    expect(scope(scopeFlag(5))?.only).toBe('attributes')
    expect(scope(uriPoint('http://a/1'))?.names).toEqual([{ kind: 'uri', text: 'http://a/1' }])
    expect([...(scope(contextPrimitive(3, Uint8Array.of(5, 0x60)))?.reasons ?? [])]).toEqual([1, 2])
    expect(read({}).scope).toBeNull()
  })

  it('tells of what it cannot judge: a delta, an indirect list, an unknown critical extension, a lifted hold', () => {
    const told = (extensions: readonly Uint8Array[], inEntry: readonly Uint8Array[] = [], reason = 1) =>
      read({ extensions, entries: [{ certificate: leaf, since, reason, extensions: inEntry }] }).unsupported
    expect(told([extension(oids.deltaCrlIndicator, integer(1), true)])).toContain('delta')
    expect(told([listScopeExtension([scopeFlag(4)])])).toContain('indirect')
    expect(told([], [extension(oids.certificateIssuer, sequence(context(4, sequence())), true)])).toContain('indirect')
    expect(told([extension('1.2.3.4', derNull, true)])).toContain('1.2.3.4')
    expect(told([], [extension('1.2.3.4', derNull, true)])).toContain('1.2.3.4')
    expect(told([], [], 8)).toContain('delta')
    expect(told([extension('1.2.3.4', derNull)], [extension('1.2.3.4', derNull)])).toBeNull()
  })

  it('refuses what is no list of version 2 with a next one promised', () => {
    const refused: readonly Uint8Array[] = [
      crl({ version: 0 }),
      crl({ version: 2 }),
      crl({ nextUpdate: null }),
      crl({ extensions: [listScopeExtension([scopeFlag(1), scopeFlag(2)])] }),
      crl({ entries: [{ certificate: leaf, since, reason: 7 }] }),
      crl({ entries: [{ certificate: leaf, since, reason: 11 }] }),
      crl().subarray(0, -1),
      Uint8Array.of(...crl(), 0),
      edited(crl(), [0, 1, 0], node => (node.content = node.content.map(byte => byte ^ 1))),
      ca.root,
      derNull,
      new Uint8Array(0),
    ]
    for (const der of refused) expectFailure('cert.unsupported', () => parseCrl(der))
    const huge = tlv(0x30, new Uint8Array(16 * 1024 * 1024))
    expect(expectFailure('cert.unsupported', () => parseCrl(huge))).toContain('16 MiB')
  })

  it('fails by its own code whatever byte is changed', () => {
    const whole = crl({ entries: [{ certificate: leaf, since, reason: 1, invalidityDate: since }] })
    const good = parseCertificate(ca.intermediate)
    for (let index = 0; index < whole.length; index += 3) {
      const broken = whole.slice()
      broken[index] = (broken[index] ?? 0) ^ (1 << (index % 8))
      let list: Crl | null = null
      try {
        list = parseCrl(broken)
      } catch (error) {
        expectFailure('cert.unsupported', () => {
          throw error
        })
      }
      if (list !== null && !isSignedBy(good, list)) continue
      expect(list).toBeNull()
    }
  })

  it('reads and is read by openssl', () =>
    withOpenssl(bench => {
      bench.put('ours.der', crl({ entries: [{ certificate: leaf, since, reason: 6, invalidityDate: since }] }))
      const shown = bench.run('crl', '-inform', 'DER', '-in', 'ours.der', '-text', '-noout')
      expect(shown.ok, shown.stderr).toBe(true)
      expect(shown.stdout.toString()).toContain('Certificate Hold')
      expect(shown.stdout.toString().toUpperCase()).toContain(
        Buffer.from(parseCertificate(leaf).serial).toString('hex').toUpperCase(),
      )
      const made = opensslList(bench, [{ certificate: leaf, since }])
      const list = parseCrl(readCrlFile(made))
      expect(isSignedBy(parseCertificate(ca.intermediate), list)).toBe(true)
      expect(list.revoked.get(serialKey(parseCertificate(leaf).serial))?.reason).toBe('keyCompromise')
    }))
})

describe('distributionPoints', () => {
  const pointsOf = (...points: readonly Uint8Array[]) =>
    distributionPoints(parseCertificate(withPoints(leaf, ...points)))

  it('are none without the extension', () => {
    expect(distributionPoints(parseCertificate(leaf))).toEqual([])
  })

  it('tell names, reasons and whether somebody else signs', () => {
    const reasons = contextPrimitive(1, Uint8Array.of(5, 0x60))
    const [first, second] = pointsOf(
      new Uint8Array([...uriPoint('http://ca/1.crl'), ...reasons]),
      context(2, context(4, sequence())),
    )
    expect(first).toEqual({
      names: [{ kind: 'uri', text: 'http://ca/1.crl' }],
      reasons: new Set([1, 2]),
      indirect: false,
    })
    expect(second).toEqual({ names: [], reasons: allReasons, indirect: true })
  })

  it('that name nothing are malformed', () => {
    expectFailure('document.malformed', () => pointsOf(new Uint8Array(0)))
    expectFailure('document.malformed', () => pointsOf(context(0, context(0))))
  })
})

describe('readCrlFile', () => {
  it('takes DER and PEM, and nothing else', () => {
    const pem = (body: string) => `-----BEGIN X509 CRL-----\n${body}\n-----END X509 CRL-----\n`
    const list = crl()
    expect(readCrlFile(list)).toEqual(list)
    expect(readCrlFile(Buffer.from(`made by hand\n${pem(Buffer.from(list).toString('base64'))}`))).toEqual(list)
    const refused = [new Uint8Array(0), Buffer.from('text'), Buffer.from(pem('AAAA')), ca.root, list.subarray(1)]
    for (const bytes of refused) expectFailure('cert.unsupported', () => readCrlFile(bytes))
  })
})
