import { describe, expect, it } from 'vitest'
import { type Certificate, parseCertificate } from '../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../crypto/cert/issue.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { type PathRequest, validatePath } from '../../../crypto/cert/path.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { derNull, derTrue, integer, namedBits, octetString, oid, sequence } from '../../../crypto/der/writer.ts'
import { at, type DerTree, derTree, edited, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const signing = ca.bidder.sign.certificate
const now = new Date('2026-11-24T08:00:00Z')

interface Chain {
  readonly leaf?: Uint8Array
  readonly intermediates?: readonly Uint8Array[]
  readonly anchors?: readonly Uint8Array[]
}

function judge(chain: Chain, options: Partial<PathRequest> = {}): readonly Certificate[] {
  return validatePath({
    leaf: parseCertificate(chain.leaf ?? signing),
    intermediates: (chain.intermediates ?? [ca.intermediate]).map(parseCertificate),
    anchors: (chain.anchors ?? [ca.root]).map(parseCertificate),
    at: now,
    leafUse: 'sign',
    requireAllUsed: true,
    ...options,
  })
}

/** The intermediate with something in it changed, and the signature right again. */
const changedIntermediate = (change: (tbs: DerTree) => void) => reissued(ca.intermediate, ca.rootKey, change)
const changedLeaf = (change: (tbs: DerTree) => void) => reissued(signing, ca.intermediateKey, change)

function addExtension(id: string, critical: boolean, value: Uint8Array): (tbs: DerTree) => void {
  return tbs => {
    const parts = critical ? [oid(id), derTrue, octetString(value)] : [oid(id), octetString(value)]
    at(tbs, [-1, 0]).children.push(derTree(sequence(...parts)))
  }
}

/** Replaces the value of extension number `index` (basicConstraints 0, keyUsage 1). */
function setExtension(index: number, value: Uint8Array): (tbs: DerTree) => void {
  return tbs => {
    at(tbs, [-1, 0, index, -1]).content = value
  }
}

/** A leaf under two authorities, the upper one with room for the lower. */
function deepChain() {
  const middle = issueCertificate({
    subject: encodeName([['CN', '第二级签发 CA']]),
    publicKey: publicKeyInfo(testKey('second')),
    issuer: { certificate: ca.intermediate, privateKey: ca.intermediateKey },
    serial: Uint8Array.of(3),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2030-01-01T00:00:00Z'),
    profile: 'intermediate',
  })
  const issuer = { certificate: middle, privateKey: testKey('second') }
  const leaf = ca.issue('deep', { profile: 'sign', issuer }).certificate
  return { leaf, middle, roomy: changedIntermediate(setExtension(0, sequence(derTrue, integer(1)))) }
}

describe('validatePath accepts', () => {
  it('a chain to an accepted root, and answers it leaf first', () => {
    const path = judge({})
    expect(path.map(({ der }) => Buffer.from(der))).toEqual(
      [signing, ca.intermediate, ca.root].map(der => Buffer.from(der)),
    )
  })

  it('the anchor that fits among several', () => {
    expect(judge({ anchors: [ca.rival.sign.certificate, ca.root] }).length).toBe(3)
  })

  it('an intermediate given as the anchor', () => {
    expect(judge({ intermediates: [], anchors: [ca.intermediate] }).length).toBe(2)
  })

  it('a listed anchor that is no root, and what is listed above it', () => {
    expect(judge({ anchors: [ca.intermediate] }).length).toBe(2)
    expect(judge({ anchors: [ca.root, ca.intermediate] }).length).toBe(2)
    const { leaf, middle, roomy } = deepChain()
    for (const intermediates of [[middle], [middle, roomy], [roomy, middle]]) {
      const path = judge({ leaf, intermediates, anchors: [middle] })
      expect(path.map(({ der }) => Buffer.from(der))).toEqual([leaf, middle].map(der => Buffer.from(der)))
    }
  })

  it('unused intermediates when they are a pool and not a list', () => {
    const pool = [ca.rival.sign.certificate, ca.root, ca.intermediate]
    expect(judge({ intermediates: pool }, { requireAllUsed: false }).length).toBe(3)
  })

  it('the first and the last second of validity', () => {
    const { notBefore, notAfter } = parseCertificate(signing)
    expect(judge({}, { at: notBefore }).length).toBe(3)
    expect(judge({}, { at: notAfter }).length).toBe(3)
  })

  it('a critical extKeyUsage, which the format ignores', () => {
    expect(
      judge({ leaf: changedLeaf(addExtension(oids.extKeyUsage, true, sequence(oid('1.3.6.1.5.5.7.3.2')))) }).length,
    ).toBe(3)
  })

  it('unknown extensions that are not critical', () => {
    expect(judge({ leaf: changedLeaf(addExtension('1.2.3.4.5', false, derNull)) }).length).toBe(3)
  })

  it('certificates to decrypt and to stamp times by their own rules', () => {
    expect(judge({ leaf: ca.bidder.decrypt.certificate }, { leafUse: 'decrypt' }).length).toBe(3)
    expect(judge({ leaf: ca.timestamp.certificate }, { leafUse: 'timestamp' }).length).toBe(3)
  })
})

describe('validatePath refuses', () => {
  it('a leaf or an authority outside its dates', () => {
    expectFailure('cert.expired', () => judge({}, { at: new Date('2025-12-31T23:59:59Z') }))
    expectFailure('cert.expired', () => judge({}, { at: new Date('2036-01-01T00:00:01Z') }))
    const expired = changedIntermediate(tbs => {
      at(tbs, [4, 1]).content = Buffer.from('261001000000Z')
    })
    expectFailure('cert.expired', () => judge({ intermediates: [expired] }))
  })

  it('an issuer that is no authority', () => {
    const plain = changedIntermediate(setExtension(0, sequence()))
    expect(expectFailure('cert.untrusted', () => judge({ intermediates: [plain] }))).toContain('not an authority')
    const without = changedIntermediate(tbs => {
      at(tbs, [-1, 0]).children.shift()
    })
    expectFailure('cert.untrusted', () => judge({ intermediates: [without] }))
  })

  it('a leaf that issued another leaf', () => {
    const child = reissued(
      issueCertificate({
        subject: encodeName([['CN', '冒名']]),
        publicKey: publicKeyInfo(testKey('rival-sign')),
        issuer: { certificate: signing, privateKey: ca.bidder.sign.privateKey },
        serial: Uint8Array.of(9),
        notBefore: new Date('2026-01-01T00:00:00Z'),
        notAfter: new Date('2030-01-01T00:00:00Z'),
        profile: 'sign',
      }),
      ca.bidder.sign.privateKey,
      () => undefined,
    )
    expectFailure('cert.untrusted', () => judge({ leaf: child, intermediates: [signing, ca.intermediate] }))
  })

  it('a path longer than an authority allows', () => {
    const { leaf, middle, roomy } = deepChain()
    const detail = expectFailure('cert.untrusted', () => judge({ leaf, intermediates: [middle, ca.intermediate] }))
    expect(detail).toContain('longer than an authority allows')
    expect(judge({ leaf, intermediates: [middle, roomy] }).length).toBe(4)
    expect(judge({ leaf, intermediates: [roomy, middle] }).length).toBe(4)
  })

  it('an authority without keyCertSign', () => {
    const usage = changedIntermediate(setExtension(1, namedBits([0, 6])))
    expect(expectFailure('cert.untrusted', () => judge({ intermediates: [usage] }))).toContain(
      'may not sign certificates',
    )
  })

  it('SHA-1', () => {
    const withSha1 = reissued(
      signing,
      ca.intermediateKey,
      tbs => {
        at(tbs, [2, 0]).content = oid(oids.sha1WithRsa).slice(2)
      },
      'sha1',
    )
    expect(expectFailure('cert.untrusted', () => judge({ leaf: withSha1 }))).toContain('SHA-1')
  })

  it('an unknown critical extension in any certificate', () => {
    const change = addExtension('1.2.3.4.5', true, derNull)
    expectFailure('cert.untrusted', () => judge({ leaf: changedLeaf(change) }))
    expectFailure('cert.untrusted', () => judge({ intermediates: [changedIntermediate(change)] }))
    expectFailure('cert.untrusted', () => judge({ anchors: [reissued(ca.root, ca.rootKey, change)] }))
    const constraints = addExtension('2.5.29.30', true, sequence())
    expectFailure('cert.untrusted', () => judge({ intermediates: [changedIntermediate(constraints)] }))
  })

  it('an issuer name that differs in its encoding alone', () => {
    const printable = changedLeaf(tbs => {
      at(tbs, [3, 0, 0, 1]).tag = 0x0c
    })
    expectFailure('cert.untrusted', () => judge({ leaf: printable }))
  })

  it('a signature that does not hold, on the leaf or above', () => {
    const broken = (der: Uint8Array) =>
      edited(der, [2], node => {
        node.content[100] = (node.content[100] ?? 0) ^ 1
      })
    expectFailure('cert.untrusted', () => judge({ leaf: broken(signing) }))
    expectFailure('cert.untrusted', () => judge({ intermediates: [broken(ca.intermediate)] }))
  })

  it('an authority of the same name with another key', () => {
    const impostor = issueCertificate({
      subject: parseCertificate(ca.root).subject,
      publicKey: publicKeyInfo(testKey('impostor')),
      issuer: { certificate: 'self', privateKey: testKey('impostor') },
      serial: Uint8Array.of(1),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2030-01-01T00:00:00Z'),
      profile: 'root',
    })
    expectFailure('cert.untrusted', () => judge({ anchors: [impostor] }))
  })

  it('a listed certificate that is not on the path, a listed root, and one listed twice', () => {
    const list = (...more: readonly Uint8Array[]) => ({ intermediates: [ca.intermediate, ...more] })
    expect(expectFailure('cert.untrusted', () => judge(list(ca.rival.sign.certificate)))).toContain('not on the path')
    expect(expectFailure('cert.untrusted', () => judge(list(ca.root)))).toContain('root')
    expect(expectFailure('cert.untrusted', () => judge(list(ca.intermediate)))).toContain('twice')
    expect(expectFailure('cert.untrusted', () => judge(list(signing)))).toContain('twice')
  })

  it('beside an anchor that is no root: a stray, a root, a gap, or what could not stand above it', () => {
    const { leaf, middle, roomy } = deepChain()
    const above = (...more: readonly Uint8Array[]) => ({ leaf, intermediates: [middle, ...more], anchors: [middle] })
    for (const stray of [ca.rival.sign.certificate, ca.root]) {
      expect(expectFailure('cert.untrusted', () => judge(above(roomy, stray)))).toContain('not on the path')
    }
    const gap = { leaf, intermediates: [roomy], anchors: [middle] }
    expect(expectFailure('cert.untrusted', () => judge(gap))).toContain('not on the path')
    expect(expectFailure('cert.untrusted', () => judge(above(ca.intermediate)))).toContain('longer than')
    const expired = changedIntermediate(tbs => {
      at(tbs, [4, 1]).content = Buffer.from('261001000000Z')
      at(tbs, [-1, 0, 0, -1]).content = sequence(derTrue, integer(1))
    })
    expectFailure('cert.expired', () => judge(above(expired)))
    expectFailure('cert.untrusted', () => judge(above(middle)))
    const broken = { intermediates: [ca.intermediate, ca.root], anchors: [ca.intermediate, ca.root] }
    expect(expectFailure('cert.untrusted', () => judge(broken))).toContain('a root is listed')
  })

  it('a chain without its intermediate, without anchors, or ending at itself', () => {
    expectFailure('cert.untrusted', () => judge({ intermediates: [] }))
    expectFailure('cert.untrusted', () => judge({ anchors: [] }))
    expectFailure('cert.untrusted', () => judge({ leaf: ca.root, intermediates: [], anchors: [ca.root] }))
  })

  it('a leaf whose keyUsage is for something else, or missing', () => {
    expectFailure('cert.untrusted', () => judge({ leaf: ca.bidder.decrypt.certificate }))
    expectFailure('cert.untrusted', () => judge({}, { leafUse: 'decrypt' }))
    expectFailure('cert.untrusted', () => judge({}, { leafUse: 'timestamp' }))
    const without = changedLeaf(tbs => {
      at(tbs, [-1, 0]).children.splice(1, 1)
    })
    expectFailure('cert.untrusted', () => judge({ leaf: without }))
    expectFailure('cert.untrusted', () => judge({ leaf: without }, { leafUse: 'decrypt' }))
  })

  it('a time-stamp certificate with a second purpose', () => {
    const both = reissued(ca.timestamp.certificate, ca.intermediateKey, tbs => {
      at(tbs, [-1, 0, 4, -1]).content = sequence(oid(oids.timeStamping), oid('1.3.6.1.5.5.7.3.2'))
    })
    expectFailure('cert.untrusted', () => judge({ leaf: both }, { leafUse: 'timestamp' }))
    const optional = reissued(ca.timestamp.certificate, ca.intermediateKey, tbs => {
      at(tbs, [-1, 0, 4]).children.splice(1, 1)
    })
    expectFailure('cert.untrusted', () => judge({ leaf: optional }, { leafUse: 'timestamp' }))
  })

  it('weak keys anywhere on the path', () => {
    const weak = issueCertificate({
      subject: encodeName([['CN', '短密钥']]),
      publicKey: publicKeyInfo(testKey('weak', 'rsa-1024')),
      issuer: { certificate: ca.intermediate, privateKey: ca.intermediateKey },
      serial: Uint8Array.of(3),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2030-01-01T00:00:00Z'),
      profile: 'sign',
    })
    expectFailure('cert.unsupported', () => judge({ leaf: weak }))
  })

  it('a list made to cost time', () => {
    const many = Array.from({ length: 17 }, () => ca.intermediate)
    expectFailure('cert.untrusted', () => judge({ intermediates: many }, { requireAllUsed: false }))
  })
})

describe('validatePath agrees with openssl', () => {
  it('on what it refuses', () =>
    withOpenssl(bench => {
      const broken: Readonly<Record<string, Chain>> = {
        'not an authority': { intermediates: [changedIntermediate(setExtension(0, sequence()))] },
        'no keyCertSign': { intermediates: [changedIntermediate(setExtension(1, namedBits([0, 6])))] },
        'critical extension': { leaf: changedLeaf(addExtension('1.2.3.4.5', true, derNull)) },
        'no intermediate': { intermediates: [] },
      }
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      for (const [name, chain] of Object.entries(broken)) {
        expectFailure('cert.untrusted', () => judge(chain))
        bench.put('leaf.pem', toPem(chain.leaf ?? signing, 'CERTIFICATE'))
        const pool = chain.intermediates ?? [ca.intermediate]
        bench.put('pool.pem', [ca.root, ...pool].map(der => toPem(der, 'CERTIFICATE')).join(''))
        expect(bench.run('verify', '-CAfile', 'root.pem', '-untrusted', 'pool.pem', 'leaf.pem').ok, name).toBe(false)
      }
    }))
})
