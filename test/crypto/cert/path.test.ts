import { describe, expect, it } from 'vitest'
import { type Certificate, parseCertificate } from '../../../crypto/cert/certificate.ts'
import { issueCertificate, type IssueOptions } from '../../../crypto/cert/issue.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { type PathRequest, validatePath } from '../../../crypto/cert/path.ts'
import { signatureScheme } from '../../../crypto/cert/signature-algorithm.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { derNull, derTrue, integer, namedBits, octetString, oid, sequence } from '../../../crypto/der/writer.ts'
import type { PrivateKey } from '../../../crypto/sign/private-key.ts'
import { sm2Digest, sm2PublicOf, sm2SignDigest } from '../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../crypto/sm/sm3.ts'
import { at, derBytes, type DerTree, derTree, edited, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa, gmTestKey } from '../../fixtures/gm-ca.ts'
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

describe('a path that is only looked at', () => {
  it('may end at a certificate of any use, and is held to every other rule', () => {
    expect(judge({ leaf: ca.intermediate, intermediates: [] }, { leafUse: 'any' })).toHaveLength(2)
    expect(judge({ leaf: ca.bidder.decrypt.certificate }, { leafUse: 'any' })).toHaveLength(3)
    const change = addExtension('1.2.3.4.5', true, derNull)
    expectFailure('cert.untrusted', () => judge({ leaf: changedLeaf(change) }, { leafUse: 'any' }))
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
    expect(judge({ leaf: printable }, { names: 'rfc5280' })).toHaveLength(3)
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

describe('chains with SM2', () => {
  const gm = gmCa()
  const chain = { leaf: gm.bidder.sign.certificate, intermediates: [gm.intermediate], anchors: [gm.root] }
  const common = {
    serial: Uint8Array.of(9),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
  }

  /** An SM2 certificate with its signature made again, in another way or over another algorithm identifier. */
  function resigned(
    der: Uint8Array,
    change: (tree: DerTree) => void,
    sign: (tbs: Uint8Array) => Uint8Array,
  ): Uint8Array {
    const tree = derTree(der)
    change(tree)
    at(tree, [2]).content = Uint8Array.of(0, ...sign(derBytes(at(tree, [0]))))
    return derBytes(tree)
  }
  const { d } = gm.intermediateKey
  const signRight = (tbs: Uint8Array) => sm2SignDigest(d, sm2Digest(sm2PublicOf(d), tbs))

  it('are accepted, every link judged', () => {
    expect(judge(chain)).toHaveLength(3)
    expect(judge({ ...chain, leaf: gm.bidder.decrypt.certificate }, { leafUse: 'decrypt' })).toHaveLength(3)
    expect(
      judge({ ...chain, leaf: gm.issue('timestamp', { profile: 'timestamp' }).certificate }, { leafUse: 'timestamp' }),
    ).toHaveLength(3)
    const again = resigned(chain.leaf, () => undefined, signRight)
    expect(judge({ ...chain, leaf: again })).toHaveLength(3)
  })

  it('are accepted where RSA, P-256 and SM2 authorities certify each other', () => {
    const middle = (key: PrivateKey, issuer: IssueOptions['issuer'], name: string) =>
      issueCertificate({
        ...common,
        subject: encodeName([['CN', name]]),
        publicKey: publicKeyInfo(key),
        issuer,
        profile: 'root',
      })
    const kinds: readonly PrivateKey[] = [testKey('mixed'), testKey('mixed', 'P-256'), gmTestKey('mixed')]
    for (const upper of kinds) {
      const root = middle(upper, { certificate: 'self', privateKey: upper }, '混合根')
      for (const lower of kinds) {
        const issuing = middle(lower, { certificate: root, privateKey: upper }, '混合签发')
        const leaf = issueCertificate({
          ...common,
          subject: encodeName([['CN', '混合']]),
          publicKey: publicKeyInfo(gmTestKey('leaf')),
          issuer: { certificate: issuing, privateKey: lower },
          profile: 'sign',
        })
        expect(judge({ leaf, intermediates: [issuing], anchors: [root] })).toHaveLength(3)
      }
    }
  })

  it('are accepted when openssl issued them', () =>
    withOpenssl(bench => {
      const identifier = ['-sm3', '-sigopt', 'distid:1234567812345678']
      const der = (name: string) => Uint8Array.from(bench.run('x509', '-in', name, '-outform', 'DER').stdout)
      const key = (name: string) => bench.run('genpkey', '-algorithm', 'SM2', '-out', name)
      key('root.key')
      key('leaf.key')
      const subject = ['-subj', '/CN=root', '-addext', 'keyUsage=critical,keyCertSign', '-days', '3650']
      bench.run('req', '-x509', '-new', '-key', 'root.key', ...identifier, ...subject, '-out', 'root.pem')
      bench.run('req', '-new', '-key', 'leaf.key', ...identifier, '-subj', '/CN=leaf', '-out', 'leaf.csr')
      bench.put('extensions', 'keyUsage=critical,digitalSignature\n')
      const issued = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'extensions']
      const request = ['-req', '-in', 'leaf.csr', '-vfyopt', 'distid:1234567812345678', ...issued]
      const made = bench.run('x509', ...request, ...identifier, '-out', 'leaf.pem')
      expect(made.ok, made.stderr).toBe(true)
      const path = judge(
        { leaf: der('leaf.pem'), intermediates: [], anchors: [der('root.pem')] },
        { at: new Date(Date.now() + 60_000) },
      )
      expect(path).toHaveLength(2)
    }))

  it('are refused when a signature does not hold, was made without Z, or under another identifier', () => {
    const tampered = [
      edited(chain.leaf, [0, 1], node => (node.content = Uint8Array.of(...node.content.subarray(0, -1), 0x55))),
      resigned(
        chain.leaf,
        () => undefined,
        tbs => sm2SignDigest(d, sm3(tbs)),
      ),
      resigned(
        chain.leaf,
        () => undefined,
        tbs => sm2SignDigest(d, sm2Digest(sm2PublicOf(d), tbs, new Uint8Array(0))),
      ),
      resigned(
        chain.leaf,
        () => undefined,
        tbs => Uint8Array.of(...signRight(tbs), 0),
      ),
      resigned(
        chain.leaf,
        () => undefined,
        () => new Uint8Array(0),
      ),
    ]
    for (const leaf of tampered) expectFailure('cert.untrusted', () => judge({ ...chain, leaf }))
    const { certificate } = gm.rival.sign
    const foreign = { intermediates: [ca.intermediate], anchors: [ca.root] }
    expectFailure('cert.untrusted', () => judge({ leaf: certificate, ...foreign }))
  })

  it('are refused when the algorithm named is not the key’s', () => {
    const named = (algorithm: Uint8Array) => (tree: DerTree) => {
      tree.children[1] = derTree(algorithm)
      at(tree, [0]).children[2] = derTree(algorithm)
    }
    const rsa = resigned(chain.leaf, named(sequence(oid(oids.sha256WithRsa), derNull)), signRight)
    expectFailure('cert.untrusted', () => judge({ ...chain, leaf: rsa }))
    const ecdsa = resigned(chain.leaf, named(sequence(oid(oids.ecdsaWithSha256))), signRight)
    expectFailure('cert.untrusted', () => judge({ ...chain, leaf: ecdsa }))
    const withNull = resigned(chain.leaf, named(sequence(oid(oids.sm2WithSm3), derNull)), signRight)
    expect(judge({ ...chain, leaf: withNull })).toHaveLength(3)
    const other = resigned(chain.leaf, named(sequence(oid('1.2.156.10197.1.504'))), signRight)
    expectFailure('cert.unsupported', () => judge({ ...chain, leaf: other }))
    const sm2ByRsa = reissued(signing, ca.intermediateKey, tbs => {
      at(tbs, [2]).children = derTree(sequence(oid(oids.sm2WithSm3))).children
    })
    expectFailure('cert.untrusted', () => judge({ leaf: sm2ByRsa }))
    expectFailure('document.malformed', () => signatureScheme(sequence(oid(oids.sm2WithSm3), integer(1))))
  })

  it('are refused when a key on the path is no point of the curve', () => {
    const broken = (publicKey: Uint8Array) =>
      publicKey.map((byte, at) => (at === publicKey.length - 1 ? byte ^ 1 : byte))
    const leaf = gm.issue('broken', { profile: 'sign', publicKey: broken(publicKeyInfo(gmTestKey('broken'))) })
    expectFailure('cert.unsupported', () => judge({ ...chain, leaf: leaf.certificate }))
  })
})
