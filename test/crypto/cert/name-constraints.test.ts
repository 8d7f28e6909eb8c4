import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import type { GeneralName } from '../../../crypto/cert/general-name.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { isInSubtree } from '../../../crypto/cert/name-subtree.ts'
import { validatePath } from '../../../crypto/cert/path.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { context, contextPrimitive, integer, sequence } from '../../../crypto/der/writer.ts'
import { at, type DerTree, derTree, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { extension } from '../../fixtures/revocation.ts'

const ca = practiceCa()
const text = (value: string) => new Uint8Array(Buffer.from(value, 'latin1'))
const email = (value: string): GeneralName => ({ kind: 'email', text: value })
const dns = (value: string): GeneralName => ({ kind: 'dns', text: value })
const uri = (value: string): GeneralName => ({ kind: 'uri', text: value })
const ip = (...bytes: readonly number[]): GeneralName => ({ kind: 'ip', address: Uint8Array.from(bytes) })

describe('isInSubtree', () => {
  it.each([
    [dns('example.com'), dns('Host.Example.COM'), true],
    [dns('example.com'), dns('example.com'), true],
    [dns('example.com'), dns('badexample.com'), false],
    [dns('.example.com'), dns('example.com'), false],
    [dns('.example.com'), dns('a.example.com'), true],
    [dns(''), dns('anything'), true],
    [email('a@Example.com'), email('a@example.COM'), true],
    [email('a@example.com'), email('A@example.com'), false],
    [email('example.com'), email('x@example.com'), true],
    [email('example.com'), email('x@mail.example.com'), false],
    [email('.example.com'), email('x@mail.example.com'), true],
    [email('.example.com'), email('x@example.com'), false],
    [uri('example.com'), uri('https://user@example.com:8443/path?x#y'), true],
    [uri('example.com'), uri('https://a.example.com/'), false],
    [uri('.example.com'), uri('http://a.example.com'), true],
    [uri('example.com'), uri('https://example.com.evil.org/'), false],
    [uri('example.com'), uri('https://evil.org/@example.com'), false],
    [ip(10, 1, 0, 0, 255, 255, 0, 0), ip(10, 1, 2, 3), true],
    [ip(10, 1, 0, 0, 255, 255, 0, 0), ip(10, 2, 2, 3), false],
    [ip(10, 1, 0, 0, 255, 255, 0, 0), { kind: 'ip', address: new Uint8Array(16) }, false],
  ] as const)('judges %o against %o', (base, name, inside) => {
    for (const list of ['permitted', 'excluded'] as const) expect(isInSubtree(base, name, list)).toBe(inside)
  })

  it('holds what cannot be placed for excluded and for not permitted', () => {
    const unplaced: readonly (readonly [GeneralName, GeneralName])[] = [
      [uri('example.com'), uri('mailto:a@example.com')],
      [uri('example.com'), uri('https://192.0.2.1/')],
      [uri('example.com'), uri('https://[2001:db8::1]/')],
      [email('example.com'), email('example.com')],
    ]
    for (const [base, name] of unplaced) {
      expect(isInSubtree(base, name, 'permitted')).toBe(false)
      expect(isInSubtree(base, name, 'excluded')).toBe(true)
    }
    expect(isInSubtree(dns('mail.example.com'), dns('*.example.com'), 'excluded')).toBe(true)
    expect(isInSubtree(dns('mail.example.com'), dns('*.example.com'), 'permitted')).toBe(false)
  })

  it('refuses a range of addresses that is none', () => {
    expectFailure('cert.unsupported', () => isInSubtree(ip(10, 1), ip(10, 1, 2, 3), 'permitted'))
  })
})

describe('name constraints of an authority', () => {
  const add = (id: string, value: Uint8Array) => (tbs: DerTree) => {
    at(tbs, [-1, 0]).children.push(derTree(extension(id, value, true)))
  }
  const permitted = (...bases: readonly Uint8Array[]) => context(0, ...bases.map(base => sequence(base)))
  const excluded = (...bases: readonly Uint8Array[]) => context(1, ...bases.map(base => sequence(base)))
  const directory = (name: Uint8Array) => context(4, name)
  const chain = (constraints: Uint8Array, alternative?: Uint8Array) => {
    const { certificate } = ca.bidder.sign
    const named = (tbs: DerTree) => add(oids.subjectAltName, sequence(alternative ?? new Uint8Array(0)))(tbs)
    return {
      leaf: alternative === undefined ? certificate : reissued(certificate, ca.intermediateKey, named),
      intermediate: reissued(ca.intermediate, ca.rootKey, add(oids.nameConstraints, constraints)),
    }
  }
  const judge = ({ leaf, intermediate }: ReturnType<typeof chain>) =>
    validatePath({
      leaf: parseCertificate(leaf),
      intermediates: [parseCertificate(intermediate)],
      anchors: [parseCertificate(ca.root)],
      at: new Date('2026-11-24T08:00:00Z'),
      leafUse: 'sign',
      requireAllUsed: true,
    })
  const country = directory(encodeName([['C', 'CN']]))
  const other = directory(encodeName([['C', 'FR']]))
  const host = (name: string) => contextPrimitive(2, text(name))

  const good: Readonly<Record<string, ReturnType<typeof chain>>> = {
    'a subject inside': chain(sequence(permitted(country))),
    'one of several': chain(sequence(permitted(other, country))),
    'a form nobody bears': chain(sequence(permitted(host('example.com')))),
    'an alternative name inside': chain(sequence(permitted(host('example.com'))), host('a.example.com')),
    'nothing of what is excluded': chain(sequence(excluded(other))),
  }
  const bad: Readonly<Record<string, ReturnType<typeof chain>>> = {
    'a subject outside': chain(sequence(permitted(other))),
    'a subject excluded': chain(sequence(permitted(country), excluded(country))),
    'a subject excluded in other capitals': chain(sequence(excluded(directory(encodeName([['C', 'cn']]))))),
    'an alternative name outside': chain(sequence(permitted(host('example.com'))), host('example.org')),
    'an address excluded': chain(
      sequence(excluded(contextPrimitive(7, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)))),
      contextPrimitive(7, Uint8Array.of(10, 1, 2, 3)),
    ),
  }

  it('let names inside pass', () => {
    for (const one of Object.values(good)) expect(judge(one)).toHaveLength(3)
  })

  it('refuse names outside', () => {
    for (const one of Object.values(bad)) {
      expect(expectFailure('cert.untrusted', () => judge(one))).toMatch(/a name (outside|an authority)/)
    }
  })

  it('are judged as openssl judges them', () =>
    withOpenssl(bench => {
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      for (const [expected, set] of [
        [true, good],
        [false, bad],
      ] as const) {
        for (const [name, { leaf, intermediate }] of Object.entries(set)) {
          bench.put('leaf.pem', toPem(leaf, 'CERTIFICATE'))
          bench.put('pool.pem', toPem(intermediate, 'CERTIFICATE'))
          const at = String(Date.parse('2026-11-24T08:00:00Z') / 1000)
          const files = ['-CAfile', 'root.pem', '-untrusted', 'pool.pem', 'leaf.pem']
          expect(bench.run('verify', '-attime', at, ...files).ok, name).toBe(expected)
        }
      }
    }))

  it('are refused where they say nothing, cannot be read, or ask for what nobody can judge', () => {
    expectFailure('cert.untrusted', () => judge(chain(sequence())))
    expectFailure('cert.unsupported', () => judge(chain(integer(1))))
    const least = context(0, sequence(country, contextPrimitive(0, Uint8Array.of(1))))
    expectFailure('cert.unsupported', () => judge(chain(sequence(least))))
    const registered = contextPrimitive(8, Uint8Array.of(0x2a, 3))
    expectFailure('cert.unsupported', () => judge(chain(sequence(permitted(registered)), registered)))
    expect(judge(chain(sequence(permitted(registered))))).toHaveLength(3)
  })

  it('hold for the mail address in a subject too', () => {
    const mail = (address: string) =>
      reissued(ca.bidder.sign.certificate, ca.intermediateKey, tbs => {
        const attribute = sequence(
          Uint8Array.from(Buffer.from('06092a864886f70d010901', 'hex')),
          Uint8Array.of(0x16, address.length, ...text(address)),
        )
        at(tbs, [5]).children.push({ tag: 0x31, content: new Uint8Array(0), children: [derTree(attribute)] })
      })
    const { intermediate } = chain(sequence(permitted(contextPrimitive(1, text('example.com')))))
    expect(judge({ leaf: mail('a@example.com'), intermediate })).toHaveLength(3)
    expectFailure('cert.untrusted', () => judge({ leaf: mail('a@example.org'), intermediate }))
  })

  it('of a list made to cost time are refused', () => {
    const many = Array.from({ length: 400 }, (_, index) => host(`h${index}.example`))
    const names = many.map(name => Buffer.from(name))
    const one = chain(sequence(excluded(...many)), new Uint8Array(Buffer.concat(names)))
    expect(expectFailure('cert.unsupported', () => judge(one))).toContain('more names')
  })
})
