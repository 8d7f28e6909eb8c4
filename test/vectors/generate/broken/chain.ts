import { createHash } from 'node:crypto'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate } from '../../../../crypto/cert/issue.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { derNull, derTrue, namedBits, octetString, oid, sequence } from '../../../../crypto/der/writer.ts'
import { at, type DerTree, derTree, edited, reissued } from '../../../fixtures/der-edit.ts'
import { practiceIdentity, publicKeyInfo } from '../../../fixtures/practice-ca.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { forge } from '../forge.ts'
import { oidContent, signatureOf } from '../signatures.ts'
import { collect } from '../vector.ts'
import { bidder, foreignRoot, intermediate, issue, keyNamed, organisation, people, root, serialOf } from '../world.ts'

// Check 3, the chain: from the signer to an authority the tender accepts. The key is always the bidder's own, and the
// header names the very certificate.

const own = people['bidder-sign']
type Edit = (tbs: DerTree) => void

/** Vectors of the certificate chain. */
export async function chainVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, leaf: Uint8Array, listed: readonly Uint8Array[] = [intermediate]) =>
    add(
      `chain-${name}`,
      'seal.signature',
      comment,
      forge(base, {
        header: header => ({
          ...header,
          signer: { certificateDigest: createHash('sha256').update(leaf).digest('hex') },
        }),
        sign: bytes => signatureOf(bytes, { by: practiceIdentity(leaf, own.privateKey, []), listed }),
      }),
    )
  const refuseLeaf = (name: string, comment: string, change: Edit) =>
    refuse(name, comment, reissued(own.certificate, keyNamed('intermediate'), change))
  const refuseIntermediate = (name: string, comment: string, change: Edit) =>
    refuse(name, comment, own.certificate, [reissued(intermediate, keyNamed('root'), change)])

  await add('chain-expired', 'seal.signature', 'a sound bid, judged after its certificates have expired', base.file, {
    at: '2036-01-01T00:00:01Z',
  })
  await add(
    'chain-not-yet-valid',
    'seal.signature',
    'a sound bid, judged before its certificates are valid',
    base.file,
    { at: '2025-12-31T23:59:59Z' },
  )
  await refuseLeaf('signer-expired', "the signer's certificate has expired", validity(1, '260301000000Z'))
  await refuseLeaf('signer-not-yet-valid', "the signer's certificate is not valid yet", validity(0, '260401000000Z'))
  await refuseIntermediate(
    'intermediate-expired',
    'the intermediate certificate has expired',
    validity(1, '260301000000Z'),
  )
  await refuseIntermediate('intermediate-no-ca', 'the intermediate is no authority', setExtension(0, sequence()))
  await refuseIntermediate(
    'intermediate-without-basic-constraints',
    'the intermediate says nothing of being an authority',
    tbs => {
      at(tbs, [-1, 0]).children.splice(0, 1)
    },
  )
  await refuseIntermediate(
    'intermediate-without-key-cert-sign',
    'the intermediate may not sign certificates',
    setExtension(1, namedBits([0, 6])),
  )
  await refuseIntermediate(
    'intermediate-unknown-critical',
    'an unknown critical extension in the intermediate',
    addExtension('1.2.3.4.5', derNull),
  )
  await refuseIntermediate(
    'name-constraints',
    'name constraints, critical, which no reader here applies',
    addExtension('2.5.29.30', sequence()),
  )
  await refuseLeaf('unknown-critical', 'an unknown critical extension', addExtension('1.2.3.4.5', derNull))
  await refuseLeaf('key-usage-encryption', 'keyUsage of an encryption key', setExtension(1, namedBits([2, 3])))
  await refuseLeaf('key-usage-missing', 'no keyUsage', tbs => {
    at(tbs, [-1, 0]).children.splice(1, 1)
  })
  await refuseLeaf('extension-twice', 'keyUsage twice', tbs => {
    const list = at(tbs, [-1, 0])
    list.children.push(at(list, [1]))
  })
  await refuseLeaf('issuer-name-encoding', "the issuer's name in another encoding of the same letters", tbs => {
    at(tbs, [3, 0, 0, 1]).tag = 0x0c
  })
  const sha1 = reissued(
    own.certificate,
    keyNamed('intermediate'),
    tbs => {
      at(tbs, [2, 0]).content = oidContent(oids.sha1WithRsa)
    },
    'sha1',
  )
  await refuse('sha-1', 'a certificate signed with SHA-1', sha1)
  const brokenSignature = (der: Uint8Array) =>
    edited(der, [2], node => {
      node.content[100] = (node.content[100] ?? 0) ^ 1
    })
  await refuse(
    'certificate-signature',
    "the certificate's own signature does not hold",
    brokenSignature(own.certificate),
  )
  await refuse('intermediate-signature', "the intermediate's signature does not hold", own.certificate, [
    brokenSignature(intermediate),
  ])
  await refuse(
    'two-algorithms',
    'another signatureAlgorithm outside the signed part than inside',
    edited(own.certificate, [1, 0], node => {
      node.content = oidContent(oids.sha384WithRsa)
    }),
  )
  const foreign = (name: string, issuer: Uint8Array, key: string) =>
    issueCertificate({
      subject: organisation(bidder.name),
      creditCode: bidder.creditCode,
      publicKey: publicKeyInfo(own.privateKey),
      issuer: { certificate: issuer, privateKey: keyNamed(key) },
      serial: serialOf(name),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2036-01-01T00:00:00Z'),
      profile: 'sign',
    })
  await refuse(
    'foreign-root',
    'an authority the tender does not accept',
    foreign('foreign', foreignRoot, 'foreign-root'),
    [],
  )
  await refuse(
    'foreign-root-listed',
    'the same with its root listed',
    foreign('foreign', foreignRoot, 'foreign-root'),
    [foreignRoot],
  )
  const impostor = issueCertificate({
    subject: parseCertificate(root).subject,
    publicKey: publicKeyInfo(keyNamed('foreign-root')),
    issuer: { certificate: 'self', privateKey: keyNamed('foreign-root') },
    serial: serialOf('impostor'),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    profile: 'root',
  })
  await refuse(
    'impostor-root',
    "an authority of the accepted root's name with another key",
    foreign('impostor', impostor, 'foreign-root'),
    [],
  )
  const { certificate: leafIssuer } = people['rival-sign']
  await refuse(
    'issued-by-a-bidder',
    "issued with another bidder's signing certificate",
    foreign('by-rival', leafIssuer, 'rival-sign'),
    [intermediate, leafIssuer],
  )
  const below = issue('second-intermediate', {
    profile: 'intermediate',
    key: 'rival-sign',
    subject: organisation('第二签发机构'),
  }).certificate
  await refuse('path-length', 'an authority below one whose pathLen is 0', foreign('below', below, 'rival-sign'), [
    intermediate,
    below,
  ])
  await refuse('signer-is-root', 'signed by a certificate that issued itself', selfIssued(), [])
  return vectors
}

function selfIssued(): Uint8Array {
  return issueCertificate({
    subject: organisation(bidder.name),
    creditCode: bidder.creditCode,
    publicKey: publicKeyInfo(own.privateKey),
    issuer: { certificate: 'self', privateKey: own.privateKey },
    serial: serialOf('self'),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    profile: 'sign',
  })
}

function validity(which: 0 | 1, time: string): Edit {
  return tbs => {
    at(tbs, [4, which]).content = Buffer.from(time)
  }
}

/** Replaces the value of extension number `index` (basicConstraints 0, keyUsage 1). */
function setExtension(index: number, value: Uint8Array): Edit {
  return tbs => {
    at(tbs, [-1, 0, index, -1]).content = value
  }
}

function addExtension(id: string, value: Uint8Array): Edit {
  return tbs => {
    at(tbs, [-1, 0]).children.push(derTree(sequence(oid(id), derTrue, octetString(value))))
  }
}
