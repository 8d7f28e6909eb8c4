import { mkdirSync, writeFileSync } from 'node:fs'
import { parseCertificate, sm2PointOf } from '../../../../crypto/cert/certificate.ts'
import { issueCertificate, type IssueOptions } from '../../../../crypto/cert/issue.ts'
import { encodeName } from '../../../../crypto/cert/name.ts'
import { toPem } from '../../../../crypto/cert/pem.ts'
import { isSm2Key, publicKeyInfoOf, type Sm2PrivateKey, writePrivateKey } from '../../../../crypto/sign/private-key.ts'
import type { Signer } from '../../../../crypto/sign/signer.ts'
import { sm2SignDigest } from '../../../../crypto/sm/sm2/index.ts'
import { type GmIdentity, gmIdentity } from '../../../fixtures/gm-ca.ts'
import { hasVector, vectorCertificate, vectorKey, vectorPath } from '../../library.ts'
import { bidder, bytesFor, organisation, rival, serialOf } from '../world.ts'

// The people of the gm-1 vectors. Their keys follow from their names; their certificates, whose signatures are never the
// same twice, are kept in certificates/.

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') }

/** An SM2 key by name, written to keys/ when it is not there yet. */
export function gmKeyNamed(name: string): Sm2PrivateKey {
  const path = `keys/${name}.pem`
  if (!hasVector(path)) {
    mkdirSync(vectorPath('keys/'), { recursive: true })
    const made: Sm2PrivateKey = { kind: 'sm2', d: bytesFor(`SM2 key ${name}`, 32) }
    writeFileSync(vectorPath(path), toPem(writePrivateKey(made), 'PRIVATE KEY'))
  }
  const key = vectorKey(name)
  if (!isSm2Key(key)) throw new Error(`${name} is no SM2 key`)
  return key
}

/** A certificate by name, DER; issued when it is not in certificates/ yet. */
function kept(name: string, options: Pick<IssueOptions, 'profile' | 'subject' | 'issuer'> & Partial<IssueOptions>) {
  const path = `certificates/${name}.pem`
  if (!hasVector(path)) {
    mkdirSync(vectorPath('certificates/'), { recursive: true })
    const publicKey = publicKeyInfoOf(gmKeyNamed(name))
    const made = issueCertificate({ ...dates, publicKey, serial: serialOf(name), ...options })
    writeFileSync(vectorPath(path), toPem(made, 'CERTIFICATE'))
  }
  return vectorCertificate(name)
}

const authorityName = (name: string) =>
  encodeName([
    ['C', 'CN'],
    ['O', '标封演练'],
    ['CN', name],
  ])

/** The SM2 root, DER. */
export const gmRoot = kept('gm-root', {
  subject: authorityName('标封演练国密根 CA'),
  issuer: { certificate: 'self', privateKey: gmKeyNamed('gm-root') },
  profile: 'root',
})

/** The authority between the SM2 root and everybody. */
export const gmIntermediate = kept('gm-intermediate', {
  subject: authorityName('标封演练国密签发 CA'),
  issuer: { certificate: gmRoot, privateKey: gmKeyNamed('gm-root') },
  profile: 'intermediate',
})

function person(name: string, options: Pick<IssueOptions, 'profile' | 'subject'> & Partial<IssueOptions>): GmIdentity {
  const issuer = { certificate: gmIntermediate, privateKey: gmKeyNamed('gm-intermediate') }
  const certificate = kept(name, { issuer, ...options })
  const identity = gmIdentity(certificate, gmKeyNamed(name), [gmIntermediate])
  return { ...identity, signer: () => steady(identity) }
}

const own = { subject: organisation(bidder.name), creditCode: bidder.creditCode }
const others = { subject: organisation(rival.name), creditCode: rival.creditCode }

/** Everybody with an SM2 key whose certificate stands in certificates/. */
export const gmPeople = {
  'gm-bidder-sign': person('gm-bidder-sign', { ...own, profile: 'sign' }),
  'gm-bidder-decrypt': person('gm-bidder-decrypt', { ...own, profile: 'decrypt' }),
  'gm-bidder-backup': person('gm-bidder-backup', { ...own, profile: 'decrypt' }),
  'gm-rival-sign': person('gm-rival-sign', { ...others, profile: 'sign' }),
  'gm-rival-decrypt': person('gm-rival-decrypt', { ...others, profile: 'decrypt' }),
  'gm-opening': person('gm-opening', { profile: 'platform', subject: organisation('标封演练平台 开标') }),
  'gm-agency': person('gm-agency', { profile: 'platform', subject: organisation('标封演练代理机构') }),
  'gm-notice': person('gm-notice', { profile: 'platform', subject: organisation('标封演练平台 公告') }),
  'gm-timestamp': person('gm-timestamp', { profile: 'timestamp', subject: organisation('标封演练时间戳') }),
} as const satisfies Readonly<Record<string, GmIdentity>>

/** One of {@link gmPeople}. */
export type GmPerson = keyof typeof gmPeople

/** A person's public key, 04 ‖ X ‖ Y. */
export function pointOf({ certificate }: GmIdentity): Uint8Array {
  return sm2PointOf(parseCertificate(certificate))
}

/** A signature whose nonce follows from key and digest, so that a vector comes out the same each time. */
export function steadySignature({ privateKey }: Pick<GmIdentity, 'privateKey'>, digest: Uint8Array): Uint8Array {
  const seed = `SM2 nonce ${Buffer.from(privateKey.d).toString('hex')} ${Buffer.from(digest).toString('hex')}`
  return sm2SignDigest(privateKey.d, digest, { bytes: length => bytesFor(seed, length) })
}

function steady(identity: GmIdentity): Signer {
  return { ...identity.signer(), sign: (_, digest) => Promise.resolve(steadySignature(identity, digest)) }
}
