import { describe, expect, it } from 'vitest'
import { type Certificate, parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { validatePath } from '../../../../crypto/cert/path.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { signDetachedCms } from '../../../../crypto/cms/detached.ts'
import { signDetachedGm, verifyDetachedGm } from '../../../../crypto/cms/gm/detached.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, derNull, octetString, oid, sequence, tlv } from '../../../../crypto/der/writer.ts'
import { sm2Digest, sm2SignDigest } from '../../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../../crypto/sm/sm3.ts'
import type { Signer } from '../../../../crypto/sign/signer.ts'
import { at, derBytes, type DerTree, derTree, edited, flipped, leaf } from '../../../fixtures/der-edit.ts'
import { expectFailure, expectRejection } from '../../../fixtures/failure.ts'
import { gmCa, type GmIdentity } from '../../../fixtures/gm-ca.ts'
import { withOpenssl } from '../../../fixtures/openssl.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'

const ca = gmCa()
const { sign: lock, decrypt } = ca.bidder
const content = Buffer.from('{"type":"bidseal/1 seal","note":"云岭建设"}')
const signed = await signDetachedGm(content, lock.signer())

/** Places inside a signature. */
const body = [1, 0]
const digests = [...body, 1, 0]
const contentInfo = [...body, 2]
const list = [...body, 3]
const signers = [...body, 4]
const info = [...signers, 0]

const refuses = (signature: Uint8Array, over: Uint8Array = content) =>
  expectFailure('document.signature', () => verifyDetachedGm(over, signature))
const change = (place: readonly number[], how: (node: DerTree) => void) => edited(signed, place, how)
const setAlgorithm = (place: readonly number[], dotted: string, ...parameters: readonly Uint8Array[]) =>
  change(place.slice(0, -1), node => {
    node.children[place.at(-1) ?? 0] = derTree(sequence(oid(dotted), ...parameters))
  })
const inSigner = (index: number, der: Uint8Array) =>
  change(info, node => {
    node.children[index] = derTree(der)
  })
/** The signature of a digest by the lock's key, in place of the one that is there. */
const withDigest = (digest: Uint8Array, by: GmIdentity = lock) =>
  inSigner(4, octetString(sm2SignDigest(by.privateKey.d, digest)))

function trusted(signature: Uint8Array): readonly Certificate[] {
  const { signer, intermediates } = verifyDetachedGm(content, signature)
  const anchors = [parseCertificate(ca.root)]
  const judged = new Date('2026-11-24T08:30:00Z')
  return validatePath({ leaf: signer, intermediates, anchors, at: judged, leafUse: 'sign', requireAllUsed: true })
}

describe('a signature of the gm profile', () => {
  it('is verified by openssl from the r and s in it, over the content with the default id', () =>
    withOpenssl(bench => {
      bench.put('signer.pem', toPem(lock.certificate, 'CERTIFICATE'))
      bench.put('content', content)
      bench.put('signature', at(derTree(signed), [...info, 4]).content)
      const id = ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678']
      const verify = (name: string) =>
        bench.run('pkeyutl', '-verify', '-certin', '-inkey', 'signer.pem', ...id, '-in', name, '-sigfile', 'signature')
      expect(verify('content').ok, verify('content').stderr).toBe(true)
      bench.put('other', Buffer.from('other'))
      expect(verify('other').ok).toBe(false)
      bench.put('signed', signed)
      const parsed = bench.run('asn1parse', '-inform', 'DER', '-in', 'signed')
      expect(parsed.ok, parsed.stderr).toBe(true)
    }))

  it('is accepted when openssl has made the r and s in it', () =>
    withOpenssl(bench => {
      bench.put('key.der', ecPrivateKey(lock))
      bench.put('content', content)
      const { stdout, ok, stderr } = bench.run(
        ...['pkeyutl', '-sign', '-inkey', 'key.der', '-keyform', 'DER', '-rawin', '-digest', 'sm3'],
        ...['-pkeyopt', 'distid:1234567812345678', '-in', 'content'],
      )
      expect(ok, stderr).toBe(true)
      expect(verifyDetachedGm(content, inSigner(4, octetString(stdout))).signer.der).toEqual(lock.certificate)
    }))

  it('names its signer and lists the certificates up to, and without, the root', () => {
    const { signer, intermediates, signatureOctets, signingTime } = verifyDetachedGm(content, signed)
    expect(signer.der).toEqual(lock.certificate)
    expect(intermediates.map(each => each.der)).toEqual([ca.intermediate])
    expect(signatureOctets).toEqual(at(derTree(signed), [...info, 4]).content)
    expect(signingTime).toBeUndefined()
    expect(trusted(signed).map(each => each.der)).toEqual([lock.certificate, ca.intermediate, ca.root])
  })

  it('lists no root and no stranger, whatever the signer knows', async () => {
    const signer: Signer = { ...lock.signer(), intermediates: [ca.root, ca.rival.sign.certificate, ca.intermediate] }
    const { intermediates } = verifyDetachedGm(content, await signDetachedGm(content, signer))
    expect(intermediates.map(each => each.der)).toEqual([ca.intermediate])
  })

  it('is written with the numbers of the profile: data, SM3, 301.1, version 1, no content, no attributes', () => {
    const tree = derTree(signed)
    expect(derBytes(at(tree, [0]))).toEqual(oid('1.2.156.10197.6.1.4.2.2'))
    expect(derBytes(at(tree, contentInfo))).toEqual(sequence(oid('1.2.156.10197.6.1.4.2.1')))
    expect(derBytes(at(tree, digests))).toEqual(sequence(oid('1.2.156.10197.1.401')))
    expect(at(tree, info).children).toHaveLength(5)
    expect(derBytes(at(tree, [...info, 3]))).toEqual(sequence(oid('1.2.156.10197.1.301.1')))
    expect([at(tree, [...body, 0]).content, at(tree, [...info, 0]).content]).toEqual([
      Uint8Array.of(1),
      Uint8Array.of(1),
    ])
  })

  it('is accepted with SM3WithSM2 for its algorithm, and with NULL beside SM3', () => {
    verifyDetachedGm(content, setAlgorithm([...info, 3], '1.2.156.10197.1.501'))
    verifyDetachedGm(content, setAlgorithm(digests, oids.sm3, derNull))
    verifyDetachedGm(content, setAlgorithm([...info, 2], oids.sm3, derNull))
  })
})

describe('signing', () => {
  it('refuses certificates that may not sign or hold another key', async () => {
    const cut = parseCertificate(practiceCa().bidder.sign.certificate)
    expect(cut.key.kind).toBe('rsa')
    await expectRejection('cert.unsupported', signDetachedGm(content, practiceCa().bidder.sign.signer()))
    await expectRejection('cert.untrusted', signDetachedGm(content, { ...lock.signer(), ...of(decrypt) }))
    await expectRejection('token.unsupported', signDetachedGm(content, { ...lock.signer(), algorithms: [] }))
    // And the other suite does not take an SM2 lock.
    await expectRejection('cert.unsupported', signDetachedCms(content, lock.signer(), null))
  })

  it('never passes on what does not verify: another key, a digest hashed again, no signature at all', async () => {
    const answering = (sign: Signer['sign']): Signer => ({ ...lock.signer(), sign })
    const { d } = lock.privateKey
    const answers: readonly ((digest: Uint8Array) => Uint8Array)[] = [
      digest => sm2SignDigest(decrypt.privateKey.d, digest),
      digest => sm2SignDigest(d, sm3(digest)),
      () => sm2SignDigest(d, sm3(content)),
      () => new Uint8Array(64),
      () => new Uint8Array(),
      digest => Buffer.concat([sm2SignDigest(d, digest), Buffer.of(0)]),
    ]
    for (const answer of answers) {
      const signer = answering((_, digest) => Promise.resolve(answer(digest)))
      await expectRejection('document.signature', signDetachedGm(content, signer))
    }
  })

  it('asks for SM2 with e = SM3(Z ‖ content)', async () => {
    const asked: [string, Uint8Array][] = []
    const real = lock.signer()
    await signDetachedGm(content, {
      ...real,
      sign(algorithm, digest) {
        asked.push([algorithm, Uint8Array.from(digest)])
        return real.sign(algorithm, digest)
      },
    })
    const point = sm2PointOf(parseCertificate(lock.certificate))
    expect(asked).toEqual([['sm2-sm3', sm2Digest(point, content)]])
  })
})

describe('the reader refuses', () => {
  it('another content, and any bit changed outside the certificates', () => {
    refuses(signed, Buffer.from('other'))
    const from = signed.length - 150
    for (let bit = from * 8; bit < signed.length * 8; bit += 7) refuses(flipped(signed, bit))
    for (let bit = 0; bit < 8 * 40; bit += 1) refuses(flipped(signed, bit))
  })

  it('a signature made otherwise: without Z, over the digest, over the content info, by another key', () => {
    const point = sm2PointOf(parseCertificate(lock.certificate))
    verifyDetachedGm(content, withDigest(sm2Digest(point, content)))
    refuses(withDigest(sm3(content)))
    refuses(withDigest(sm2Digest(point, sm3(content))))
    refuses(withDigest(sm2Digest(point, content, Buffer.from('1234567812345679'))))
    refuses(withDigest(sm3(sequence(oid(oids.gmData), context(0, octetString(content))))))
    refuses(withDigest(sm2Digest(point, content), decrypt))
  })

  it('a content inside the message, even the right one', () => {
    refuses(
      change(contentInfo, node => {
        node.children.push(derTree(context(0, octetString(content))))
      }),
    )
  })

  it('attributes, signed or not, even with a signature over them', () => {
    const attribute = (type: string, value: Uint8Array) => sequence(oid(type), tlv(0x31, value))
    const attributes = [
      attribute(oids.contentType, oid(oids.gmData)),
      attribute(oids.messageDigest, octetString(sm3(content))),
    ]
    const point = sm2PointOf(parseCertificate(lock.certificate))
    const over = sm2Digest(point, tlv(0x31, ...attributes))
    const withAttributes = edited(withDigest(over), info, node => {
      node.children.splice(3, 0, derTree(context(0, ...attributes)))
    })
    refuses(withAttributes)
    for (const [index, tag] of [
      [3, 0xa0],
      [5, 0xa1],
    ] as const) {
      refuses(
        change(info, node => {
          node.children.splice(index, 0, leaf(tag, new Uint8Array()))
        }),
      )
    }
  })

  it('two signers, none, and a signer that is not listed', () => {
    refuses(
      change(signers, node => {
        node.children.push(at(node, [0]))
      }),
    )
    refuses(
      change(signers, node => {
        node.children = []
      }),
    )
    refuses(
      change(list, node => {
        node.children = node.children.filter(each => !Buffer.from(derBytes(each)).equals(lock.certificate))
      }),
    )
  })

  it('an encryption certificate, an RSA certificate, lists of revocations', async () => {
    // A lock that signs with its encryption key: the names fit and the mathematics holds.
    const point = sm2PointOf(parseCertificate(decrypt.certificate))
    const certificate = derTree(decrypt.certificate)
    const swapped = edited(withDigest(sm2Digest(point, content), decrypt), body, node => {
      at(node, [3]).children = [certificate, derTree(ca.intermediate)].sort(byBytes)
      at(node, [4, 0]).children[1] = {
        tag: 0x30,
        content: new Uint8Array(),
        children: [at(certificate, [0, 3]), at(certificate, [0, 1])],
      }
    })
    expect(refuses(swapped)).toContain('may not sign')
    refuses(
      change(body, node => {
        node.children.splice(4, 0, derTree(context(1, sequence())))
      }),
    )
    refuses(await signDetachedCms(content, practiceCa().bidder.sign.signer(), null))
  })

  it('other algorithms than SM3 and SM2, and parameters where none belong', () => {
    refuses(setAlgorithm(digests, oids.sha256))
    refuses(setAlgorithm([...info, 2], oids.sha256))
    refuses(setAlgorithm([...info, 2], '1.2.156.10197.1.401.2'))
    refuses(setAlgorithm(digests, oids.sm3, sequence()))
    for (const dotted of [oids.sm2, oids.sm2KeyExchange, oids.sm2Encryption, oids.ecdsaWithSha256]) {
      refuses(setAlgorithm([...info, 3], dotted))
    }
    refuses(setAlgorithm([...info, 3], oids.sm2Signature, derNull))
  })

  it('another version, type, or order; the same thing in other bytes', () => {
    for (const place of [
      [...body, 0],
      [...info, 0],
    ]) {
      refuses(change(place, node => (node.content = Uint8Array.of(3))))
    }
    refuses(change([0], node => (node.content = oid(oids.signedData).slice(2))))
    refuses(change([...contentInfo, 0], node => (node.content = oid(oids.data).slice(2))))
    refuses(change(list, node => node.children.reverse()))
    refuses(
      change(list, node => {
        node.children.push(at(node, [-1]))
      }),
    )
    refuses(Buffer.concat([signed, Buffer.of(0)]))
    refuses(signed.subarray(0, -1))
    refuses(new Uint8Array())
    const signature = at(derTree(signed), [...info, 4]).content
    refuses(inSigner(4, octetString(Buffer.concat([signature, Buffer.of(0)]))))
    refuses(inSigner(4, octetString(rawOf(signature))))
    refuses(inSigner(4, octetString(sequence(leadingZero(signature, 0), leadingZero(signature, 1)))))
  })

  it('numbers out of range: zero and the order of the group', () => {
    const order = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'
    const number = (hex: string) => tlv(0x02, Buffer.from(hex, 'hex'))
    for (const [r, s] of [
      ['00', '01'],
      ['01', '00'],
      [`00${order}`, '01'],
      ['01', `00${order}`],
    ] as const) {
      refuses(inSigner(4, octetString(sequence(number(r), number(s)))))
    }
  })

  it('a message longer than 64 KiB', () => {
    expect(refuses(new Uint8Array(65_537))).toContain('64 KiB')
  })
})

const of = (identity: GmIdentity) => ({ certificate: identity.certificate })
const byBytes = (one: DerTree, other: DerTree) => Buffer.compare(derBytes(one), derBytes(other))

function rawOf(signature: Uint8Array): Uint8Array {
  const halves = derTree(signature).children.map(({ content: number }) => {
    const digits = Buffer.from(number).subarray(number[0] === 0 ? 1 : 0)
    return Buffer.concat([Buffer.alloc(32 - digits.length), digits])
  })
  return Buffer.concat(halves)
}

function leadingZero(signature: Uint8Array, which: 0 | 1): Uint8Array {
  return tlv(0x02, Buffer.of(0), at(derTree(signature), [which]).content)
}

/** SEC 1, C.4: what openssl reads whatever its version. */
function ecPrivateKey({ privateKey }: GmIdentity): Uint8Array {
  return sequence(tlv(0x02, Buffer.of(1)), octetString(privateKey.d), context(0, oid(oids.sm2)))
}
