import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { encodeName } from '../../../crypto/cert/name.ts'
import { validatePath } from '../../../crypto/cert/path.ts'
import { judgeRevocation, requireNotRevoked } from '../../../crypto/cert/revocation/index.ts'
import { oids } from '../../../crypto/der/oids.ts'
import {
  context,
  contextPrimitive,
  derNull,
  derTrue,
  integer,
  namedBits,
  sequence,
} from '../../../crypto/der/writer.ts'
import type { CryptoFailureCode } from '../../../crypto/errors.ts'
import type { Sm2PrivateKey } from '../../../crypto/sign/private-key.ts'
import { sm2Digest, sm2PublicOf, sm2SignDigest } from '../../../crypto/sm/sm2/index.ts'
import { at, derBytes, type DerTree, derTree } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { gmCa } from '../../fixtures/gm-ca.ts'
import { type CrlEntry, extension, makeCrl } from '../../fixtures/revocation.ts'

const gm = gmCa()
const now = new Date('2026-11-24T08:00:00Z')
const dates = { thisUpdate: new Date('2026-11-20T00:00:00Z'), nextUpdate: new Date('2026-12-20T00:00:00Z') }

/** A change of one certificate, or none. */
interface Changes {
  readonly leaf?: (tbs: DerTree) => void
  readonly intermediate?: (tbs: DerTree) => void
  readonly root?: (tbs: DerTree) => void
  readonly leafEntries?: readonly CrlEntry[]
  readonly upperEntries?: readonly CrlEntry[]
}

/** The certificate with its signed part changed and signed again by the same authority. */
function changed(der: Uint8Array, key: Sm2PrivateKey, change: ((tbs: DerTree) => void) | undefined): Uint8Array {
  if (change === undefined) return der
  const tree = derTree(der)
  change(at(tree, [0]))
  const digest = sm2Digest(sm2PublicOf(key.d), derBytes(at(tree, [0])))
  at(tree, [2]).content = Uint8Array.of(0, ...sm2SignDigest(key.d, digest))
  return derBytes(tree)
}

function judge({ leaf, intermediate, root, leafEntries = [], upperEntries = [] }: Changes): number {
  const path = validatePath({
    leaf: parseCertificate(changed(gm.bidder.sign.certificate, gm.intermediateKey, leaf)),
    intermediates: [parseCertificate(changed(gm.intermediate, gm.rootKey, intermediate))],
    anchors: [parseCertificate(changed(gm.root, gm.rootKey, root))],
    at: now,
    leafUse: 'sign',
    requireAllUsed: true,
  })
  const crls = [
    makeCrl({ issuer: gm.intermediate, privateKey: gm.intermediateKey, ...dates, entries: leafEntries }),
    makeCrl({ issuer: gm.root, privateKey: gm.rootKey, ...dates, entries: upperEntries }),
  ]
  requireNotRevoked(judgeRevocation(path, { crls, ocspResponses: [] }, now), { unknown: 'refuse' })
  return path.length
}

const add = (more: Uint8Array) => (tbs: DerTree) => {
  at(tbs, [-1, 0]).children.push(derTree(more))
}
/** Replaces the value of extension number `index` (basicConstraints 0, keyUsage 1). */
const set = (index: number, value: Uint8Array) => (tbs: DerTree) => {
  at(tbs, [-1, 0, index, -1]).content = value
}
const until = (date: string) => (tbs: DerTree) => {
  at(tbs, [4, 1]).content = Buffer.from(date)
}
const from = (date: string) => (tbs: DerTree) => {
  at(tbs, [4, 0]).content = Buffer.from(date)
}
const without = (index: number) => (tbs: DerTree) => {
  at(tbs, [-1, 0]).children.splice(index, 1)
}
const constraints = (value: Uint8Array) => add(extension(oids.nameConstraints, value, true))
const within = (name: Uint8Array) => sequence(context(0, sequence(context(4, name))))
const since = new Date('2026-11-01T00:00:00Z')
const explicitPolicy = extension(oids.policyConstraints, sequence(contextPrimitive(0, Uint8Array.of(0))), true)

const broken: Readonly<Record<string, readonly [CryptoFailureCode, Changes]>> = {
  'a leaf that has expired': ['cert.expired', { leaf: until('261001000000Z') }],
  'a leaf that is not valid yet': ['cert.expired', { leaf: from('261201000000Z') }],
  'an authority that has expired': ['cert.expired', { intermediate: until('261001000000Z') }],
  'a root that has expired': ['cert.expired', { root: until('261001000000Z') }],
  'an issuer that is no authority': ['cert.untrusted', { intermediate: set(0, sequence()) }],
  'an issuer without basicConstraints': ['cert.untrusted', { intermediate: without(0) }],
  'an issuer without keyCertSign': ['cert.untrusted', { intermediate: set(1, namedBits([0, 6])) }],
  'a root that allows no authority below': ['cert.untrusted', { root: set(0, sequence(derTrue, integer(0))) }],
  'a leaf that may not sign': ['cert.untrusted', { leaf: set(1, namedBits([2, 3])) }],
  'a leaf without keyUsage': ['cert.untrusted', { leaf: without(1) }],
  'an unknown critical extension': ['cert.untrusted', { leaf: add(extension('1.2.3.4', derNull, true)) }],
  'one above the leaf': ['cert.untrusted', { intermediate: add(extension('1.2.3.4', derNull, true)) }],
  'a name outside': ['cert.untrusted', { intermediate: constraints(within(encodeName([['C', 'FR']]))) }],
  'a demand for a policy': ['cert.unsupported', { intermediate: add(explicitPolicy) }],
  'a leaf that was taken back': ['cert.revoked', { leafEntries: [{ certificate: gm.bidder.sign.certificate, since }] }],
  'an authority that was taken back': ['cert.revoked', { upperEntries: [{ certificate: gm.intermediate, since }] }],
}

describe('a chain of three SM2 certificates', () => {
  it('is accepted, with its lists and with constraints it keeps', () => {
    expect(judge({})).toBe(3)
    expect(judge({ leaf: () => undefined, intermediate: () => undefined, root: () => undefined })).toBe(3)
    expect(judge({ intermediate: constraints(within(encodeName([['C', 'CN']]))) })).toBe(3)
  })

  it.each(Object.entries(broken))('is refused by the right code: %s', (_, [code, changes]) => {
    expectFailure(code, () => judge(changes))
  })
})
