import { createHash, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { validatePath } from '../../../crypto/cert/path.ts'
import { attributesToSign, encodeSignedData, readSignedData } from '../../../crypto/cms/signed-data.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { readDer } from '../../../crypto/der/reader.ts'
import { derNull, integer, octetString, oid, sameBytes, sequence, tlv, utf8String } from '../../../crypto/der/writer.ts'
import { canonicalTimestamp } from '../../../crypto/sign/canonical-timestamp.ts'
import { verifyTimestamp } from '../../../crypto/sign/timestamp.ts'
import { sm2Digest, sm2PublicOf, sm2SignDigest } from '../../../crypto/sm/sm2/index.ts'
import { sm3 } from '../../../crypto/sm/sm3.ts'
import type { SuiteId } from '../../../crypto/suite.ts'
import { at, derBytes, type DerTree, derTree, edited, flipped, leaf } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { type OpensslBench, withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { opensslStamp } from '../../fixtures/time-stamp.ts'

const ca = practiceCa()
const signature = Uint8Array.from(randomBytes(256))

/** SignedData inside the response, and its parts. */
const signedData = [1, 1, 0]
const signerInfo = [...signedData, 4, 0]

const stamp = (
  bench: OpensslBench,
  digest = 'sha256',
  changes: Readonly<Record<string, string>> = {},
  suite: SuiteId = 'intl-1',
): Uint8Array => opensslStamp(bench, signature, { digest, changes, suite })

const made = withOpenssl(bench => stamp(bench))

/** The signer's info changed and signed again by the authority's key. */
function resigned(response: Uint8Array, change: (tree: DerTree) => void, digest = 'sha256'): Uint8Array {
  const tree = derTree(response)
  change(tree)
  const info = at(tree, signerInfo)
  const attributes = derBytes({ ...at(info, [3]), tag: 0x31 })
  at(info, [5]).content = sign(digest, attributes, ca.timestamp.privateKey)
  return derBytes(tree)
}

const refuses = (response: Uint8Array) =>
  expectFailure('document.signature', () => verifyTimestamp(response, signature))

describe('verifyTimestamp accepts', () => {
  it('what openssl ts makes and verifies, and gives its time and certificates', () =>
    withOpenssl(bench => {
      const response = stamp(bench)
      const verified = verifyTimestamp(response, signature)
      expect(Math.abs(verified.time.getTime() - Date.now())).toBeLessThan(60_000)
      expect(Buffer.from(verified.signer.der)).toEqual(Buffer.from(ca.timestamp.certificate))
      const path = validatePath({
        leaf: verified.signer,
        intermediates: verified.intermediates,
        anchors: [parseCertificate(ca.root)],
        at: verified.time,
        leafUse: 'timestamp',
        requireAllUsed: true,
      })
      expect(path).toHaveLength(3)
      bench.put('r', response)
      const judged = bench.run('ts', '-verify', '-queryfile', 'q', '-in', 'r', '-CAfile', 'root.pem')
      expect(judged.ok, judged.stderr).toBe(true)
    }))

  it('signing-certificate of version 1, and longer digests of the authority', () =>
    withOpenssl(bench => {
      verifyTimestamp(stamp(bench, 'sha256', { ess_cert_id_alg: 'sha1' }), signature)
      verifyTimestamp(stamp(bench, 'sha256', { signer_digest: 'sha512' }), signature)
    }))
})

describe('a time stamp under gm-1', () => {
  const gm = gmCa()

  it('may be of SM3, which intl-1 refuses, or of SHA-256, and of no other digest', () =>
    withOpenssl(bench => {
      const response = stamp(bench, 'sm3', {}, 'gm-1')
      const { time, signer } = verifyTimestamp(response, signature, 'gm-1')
      expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(60_000)
      expect(sameBytes(signer.der, ca.timestamp.certificate)).toBe(true)
      expect(expectFailure('document.signature', () => verifyTimestamp(response, signature))).toContain('imprint')
      expectFailure('document.signature', () => verifyTimestamp(response, flipped(signature, 0), 'gm-1'))
      verifyTimestamp(stamp(bench, 'sha256', {}, 'gm-1'), signature, 'gm-1')
      expect(expectFailure('document.signature', () => stamp(bench, 'sha512', {}, 'gm-1'))).toContain('imprint')
    }))

  /** A stamp of openssl's whose content an authority with an SM2 key has signed instead. */
  async function sm2Stamp(signatureAlgorithm: Uint8Array = sequence(oid(oids.sm2WithSm3))): Promise<Uint8Array> {
    const response = await withOpenssl(bench => stamp(bench, 'sm3', {}, 'gm-1'))
    const token = readSignedData(readDer(response).children()[1]?.raw ?? new Uint8Array(0))
    const { certificate, privateKey } = gm.issue('timestamp', { profile: 'timestamp' })
    const { issuer, serial } = parseCertificate(certificate)
    const id = sequence(sequence(sequence(octetString(createHash('sha256').update(certificate).digest()))))
    const attributes = [
      { type: oids.contentType, value: oid(oids.tstInfo) },
      { type: oids.messageDigest, value: octetString(sm3(token.content ?? new Uint8Array(0))) },
      { type: oids.signingCertificateV2, value: id },
    ]
    const e = sm2Digest(sm2PublicOf(privateKey.d), attributesToSign(attributes))
    const digestAlgorithm = sequence(oid(oids.sm3))
    const signedBySm2 = sm2SignDigest(privateKey.d, e)
    const message = encodeSignedData({
      ...token,
      digestAlgorithm,
      certificates: [certificate, gm.intermediate],
      signer: { version: 1, issuer, serial, digestAlgorithm, attributes, signatureAlgorithm, signature: signedBySm2 },
    })
    return sequence(sequence(integer(0)), message)
  }

  it('may be signed with SM2, which intl-1 refuses', async () => {
    for (const name of [oids.sm2WithSm3, oids.sm2Signature]) {
      const response = canonicalTimestamp(await sm2Stamp(sequence(oid(name))), signature, 'gm-1')
      const { signer, intermediates, time } = verifyTimestamp(response, signature, 'gm-1')
      const anchors = [parseCertificate(gm.root)]
      const path = validatePath({ leaf: signer, intermediates, anchors, at: time, leafUse: 'timestamp' })
      expect(path).toHaveLength(3)
      refuses(response)
      expectFailure('document.signature', () => verifyTimestamp(response, flipped(signature, 5), 'gm-1'))
    }
  })

  it('is refused when SM3 stands beside another signature than SM2, and when the signature does not hold', async () => {
    const named = await sm2Stamp(sequence(oid(oids.ecdsaWithSha256)))
    expectFailure('document.signature', () => verifyTimestamp(named, signature, 'gm-1'))
    const broken = edited(await sm2Stamp(), [...signerInfo, 5], node => {
      node.content = node.content.map((byte, index) => (index === 12 ? byte ^ 1 : byte))
    })
    expectFailure('document.signature', () => verifyTimestamp(broken, signature, 'gm-1'))
    const response = await made
    const relabelled = resigned(response, tree => {
      at(tree, [...signerInfo, 4]).children = derTree(sequence(oid(oids.sm2WithSm3))).children
    })
    expectFailure('document.signature', () => verifyTimestamp(relabelled, signature, 'gm-1'))
  })
})

describe('canonicalTimestamp', () => {
  it('sorts, drops what is not above the signer, and keeps what the authority signed', () =>
    withOpenssl(bench => {
      const response = stamp(bench, 'sha256', { certs: bench.path('both.pem') })
      expect(response).toEqual(canonicalTimestamp(response, signature))
      const answer = Uint8Array.from(readFileSync(bench.path('r')))
      expect(answer.length).toBeGreaterThan(response.length)
      refuses(answer)
      expect(derBytes(at(derTree(response), signerInfo))).toEqual(derBytes(at(derTree(answer), signerInfo)))
    }))

  it('refuses an answer that is a refusal, or of another signature', async () => {
    const response = await made
    const refusal = edited(response, [0, 0], node => (node.content = Uint8Array.of(2)))
    expectFailure('document.signature', () => canonicalTimestamp(refusal, signature))
    expectFailure('document.signature', () => canonicalTimestamp(response, flipped(signature, 9)))
  })
})

describe('verifyTimestamp refuses', () => {
  it('another signature, and an imprint other than SHA-256', async () => {
    const response = await made
    expectFailure('document.signature', () => verifyTimestamp(response, flipped(signature, 0)))
    await withOpenssl(bench => {
      expect(expectFailure('document.signature', () => stamp(bench, 'sha512'))).toContain('imprint')
    })
  })

  it('a status other than 0, a text beside it, and a refusal without a token', async () => {
    const response = await made
    refuses(edited(response, [0, 0], node => (node.content = Uint8Array.of(1))))
    refuses(
      edited(response, [0], node => {
        node.children.push(derTree(sequence(utf8String('好'))))
      }),
    )
    refuses(
      edited(response, [], node => {
        node.children.pop()
      }),
    )
  })

  it('another version, a second signer, unsigned attributes, two values', async () => {
    const response = await made
    refuses(edited(response, [...signedData, 0], node => (node.content = Uint8Array.of(1))))
    refuses(
      edited(response, [...signedData, 4], node => {
        node.children.push(at(node, [0]))
      }),
    )
    refuses(
      edited(response, signerInfo, node => {
        const attribute = sequence(oid('1.2.3'), tlv(0x31, derNull))
        node.children.push({ tag: 0xa1, content: new Uint8Array(0), children: [derTree(attribute)] })
      }),
    )
    const twoValues = resigned(response, tree => {
      const values = at(tree, [...signerInfo, 3, 0, 1])
      values.children.push(at(values, [0]))
    })
    expect(refuses(twoValues)).toContain('exactly one value')
  })

  it('a token whose sid names no certificate it holds', async () => {
    const response = await made
    const without = edited(response, [...signedData, 3], node => {
      node.children = node.children.filter(one => Buffer.from(derBytes(one)).equals(Buffer.from(ca.intermediate)))
    })
    expect(refuses(without)).toContain('certificate')
  })

  it('a missing or foreign signing certificate', async () => {
    const response = await made
    const without = resigned(response, tree => {
      const attributes = at(tree, [...signerInfo, 3])
      const v2 = Buffer.from(oid(oids.signingCertificateV2))
      attributes.children = attributes.children.filter(one => !v2.equals(Buffer.from(derBytes(at(one, [0])))))
    })
    expect(refuses(without)).toContain('signing certificate')
  })

  it('a content that is not the one signed, and a token of something else', async () => {
    const response = await made
    const content = [...signedData, 2, 1, 0]
    refuses(
      edited(response, content, node => {
        node.content = flipped(node.content, node.content.length * 8 - 1)
      }),
    )
    refuses(edited(response, [...signedData, 2, 0], node => (node.content = oid(oids.data).slice(2))))
  })

  it('extensions of the time-stamp information', async () => {
    const response = await made
    const extended = resigned(response, tree => {
      const content = at(tree, [...signedData, 2, 1, 0])
      content.content = edited(content.content, [], info => {
        info.children.push({
          tag: 0xa1,
          content: new Uint8Array(0),
          children: [derTree(sequence(oid('1.2.3'), octetString(integer(1))))],
        })
      })
      for (const attribute of at(tree, [...signerInfo, 3]).children) {
        if (Buffer.from(derBytes(at(attribute, [0]))).equals(Buffer.from(oid(oids.messageDigest)))) {
          at(attribute, [1]).children[0] = leaf(0x04, createHash('sha256').update(content.content).digest())
        }
      }
    })
    expect(refuses(extended)).toContain('unexpected field')
  })

  it('a response above 64 KiB, truncations, and bytes after the end', async () => {
    const response = await made
    refuses(new Uint8Array(65_537))
    refuses(Buffer.concat([response, Uint8Array.of(0)]))
    for (let length = 0; length < response.length; length += 7) refuses(response.subarray(0, length))
  })

  it('single-bit flips, together with the path check', async () => {
    const response = await made
    const anchors = [parseCertificate(ca.root)]
    const { time } = verifyTimestamp(response, signature)
    const certificates = spanOf(response, derBytes(at(derTree(response), [...signedData, 3])))
    // Every bit of the token, and each seventh of the certificates in it.
    for (let bit = 0; bit < response.length * 8; bit += bit >= certificates.start && bit < certificates.end ? 7 : 1) {
      let accepted = true
      try {
        const { signer, intermediates } = verifyTimestamp(flipped(response, bit), signature)
        validatePath({ leaf: signer, intermediates, anchors, at: time, leafUse: 'timestamp', requireAllUsed: true })
      } catch {
        accepted = false
      }
      expect(accepted, `bit ${bit}`).toBe(false)
    }
  }, 120_000)
})

/** Where a piece stands in a message, in bits. */
function spanOf(message: Uint8Array, piece: Uint8Array): { readonly start: number; readonly end: number } {
  const start = Buffer.from(message).indexOf(piece) * 8
  return { start, end: start + piece.length * 8 }
}
