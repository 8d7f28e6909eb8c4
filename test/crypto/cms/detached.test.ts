import { createHash, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Certificate, parseCertificate } from '../../../crypto/cert/certificate.ts'
import { validatePath } from '../../../crypto/cert/path.ts'
import { toPem } from '../../../crypto/cert/pem.ts'
import { signDetachedCms, verifyDetachedCms } from '../../../crypto/cms/detached.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { context, derNull, integer, octetString, oid, sequence, tlv, utf8String } from '../../../crypto/der/writer.ts'
import { softSigner } from '../../../crypto/sign/soft-key.ts'
import type { Signer } from '../../../crypto/sign/signer.ts'
import { at, derBytes, type DerTree, derTree, edited, flipped, leaf } from '../../fixtures/der-edit.ts'
import { expectFailure, expectRejection } from '../../fixtures/failure.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'
import { practiceCa, publicKeyInfo, testKey } from '../../fixtures/practice-ca.ts'

const ca = practiceCa()
const { sign: lock, decrypt } = ca.bidder
const content = Buffer.from('{"type":"bidseal/1 seal","note":"云岭建设"}')
const when = new Date('2026-11-24T08:30:00Z')
const anchors = [parseCertificate(ca.root)]

/** Places inside a signature. */
const body = [1, 0]
const list = [...body, 3]
const info = [...body, 4, 0]
const attributes = [...info, 3]

const signed = signDetachedCms(content, lock.signer(), when)
const plain = (bytes: Uint8Array) => Buffer.from(bytes)

function ecSigner(curve: 'P-256' | 'P-384', change: (signature: Uint8Array) => Uint8Array = one => one): Signer {
  const privateKey = testKey('cms', curve)
  const { certificate } = ca.issue('cms', { profile: 'sign', publicKey: publicKeyInfo(privateKey) })
  const signer = softSigner({ certificate, privateKey, intermediates: [ca.intermediate] })
  return { ...signer, sign: async (algorithm, digest) => change(await signer.sign(algorithm, digest)) }
}

function trusted(signature: Uint8Array): readonly Certificate[] {
  const { signer, intermediates } = verifyDetachedCms(content, signature)
  return validatePath({ leaf: signer, intermediates, anchors, at: when, leafUse: 'sign', requireAllUsed: true })
}

/** The signature changed, its attributes sorted unless told otherwise, and signed again by the same key. */
function resigned(
  signature: Uint8Array,
  change: (tree: DerTree) => void,
  order: 'sorted' | 'as is' = 'sorted',
): Uint8Array {
  const tree = derTree(signature)
  change(tree)
  const set = at(tree, attributes)
  if (order === 'sorted') set.children.sort((a, b) => Buffer.compare(derBytes(a), derBytes(b)))
  at(tree, [...info, 5]).content = sign('sha256', derBytes({ ...set, tag: 0x31 }), lock.privateKey)
  return derBytes(tree)
}

function attribute(tree: DerTree, type: string): DerTree {
  const found = at(tree, attributes).children.find(one => plain(derBytes(at(one, [0]))).equals(plain(oid(type))))
  if (found === undefined) throw new Error(`no attribute ${type}`)
  return found
}

function newAttribute(type: string, ...values: readonly Uint8Array[]): DerTree {
  return derTree(sequence(oid(type), tlv(0x31, ...values)))
}

const refuses = (signature: Uint8Array) =>
  expectFailure('document.signature', () => verifyDetachedCms(content, signature))
const setContent = (bytes: Uint8Array) => (node: DerTree) => {
  node.content = bytes
}

describe('a signature of the profile', () => {
  it('is verified by openssl cms -cades, for every algorithm', () =>
    withOpenssl(async bench => {
      bench.put('root.pem', toPem(ca.root, 'CERTIFICATE'))
      bench.put('content', content)
      const signers = {
        'rsa-pkcs1-sha256': lock.signer(),
        'rsa-pss-sha256': lock.signer(['rsa-pss-sha256']),
        'P-256': ecSigner('P-256'),
        'P-384': ecSigner('P-384'),
      }
      for (const [name, signer] of Object.entries(signers)) {
        for (const time of [when, null]) {
          const signature = await signDetachedCms(content, signer, time)
          bench.put('s.der', signature)
          const flags = ['-cades', '-binary', '-inform', 'DER', '-CAfile', 'root.pem', '-purpose', 'any', '-out', 'out']
          const judged = bench.run('cms', '-verify', ...flags, '-in', 's.der', '-content', 'content')
          expect(judged.ok, `${name}: ${judged.stderr}`).toBe(true)
          expect(judged.stderr).toContain('CAdES')
          expect(verifyDetachedCms(content, signature).signingTime).toEqual(time ?? undefined)
          expect(trusted(signature)).toHaveLength(3)
        }
      }
    }))

  it('names the signer, its intermediates and the octets a time stamp is made over', async () => {
    const verified = verifyDetachedCms(content, await signed)
    expect(plain(verified.signer.der)).toEqual(plain(lock.certificate))
    expect(verified.intermediates.map(({ der }) => plain(der))).toEqual([plain(ca.intermediate)])
    expect(plain(verified.signatureOctets)).toEqual(plain(at(derTree(await signed), [...info, 5]).content))
    expect(verified.signingTime).toEqual(when)
  })

  it('lists only what leads upwards from the signer, and never a root', async () => {
    const signer = { ...lock.signer(), intermediates: [ca.root, ca.rival.sign.certificate, ca.intermediate] }
    const { intermediates } = verifyDetachedCms(content, await signDetachedCms(content, signer, null))
    expect(intermediates.map(({ der }) => plain(der))).toEqual([plain(ca.intermediate)])
  })

  it('is the same archive for the same ECDSA signature: a token’s high s is made low', async () => {
    for (let turn = 0; turn < 8; turn += 1)
      expect(trusted(await signDetachedCms(content, ecSigner('P-256'), null))).toHaveLength(3)
  })

  it('is not made by an encryption certificate, nor returned when the token’s answer is wrong', async () => {
    await expectRejection('cert.untrusted', signDetachedCms(content, decrypt.signer(), null))
    const wrong: Signer = { ...lock.signer(), sign: () => Promise.resolve(new Uint8Array(256)) }
    await expectRejection('document.signature', signDetachedCms(content, wrong, null))
    const garbage = ecSigner('P-256', () => new Uint8Array(64))
    await expectRejection('document.signature', signDetachedCms(content, garbage, null))
    await expectRejection('token.unsupported', signDetachedCms(content, { ...lock.signer(), algorithms: [] }, null))
  })
})

describe('what openssl signs', () => {
  it('is accepted where it keeps to the profile and refused where not', () =>
    withOpenssl(bench => {
      bench.put('content', content)
      bench.put('signer.pem', toPem(lock.certificate, 'CERTIFICATE'))
      bench.put('signer.key', lock.privateKey.export({ format: 'pem', type: 'pkcs8' }))
      bench.put('chain.pem', toPem(ca.intermediate, 'CERTIFICATE'))
      const make = (...flags: readonly string[]) => {
        const base = ['-binary', '-in', 'content', '-signer', 'signer.pem', '-inkey', 'signer.key', '-outform', 'DER']
        const made = bench.run('cms', '-sign', ...base, '-out', 's.der', ...flags)
        expect(made.ok, made.stderr).toBe(true)
        return Uint8Array.from(readFileSync(bench.path('s.der')))
      }
      const chain = ['-certfile', 'chain.pem', '-md', 'sha256']
      const pss = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32']
      expect(trusted(make('-cades', '-nosmimecap', ...chain))).toHaveLength(3)
      expect(trusted(make('-cades', '-nosmimecap', ...chain, ...pss))).toHaveLength(3)
      // Without -nosmimecap it adds an attribute the profile does not know.
      expect(refuses(make('-cades', ...chain))).toContain('outside the profile')
      expect(refuses(make('-nosmimecap', ...chain))).toContain('missing')
      expect(refuses(make('-noattr', ...chain)).length).toBeGreaterThan(0)
      expect(refuses(make('-cades', '-nosmimecap', '-nodetach', ...chain))).toContain('not a detached')
      expect(refuses(make('-cades', '-nosmimecap', '-keyid', ...chain)).length).toBeGreaterThan(0)
      expect(refuses(make('-cades', '-nosmimecap', '-nocerts', '-md', 'sha256')).length).toBeGreaterThan(0)
      expect(refuses(make('-cades', '-nosmimecap', '-certfile', 'chain.pem', '-md', 'sha1')).length).toBeGreaterThan(0)
      expect(refuses(make('-cades', '-nosmimecap', '-certfile', 'chain.pem', '-md', 'sha384')).length).toBeGreaterThan(
        0,
      )
      expect(
        refuses(
          make('-cades', '-nosmimecap', ...chain, '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:20'),
        ),
      ).toContain('algorithm')
    }))
})

describe('verifyDetachedCms refuses', () => {
  it('another content', async () => {
    const signature = await signed
    expectFailure('document.signature', () => verifyDetachedCms(flipped(content, 0), signature))
    expectFailure('document.signature', () => verifyDetachedCms(new Uint8Array(0), signature))
  })

  it('embedded content', async () => {
    const embedded = edited(await signed, [...body, 2], node => {
      node.children.push(derTree(context(0, octetString(content))))
    })
    expect(refuses(embedded)).toContain('not a detached')
  })

  it('no signer and two signers', async () => {
    const { children } = at(derTree(await signed), info)
    for (const count of [0, 2]) {
      const changed = edited(await signed, [...body, 4], node => {
        node.children = Array.from({ length: count }, (_, turn) => ({
          ...at(node, [0]),
          children: children.map((child, index) => (index === 5 && turn > 0 ? leaf(4, randomBytes(256)) : child)),
        }))
        node.children.sort((a, b) => Buffer.compare(derBytes(a), derBytes(b)))
      })
      refuses(changed)
    }
  })

  it('other versions', async () => {
    for (const place of [
      [...body, 0],
      [...info, 0],
    ]) {
      for (const version of [0, 2, 3]) refuses(edited(await signed, place, setContent(Uint8Array.of(version))))
    }
  })

  it('SHA-1 and other digests, in either place', async () => {
    for (const digest of [oids.sha1, oids.sha384]) {
      for (const place of [
        [...body, 1, 0, 0],
        [...info, 2, 0],
      ]) {
        expect(refuses(edited(await signed, place, setContent(oid(digest).slice(2))))).toContain('digest')
      }
    }
  })

  it('digest parameters other than absent or NULL', async () => {
    const append = (value: Uint8Array) => (node: DerTree) => {
      node.children.push(derTree(value))
    }
    for (const place of [
      [...body, 1, 0],
      [...info, 2],
    ]) {
      expect(trusted(edited(await signed, place, append(derNull)))).toHaveLength(3)
      refuses(edited(await signed, place, append(sequence())))
      refuses(edited(edited(await signed, place, append(derNull)), place, append(derNull)))
    }
  })

  it('signature algorithms outside the profile', async () => {
    const algorithm = [...info, 4]
    expect(trusted(edited(await signed, [...algorithm, 0], setContent(oid(oids.sha256WithRsa).slice(2))))).toHaveLength(
      3,
    )
    for (const dotted of [oids.sha1WithRsa, oids.sha384WithRsa, oids.ecdsaWithSha256, oids.rsassaPss]) {
      refuses(edited(await signed, [...algorithm, 0], setContent(oid(dotted).slice(2))))
    }
    refuses(
      edited(await signed, algorithm, node => {
        node.children.pop()
      }),
    )
  })

  it('an encryption certificate as the signer', async () => {
    const { children } = derTree(decrypt.certificate)
    const byDecrypt = derTree(await signed)
    const { children: certificates } = at(byDecrypt, list)
    certificates.splice(0, certificates.length, { tag: 0x30, content: new Uint8Array(0), children })
    const { serial, issuer } = parseCertificate(decrypt.certificate)
    at(byDecrypt, [...info, 1]).children = [derTree(issuer), leaf(2, serial)]
    const id = sequence(sequence(sequence(octetString(createHash('sha256').update(decrypt.certificate).digest()))))
    at(attribute(byDecrypt, oids.signingCertificateV2), [1]).children = [derTree(id)]
    const set = derBytes({ ...at(byDecrypt, attributes), tag: 0x31 })
    at(byDecrypt, [...info, 5]).content = sign('sha256', set, decrypt.privateKey)
    expect(refuses(derBytes(byDecrypt))).toContain('may not sign')
  })

  it('a signer’s key below 2,048 bits', async () => {
    const privateKey = testKey('weak', 'rsa-1024')
    const { certificate } = ca.issue('weak', { profile: 'sign', publicKey: publicKeyInfo(privateKey) })
    const weak = softSigner({ certificate, privateKey, intermediates: [] })
    await expectRejection('cert.unsupported', signDetachedCms(content, weak, null))
  })

  it('no attributes', async () => {
    const bare = derTree(await signed)
    at(bare, info).children.splice(3, 1)
    at(bare, [...info, 4]).content = sign('sha256', content, lock.privateKey)
    refuses(derBytes(bare))
    refuses(
      resigned(await signed, tree => {
        at(tree, attributes).children = []
      }),
    )
  })

  it('each required attribute missing', async () => {
    for (const type of [oids.contentType, oids.messageDigest, oids.signingCertificateV2]) {
      const without = resigned(await signed, tree => {
        const gone = attribute(tree, type)
        at(tree, attributes).children = at(tree, attributes).children.filter(one => one !== gone)
      })
      expect(refuses(without)).toContain('missing')
    }
  })

  it('an attribute outside the profile', async () => {
    const more = resigned(await signed, tree => {
      at(tree, attributes).children.push(newAttribute('1.2.840.113549.1.9.15', sequence()))
    })
    expect(refuses(more)).toContain('outside the profile')
  })

  it('an attribute with two values, with none, or standing twice', async () => {
    const digest = createHash('sha256').update(content).digest()
    const values = (...list: readonly Uint8Array[]) =>
      resigned(awaited, tree => {
        attribute(tree, oids.messageDigest).children[1] = derTree(tlv(0x31, ...list))
      })
    const awaited = await signed
    expect(refuses(values(octetString(digest), octetString(randomBytes(32))))).toContain('exactly one value')
    expect(refuses(values())).toContain('exactly one value')
    const twice = resigned(awaited, tree => {
      at(tree, attributes).children.push(newAttribute(oids.messageDigest, octetString(randomBytes(32))))
    })
    expect(refuses(twice)).toContain('stands twice')
  })

  it('unsigned attributes', async () => {
    const more = edited(await signed, info, node => {
      const unsigned = sequence(oid('1.2.840.113549.1.9.16.2.14'), tlv(0x31, utf8String('x')))
      node.children.push({ tag: 0xa1, content: new Uint8Array(0), children: [derTree(unsigned)] })
    })
    expect(refuses(more)).toContain('unexpected field')
  })

  it('SETs that are not sorted: attributes, certificates', async () => {
    const reversed = resigned(
      await signed,
      tree => {
        at(tree, attributes).children.reverse()
      },
      'as is',
    )
    expect(refuses(reversed)).toContain('canonical')
    const certificates = edited(await signed, list, node => {
      node.children.reverse()
    })
    expect(refuses(certificates)).toContain('canonical')
  })

  it('a content-type other than data', async () => {
    refuses(
      resigned(await signed, tree => {
        at(attribute(tree, oids.contentType), [1, 0]).content = oid(oids.tstInfo).slice(2)
      }),
    )
    refuses(edited(await signed, [...body, 2, 0], setContent(oid(oids.tstInfo).slice(2))))
  })

  it('a signing certificate that is another, named otherwise, two of them, or with an explicit digest', async () => {
    const hash = createHash('sha256').update(lock.certificate).digest()
    const with2 = (...value: readonly Uint8Array[]) =>
      resigned(awaited, tree => {
        attribute(tree, oids.signingCertificateV2).children[1] = derTree(tlv(0x31, sequence(...value)))
      })
    const awaited = await signed
    const id = sequence(octetString(hash))
    const { issuer } = parseCertificate(lock.certificate)
    const named = (name: Uint8Array, serial: Uint8Array) =>
      sequence(octetString(hash), sequence(sequence(context(4, name)), tlv(2, serial)))
    const { serial } = parseCertificate(lock.certificate)
    expect(verifyDetachedCms(content, with2(sequence(named(issuer, serial)))).signer.serial).toEqual(serial)
    refuses(with2(sequence(named(issuer, Uint8Array.of(1)))))
    refuses(with2(sequence(named(parseCertificate(ca.root).subject, serial))))
    refuses(with2(sequence(id, id)))
    refuses(with2(sequence(sequence(octetString(randomBytes(32))))))
    refuses(with2(sequence(sequence(sequence(oid(oids.sha256)), octetString(hash)))))
    refuses(with2(sequence(id), sequence()))
  })

  it('signing-time in a form that is not the shortest', async () => {
    const withTime = (value: Uint8Array) =>
      resigned(awaited, tree => {
        attribute(tree, oids.signingTime).children[1] = derTree(tlv(0x31, value))
      })
    const awaited = await signed
    expect(verifyDetachedCms(content, withTime(tlv(0x17, Buffer.from('261124083001Z')))).signingTime).toEqual(
      new Date('2026-11-24T08:30:01Z'),
    )
    refuses(withTime(tlv(0x18, Buffer.from('20261124083000Z'))))
    refuses(withTime(tlv(0x17, Buffer.from('2611240830Z'))))
    refuses(withTime(octetString(Buffer.from('261124083000Z'))))
  })

  it('a high s', async () => {
    const signature = await signDetachedCms(content, ecSigner('P-256'), null)
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const high = edited(signature, [...info, 5], node => {
      const [r, s] = derTree(node.content).children
      if (r === undefined || s === undefined) throw new Error('no signature')
      const value = BigInt(`0x${plain(s.content).toString('hex')}`)
      node.content = sequence(derBytes(r), integer(order - value))
    })
    expect(refuses(high)).toContain('n/2')
  })

  it('a certificate that is not the signer’s, two of the same issuer and serial, more than seventeen', async () => {
    const without = edited(await signed, list, node => {
      node.children = node.children.filter(one => !plain(derBytes(one)).equals(plain(lock.certificate)))
    })
    expect(refuses(without)).toContain('not exactly one')
    const many = edited(await signed, list, node => {
      for (let turn = 0; turn < 17; turn += 1) {
        node.children.push(derTree(ca.issue('many', { profile: 'sign', serial: Uint8Array.of(turn + 1) }).certificate))
      }
      node.children.sort((a, b) => Buffer.compare(derBytes(a), derBytes(b)))
    })
    expect(refuses(many)).toContain('too many')
  })

  it('revocation lists and attribute certificates', async () => {
    refuses(
      edited(await signed, body, node => {
        node.children.splice(4, 0, { tag: 0xa1, content: new Uint8Array(0), children: [derTree(sequence())] })
      }),
    )
    const other = edited(await signed, list, node => {
      node.children.push({ tag: 0xa1, content: new Uint8Array(0), children: [derTree(sequence())] })
    })
    expect(refuses(other)).toContain('another kind')
  })

  it('BER: long lengths, indefinite lengths, constructed strings; bytes after the end', async () => {
    const signature = await signed
    const indefinite = Buffer.concat([Uint8Array.of(0x30, 0x80), derTreeContent(signature), Uint8Array.of(0, 0)])
    refuses(indefinite)
    refuses(Buffer.concat([Uint8Array.of(0x30, 0x83, 0, signature[2] ?? 0, signature[3] ?? 0), signature.subarray(4)]))
    refuses(Buffer.concat([signature, Uint8Array.of(0)]))
    refuses(
      edited(signature, [...info, 5], node => {
        Object.assign(node, { tag: 0x24, children: [leaf(4, node.content)] })
      }),
    )
    refuses(edited(signature, [...info, 0], setContent(Uint8Array.of(0, 1))))
  })

  it('an RSA signature that is not as long as the modulus', async () => {
    const octets = at(derTree(await signed), [...info, 5]).content
    refuses(edited(await signed, [...info, 5], setContent(Buffer.concat([Uint8Array.of(0), octets]))))
    refuses(edited(await signed, [...info, 5], setContent(octets.subarray(1))))
    refuses(edited(await signed, [...info, 5], setContent(new Uint8Array(0))))
  })

  it('what is longer than 64 KiB, cut short, or empty', async () => {
    const signature = await signed
    refuses(new Uint8Array(65_537))
    for (let length = 0; length < signature.length; length += 1) refuses(signature.subarray(0, length))
  })

  it('every single-bit flip, together with the path check', async () => {
    const signature = await signed
    expect(trusted(signature)).toHaveLength(3)
    for (let bit = 0; bit < signature.length * 8; bit += 1)
      expect(isTrusted(flipped(signature, bit)), `bit ${bit}`).toBe(false)
  }, 120_000)

  it('single-bit flips of an ECDSA signature', async () => {
    const signature = await signDetachedCms(content, ecSigner('P-256'), when)
    expect(trusted(signature)).toHaveLength(3)
    const values = signature.length * 8 - 72 * 8
    // The signature value whole, of the rest every eleventh: the certificates are the RSA ones of the test before.
    for (let bit = 0; bit < signature.length * 8; bit += bit < values ? 11 : 1) {
      expect(isTrusted(flipped(signature, bit)), `bit ${bit}`).toBe(false)
    }
  })
})

function isTrusted(signature: Uint8Array): boolean {
  try {
    return trusted(signature).length > 0
  } catch {
    return false
  }
}

function derTreeContent(der: Uint8Array): Uint8Array {
  return Buffer.concat(derTree(der).children.map(derBytes))
}
