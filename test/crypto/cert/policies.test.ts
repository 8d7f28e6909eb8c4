import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../../../crypto/cert/certificate.ts'
import { validatePath } from '../../../crypto/cert/path.ts'
import { oids } from '../../../crypto/der/oids.ts'
import { contextPrimitive, integer, oid, sequence } from '../../../crypto/der/writer.ts'
import { at, type DerTree, derTree, reissued } from '../../fixtures/der-edit.ts'
import { expectFailure } from '../../fixtures/failure.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { extension } from '../../fixtures/revocation.ts'

const ca = practiceCa()
const demand = (count: number) =>
  extension(oids.policyConstraints, sequence(contextPrimitive(0, Uint8Array.of(count))), true)
const add = (more: Uint8Array) => (tbs: DerTree) => {
  at(tbs, [-1, 0]).children.push(derTree(more))
}

interface Additions {
  readonly root?: Uint8Array
  readonly intermediate?: Uint8Array
  readonly leaf?: Uint8Array
}

function judge({ root, intermediate, leaf }: Additions) {
  const { certificate } = ca.bidder.sign
  const changed = (der: Uint8Array, key: Parameters<typeof reissued>[1], more: Uint8Array | undefined) =>
    parseCertificate(more === undefined ? der : reissued(der, key, add(more)))
  return validatePath({
    leaf: changed(certificate, ca.intermediateKey, leaf),
    intermediates: [changed(ca.intermediate, ca.rootKey, intermediate)],
    anchors: [changed(ca.root, ca.rootKey, root)],
    at: new Date('2026-11-24T08:00:00Z'),
    leafUse: 'sign',
    requireAllUsed: true,
  })
}

describe('a demand for a policy', () => {
  it('is cert.unsupported where the path reaches it', () => {
    for (const additions of [
      { intermediate: demand(0) },
      { intermediate: demand(1) },
      { leaf: demand(0) },
      { root: demand(0) },
      { root: demand(2) },
    ]) {
      expect(expectFailure('cert.unsupported', () => judge(additions))).toContain('policy')
    }
  })

  it('is passed over where the path ends before it', () => {
    for (const additions of [{ intermediate: demand(2) }, { leaf: demand(1) }, { root: demand(3) }]) {
      expect(judge(additions)).toHaveLength(3)
    }
  })

  it('that cannot be read is cert.unsupported', () => {
    expectFailure('cert.unsupported', () => judge({ intermediate: extension(oids.policyConstraints, integer(1)) }))
  })
})

describe('policies without a demand', () => {
  it('restrict nothing, critical or not', () => {
    const mapping = sequence(sequence(oid('1.2.3'), oid('1.2.4')))
    for (const intermediate of [
      extension(oids.inhibitAnyPolicy, integer(0), true),
      extension(oids.policyMappings, mapping, true),
      extension(oids.certificatePolicies, sequence(sequence(oid('1.2.3'))), true),
    ]) {
      expect(judge({ intermediate })).toHaveLength(3)
    }
  })

  it('may not map anyPolicy', () => {
    for (const pair of [
      [oids.anyPolicy, '1.2.4'],
      ['1.2.4', oids.anyPolicy],
    ] as const) {
      const mapping = sequence(sequence(oid(pair[0]), oid(pair[1])))
      expectFailure('cert.untrusted', () => judge({ intermediate: extension(oids.policyMappings, mapping, true) }))
    }
  })
})
