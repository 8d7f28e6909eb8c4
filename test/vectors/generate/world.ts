import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { completeCreditCode } from '../../../crypto/cert/credit-code.ts'
import { type CertificateProfile, issueCertificate, type IssueOptions } from '../../../crypto/cert/issue.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { isSm2Key } from '../../../crypto/sign/private-key.ts'
import { type PracticeIdentity, practiceIdentity, publicKeyInfo } from '../../fixtures/practice-ca.ts'
import { hasVector, vectorKey, vectorPath } from '../library.ts'

// The people, authorities and platform of the vectors. Keys are kept in keys/; certificates follow from them.

/** When every vector is judged unless it says otherwise. */
export const judgedAt = new Date('2026-03-02T02:00:00Z')
/** When the bids were sealed. */
export const sealingTime = new Date('2026-03-02T01:00:00Z')

/** The bidder, and another one. */
export const bidder = { name: '云岭建设集团有限公司', creditCode: completeCreditCode('91530100MA6K0B7Q2') }
export const rival = { name: '滇池水务工程有限公司', creditCode: completeCreditCode('91530100MA6N3C8R4') }

export type KeyKind = 'rsa-2048' | 'rsa-1024' | 'P-256' | 'P-384'

/** A key by name, made when it is not in keys/ yet. */
export function keyNamed(name: string, kind: KeyKind = 'rsa-2048'): KeyObject {
  if (hasVector(`keys/${name}.pem`)) {
    const kept = vectorKey(name)
    if (isSm2Key(kept)) throw new Error(`${name} is an SM2 key`)
    return kept
  }
  const { privateKey } = kind.startsWith('rsa')
    ? generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) })
    : generateKeyPairSync('ec', { namedCurve: kind })
  mkdirSync(vectorPath('keys/'), { recursive: true })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
  writeFileSync(vectorPath(`keys/${name}.pem`), pem)
  return createPrivateKey(pem)
}

/** An organisation's Name; with a code, one that shows it. */
export function organisation(name: string, shownCode?: string): Uint8Array {
  return encodeName([
    ['C', 'CN'],
    ['O', name],
    ['CN', name],
    ...(shownCode === undefined ? [] : [['serialNumber', shownCode] as const]),
  ])
}

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') }
const authorityName = (name: string) =>
  encodeName([
    ['C', 'CN'],
    ['O', '标封演练'],
    ['CN', name],
  ])

/** The root of everything here, DER. */
export const root = selfSigned('root', '标封演练根 CA')
/** A root nobody accepts, DER. */
export const foreignRoot = selfSigned('foreign-root', '无人认可根 CA')
/** The authority between the root and everybody. */
export const intermediate = issueCertificate({
  ...dates,
  subject: authorityName('标封演练签发 CA'),
  publicKey: publicKeyInfo(keyNamed('intermediate')),
  issuer: { certificate: root, privateKey: keyNamed('root') },
  serial: serialOf('intermediate'),
  profile: 'intermediate',
})

/** Issues a certificate from the intermediate unless told otherwise. */
export function issue(
  name: string,
  options: Partial<IssueOptions> & {
    readonly profile: CertificateProfile
    readonly key?: string
    readonly kind?: KeyKind
  },
): PracticeIdentity {
  const privateKey = keyNamed(options.key ?? name, options.kind)
  const certificate = issueCertificate({
    ...dates,
    subject: organisation(name),
    publicKey: publicKeyInfo(privateKey),
    issuer: { certificate: intermediate, privateKey: keyNamed('intermediate') },
    serial: serialOf(name),
    ...options,
  })
  return practiceIdentity(certificate, privateKey, [intermediate])
}

const own = { subject: organisation(bidder.name), creditCode: bidder.creditCode }
const others = { subject: organisation(rival.name), creditCode: rival.creditCode }

/** Everybody whose certificate stands in certificates/. */
export const people = {
  'bidder-sign': issue('bidder-sign', { ...own, profile: 'sign' }),
  'bidder-sign-renewed': issue('bidder-sign-renewed', { ...own, profile: 'sign' }),
  'bidder-sign-p256': issue('bidder-sign-p256', { ...own, profile: 'sign', kind: 'P-256' }),
  'bidder-decrypt': issue('bidder-decrypt', { ...own, profile: 'decrypt' }),
  'bidder-backup': issue('bidder-backup', {
    ...own,
    subject: organisation(bidder.name, bidder.creditCode),
    profile: 'decrypt',
  }),
  'bidder-decrypt-p256': issue('bidder-decrypt-p256', { ...own, profile: 'decrypt', kind: 'P-256' }),
  'rival-sign': issue('rival-sign', { ...others, profile: 'sign' }),
  'rival-decrypt': issue('rival-decrypt', { ...others, profile: 'decrypt' }),
  receipt: issue('receipt', { profile: 'platform', subject: organisation('标封演练平台 回执') }),
  opening: issue('opening', { profile: 'platform', subject: organisation('标封演练平台 开标') }),
  agency: issue('agency', { profile: 'platform', subject: organisation('标封演练代理机构') }),
  'agency-unlisted': issue('agency-unlisted', { profile: 'platform', subject: organisation('另一代理机构') }),
  notice: issue('notice', { profile: 'platform', subject: organisation('标封演练平台 公告') }),
  timestamp: issue('timestamp', { profile: 'timestamp', subject: organisation('标封演练时间戳') }),
} as const

export type Person = keyof typeof people

/** A serial number that follows from a name. */
export function serialOf(name: string): Uint8Array {
  return createHash('sha256').update(`serial ${name}`).digest().subarray(0, 16)
}

/** Bytes that look random and follow from a name. */
export function bytesFor(name: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${name} ${index}`).digest(),
  )
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
}

function selfSigned(key: string, name: string): Uint8Array {
  const privateKey = keyNamed(key)
  return issueCertificate({
    ...dates,
    subject: authorityName(name),
    publicKey: publicKeyInfo(privateKey),
    issuer: { certificate: 'self', privateKey },
    serial: serialOf(key),
    profile: 'root',
  })
}
