import { createHash, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { envelopeOf } from '../../../../build/data/dsse.mjs'
import { readFileSync } from 'node:fs'
import { encodeJson, parseStrictJson } from '../../../../crypto/json/strict-json.ts'
import { builtInData } from '../../../../crypto/token/profiles/built-in.ts'
import { readEnvelope } from '../../../../crypto/token/profiles/dsse.ts'
import { publisherKeys } from '../../../../crypto/token/profiles/publisher-keys.ts'
import { asOneLine } from '../../../../crypto/token/profiles/readable-json.ts'
import { dataKinds, openPublisherData, requireNewer } from '../../../../crypto/token/profiles/signed-data.ts'
import { expectFailure } from '../../../fixtures/failure.ts'
import { bytes, newPublisher, smallProfiles, smallTrustList } from '../../../fixtures/publisher.ts'

const publisher = newPublisher()

describe('the data the program is shipped with', () => {
  it.each(dataKinds)('%s: signed with a pinned key, and what is signed is the source in the tree', kind => {
    expect(openPublisherData(builtInData[kind]).kind).toBe(kind)
    const source = readFileSync(new URL(`../../../../crypto/token/profiles/data/${kind}.json`, import.meta.url))
    const strict = { maxBytes: 4 * 1024 * 1024, code: 'data.malformed' } as const
    const canonical = encodeJson(parseStrictJson(asOneLine(source), strict))
    expect(Buffer.from(readEnvelope(builtInData[kind]).payload).toString()).toBe(Buffer.from(canonical).toString())
  })

  it.each(dataKinds)('%s: the built-in copy is the file in the tree', kind => {
    const file = readFileSync(new URL(`../../../../crypto/token/profiles/data/${kind}.dsse.json`, import.meta.url))
    expect(readEnvelope(builtInData[kind])).toEqual(readEnvelope(file))
  })

  it('is signed by keys that bear the digest of themselves as their name', () => {
    expect(publisherKeys.length).toBeGreaterThan(0)
    for (const { id, publicKey } of publisherKeys) {
      const der = Buffer.from(publicKey, 'base64')
      expect(createHash('sha256').update(der).digest('hex')).toBe(id)
      expect(createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType).toBe('ed25519')
    }
  })
})

describe('signed data', () => {
  it('are told apart by the type they are signed as', () => {
    const profiles = openPublisherData(publisher.sign('vendor-profiles', smallProfiles(3)), [publisher.key])
    const trust = openPublisherData(publisher.sign('trust-list', smallTrustList(4)), [publisher.key])
    expect([profiles.kind, profiles.content.version]).toEqual(['vendor-profiles', 3])
    expect([trust.kind, trust.content.version]).toEqual(['trust-list', 4])
  })

  it('are refused when somebody else has signed them, before anything in them is read', () => {
    const nonsense = publisher.sign('vendor-profiles', { nonsense: true })
    expectFailure('data.signature', () => openPublisherData(nonsense))
    expectFailure('data.malformed', () => openPublisherData(nonsense, [publisher.key]))
  })

  it('are refused as one kind when they were signed as the other', () => {
    const crossed = publisher.sign('trust-list', smallProfiles(3))
    expectFailure('data.malformed', () => openPublisherData(crossed, [publisher.key]))
  })

  it('are refused when they were signed as something this program does not know', () => {
    const foreign = bytes(envelopeOf('application/vnd.in-toto+json', bytes('{}'), [publisher.privateKey]))
    expectFailure('data.malformed', () => openPublisherData(foreign, [publisher.key]))
  })

  it('only go forward', () => {
    requireNewer(8, 7)
    expect(expectFailure('data.downgrade', () => requireNewer(7, 7))).toContain('in use already')
    expect(expectFailure('data.downgrade', () => requireNewer(6, 7))).toContain('older than version 7')
  })
})
