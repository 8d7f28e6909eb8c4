import { createHash } from 'node:crypto'
import { sha256Hex } from '../../../crypto/documents/digest.ts'
import { encodeDocument } from '../../../crypto/documents/encoding.ts'
import type { DocumentFields } from '../../../crypto/documents/kinds.ts'
import { listDigest } from '../../../crypto/envelope/list-digest.ts'
import type { PartName } from '../../../crypto/envelope/header.ts'
import { toBase64 } from '../../../crypto/json/hex.ts'
import type { PracticeIdentity } from '../../fixtures/practice-ca.ts'
import type { OpeningFile, OpeningVector, SignedText } from '../opening-file.ts'
import { baseNamed } from './bids.ts'
import { envelopeTo } from './envelopes.ts'
import type { Base } from './forge.ts'
import { signatureOf } from './signatures.ts'
import { people, type Person } from './world.ts'

// Challenges a client must not answer, and releases a platform must not take.

/** When the openings of the vectors begin. */
export const openedAt = '2026-03-02T08:30:30Z'
const closesAt = '2026-03-02T09:30:00Z'
const unknown = 'ee'.repeat(32)
type Kind = 'receipt' | 'challenge' | 'release'

/** Vectors of the opening, all for the bid `bidder`. */
export async function openingFile(): Promise<OpeningFile> {
  const base = await baseNamed('bidder')
  const sealDigest = createHash('sha256')
    .update(Buffer.from(JSON.stringify(base.header)))
    .digest('hex')
  const receipt = document('receipt', receiptFields(base, sealDigest), 'receipt')
  const challenge = document('challenge', challengeFields(base, sealDigest, receipt), 'opening')
  const release = releaseOf(base, sealDigest, challenge, {})
  const vectors = [
    ...challengeVectors(base, sealDigest, receipt, challenge),
    ...releaseVectors(base, sealDigest, receipt, challenge),
  ]
  const sound: OpeningVector = {
    name: 'sound',
    code: null,
    comment: 'what client and platform accept',
    receipt,
    challenge,
    release,
    results: ['matched', 'matched'],
  }
  return { bid: 'bidder', at: openedAt, ...byName([sound, ...vectors]) }
}

/** Puts every document in one list, under the name of the first vector that uses it. */
export function byName(vectors: readonly OpeningVector[]): Pick<OpeningFile, 'vectors' | 'documents'> {
  const names = new Map<string, string>()
  const documents: Record<string, SignedText> = {}
  const named = (kind: Kind, vector: string, signed: SignedText) => {
    const key = JSON.stringify(signed)
    const name = names.get(key) ?? `${kind} of ${vector}`
    names.set(key, name)
    documents[name] = signed
    return name
  }
  const list = vectors.map(({ receipt, challenge, release, ...vector }) => ({
    ...vector,
    receipt: named('receipt', vector.name, receipt),
    challenge: named('challenge', vector.name, challenge),
    ...(release === undefined
      ? {}
      : { release: { ...release, document: named('release', vector.name, release.document) } }),
  }))
  return { vectors: list, documents }
}

function challengeVectors(
  base: Base,
  sealDigest: string,
  receipt: SignedText,
  sound: SignedText,
): readonly OpeningVector[] {
  const fields = challengeFields(base, sealDigest, receipt)
  const vector = (
    name: string,
    comment: string,
    change: Partial<DocumentFields<'challenge'>>,
    by: Person = 'opening',
    code = 'opening.challenge',
  ): OpeningVector => ({
    name: `challenge-${name}`,
    code,
    comment,
    receipt,
    challenge: document('challenge', { ...fields, ...change }, by),
  })
  const raw = (name: string, comment: string, text: (text: string) => string): OpeningVector => ({
    name: `challenge-${name}`,
    code: 'opening.challenge',
    comment,
    receipt,
    challenge: signedText(text(sound.text), people.opening),
  })
  const withReceipt = (
    name: string,
    comment: string,
    change: Partial<DocumentFields<'receipt'>>,
    by: Person = 'receipt',
  ): OpeningVector => {
    const other = document('receipt', { ...receiptFields(base, sealDigest), ...change }, by)
    return {
      name: `challenge-${name}`,
      code: 'opening.challenge',
      comment,
      receipt: other,
      challenge: document('challenge', challengeFields(base, sealDigest, other), 'opening'),
    }
  }
  const part = fields.tender
  return [
    vector(
      'early',
      'made one second before the opening time',
      { openedAt: '2026-03-02T08:29:59Z' },
      'opening',
      'opening.early',
    ),
    vector('another-bid', 'for another sealDigest', { sealDigest: unknown }),
    vector('another-receipt', 'names another receipt', { receiptDigest: unknown }),
    vector('recipient-unknown', 'asks for the keys for a certificate nobody has seen', { recipient: unknown }),
    vector('recipient-agency', 'asks for the keys for a certificate the tender lists for something else', {
      recipient: sha256Hex(people.agency.certificate),
    }),
    vector('recipient-rival', "asks for the keys for another bidder's certificate", {
      recipient: sha256Hex(people['rival-decrypt'].certificate),
    }),
    vector('closes-before', 'closes when it opens', { closesAt: openedAt }),
    vector('another-platform', 'of another platform', { tender: { ...part, platform: 'x' } }),
    vector('another-tender', 'of another tender', { tender: { ...part, tenderId: 'x' } }),
    vector('another-lot', 'of another lot', { tender: { ...part, lotId: '02' } }),
    vector('by-receipt-certificate', 'signed with the certificate for receipts', {}, 'receipt'),
    vector('by-agency', 'signed by the agency', {}, 'agency'),
    vector('by-unlisted', 'signed with a certificate the tender does not list', {}, 'agency-unlisted'),
    raw('unknown-field', 'a field that is not known', text => `${text.slice(0, -1)},"x":1}`),
    raw('unknown-field-in-tender', 'a field that is not known, in tender', text =>
      text.replace('"lotId"', '"x":1,"lotId"'),
    ),
    raw('another-type', 'a receipt by its type', text => text.replace('bidseal/1 challenge', 'bidseal/1 receipt')),
    raw('nonce-missing', 'no nonce', text => text.replace(/,"nonce":"[0-9a-f]*"/, '')),
    {
      name: 'challenge-changed',
      code: 'opening.challenge',
      comment: 'changed after it was signed',
      receipt,
      challenge: { ...sound, text: sound.text.replace('opening-1', 'opening-2') },
    },
    withReceipt('receipt-of-another-bid', 'a receipt of another bid', { sealDigest: unknown }),
    withReceipt('receipt-of-another-seal-id', 'a receipt of another sealId', {
      sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172',
    }),
    withReceipt('receipt-of-another-lot', 'a receipt for another lot', { tender: { ...part, lotId: '02' } }),
    withReceipt('receipt-of-other-parts', 'a receipt that names another root', {
      parts: base.header.parts.map(({ name, sealedSize }) => ({ name, sealedSize, root: unknown })),
    }),
    withReceipt('receipt-withdrawn', 'the receipt of a withdrawal', { kind: 'withdrawn' }),
    withReceipt('receipt-by-opening-certificate', 'a receipt signed with the certificate for openings', {}, 'opening'),
  ]
}

function releaseVectors(
  base: Base,
  sealDigest: string,
  receipt: SignedText,
  challenge: SignedText,
): readonly OpeningVector[] {
  const vector = (
    name: string,
    code: string | null,
    comment: string,
    options: ReleaseOptions,
    results?: OpeningVector['results'],
  ): OpeningVector => ({
    name: `release-${name}`,
    code,
    comment,
    receipt,
    challenge,
    release: releaseOf(base, sealDigest, challenge, options),
    ...(results === undefined ? {} : { results }),
  })
  const refuse = (name: string, comment: string, fields: Partial<DocumentFields<'release'>>) =>
    vector(name, 'opening.challenge', comment, { fields: () => fields })
  const wrong = new Uint8Array(32)
  return [
    refuse('another-bid', 'for another sealDigest: a bid that was replaced', { sealDigest: unknown }),
    refuse('another-challenge', 'answers another challenge', { challengeDigest: unknown }),
    refuse('another-opening', 'for another opening', { openingId: 'opening-2' }),
    refuse('unlisted-recipient', 'to a certificate the tender does not list', {
      recipient: sha256Hex(people['agency-unlisted'].certificate),
    }),
    refuse('holds-share', 'says it holds a share where the policy is bidder', { holds: 'shareA' }),
    vector('one-part-only', 'opening.challenge', 'of one part only', {
      fields: ({ parts }) => ({ parts: parts.slice(0, 1) }),
    }),
    vector('parts-order', 'opening.challenge', 'the parts in another order', {
      fields: ({ parts }) => ({ parts: [...parts].reverse() }),
    }),
    vector('part-twice', 'opening.challenge', 'one part twice', {
      fields: ({ parts }) => ({ parts: [...parts.slice(0, 1), ...parts.slice(0, 1)] }),
    }),
    vector('by-another-bidder', 'document.signature', 'signed by another bidder', { by: 'rival-sign' }),
    vector('by-encryption-certificate', 'document.signature', "signed with the bidder's encryption certificate", {
      by: 'bidder-decrypt',
    }),
    vector('unknown-field', 'document.malformed', 'a field that is not known', {
      text: text => `${text.slice(0, -1)},"x":1}`,
    }),
    vector('another-type', 'document.wrong-type', 'a submission by its type', {
      text: text => text.replace('bidseal/1 release', 'bidseal/1 submit'),
    }),
    vector('renewed-signer', null, "signed with the bidder's renewed certificate", { by: 'bidder-sign-renewed' }, [
      'matched',
      'matched',
    ]),
    vector('another-key', null, 'an envelope of another key', { key: () => wrong }, ['refused', 'refused']),
    vector(
      'one-wrong-key',
      null,
      'the right key of one part, another of the other',
      { key: (part, key) => (part === 'body' ? wrong : key) },
      ['matched', 'refused'],
    ),
    vector(
      'keys-exchanged',
      null,
      'the keys of the parts exchanged',
      { key: part => base.partKeys.get(part === 'body' ? 'opening' : 'body') ?? wrong },
      ['refused', 'refused'],
    ),
    vector('pkcs1', null, 'PKCS#1 v1.5 to the opening certificate', { padding: 'pkcs1' }, ['refused', 'refused']),
    vector('to-the-agency', null, 'envelopes to another certificate than the one named', { to: 'agency' }, [
      'refused',
      'refused',
    ]),
    vector('envelope-not-named', null, 'envelopes the release does not name', { digest: () => unknown }, [
      'refused',
      'refused',
    ]),
    vector('envelope-cut', null, 'envelopes without their last byte', { envelope: bytes => bytes.subarray(0, -1) }, [
      'refused',
      'refused',
    ]),
  ]
}

interface ReleaseOptions {
  readonly fields?: (fields: DocumentFields<'release'>) => Partial<DocumentFields<'release'>>
  readonly text?: (text: string) => string
  readonly by?: Person
  readonly to?: Person
  readonly padding?: 'oaep' | 'pkcs1'
  readonly key?: (part: PartName, key: Uint8Array) => Uint8Array
  readonly digest?: (digest: string) => string
  readonly envelope?: (envelope: Uint8Array) => Uint8Array
}

function releaseOf(
  base: Base,
  sealDigest: string,
  challenge: SignedText,
  options: ReleaseOptions,
): NonNullable<OpeningVector['release']> {
  const envelopes = base.header.parts.map(({ name }) => {
    const key = base.partKeys.get(name) ?? new Uint8Array()
    const made = envelopeTo(
      `release ${name}`,
      people[options.to ?? 'opening'],
      options.key?.(name, key) ?? key,
      options.padding,
    )
    const envelope = options.envelope?.(made) ?? made
    return { name, envelope, digest: options.digest?.(sha256Hex(envelope)) ?? sha256Hex(envelope) }
  })
  const fields: DocumentFields<'release'> = {
    sealDigest,
    openingId: 'opening-1',
    challengeDigest: sha256Hex(Buffer.from(challenge.text)),
    recipient: sha256Hex(people.opening.certificate),
    holds: 'partKey',
    parts: envelopes.map(({ name, digest }) => ({ name, envelopeDigest: digest })),
    releasedAt: '2026-03-02T08:31:00Z',
  }
  const text = Buffer.from(encodeDocument('release', { ...fields, ...options.fields?.(fields) })).toString()
  return {
    document: signedText(options.text?.(text) ?? text, people[options.by ?? 'bidder-sign']),
    envelopes: envelopes.map(({ name, envelope }) => ({ part: name, envelope: toBase64(envelope) })),
  }
}

/** The receipt a platform gives for a bid. */
export function receiptFields(base: Base, sealDigest: string): DocumentFields<'receipt'> {
  const { platform, tenderId, lotId } = base.header.tender
  return {
    kind: 'received',
    sealDigest,
    sealId: base.header.sealId,
    tender: { platform, tenderId, lotId },
    parts: base.header.parts.map(({ name, sealedSize, root }) => ({ name, sealedSize, root })),
    size: base.file.length,
    receivedAt: '2026-03-02T02:00:00Z',
  }
}

/** The challenge a platform gives for a bid: to the RSA certificate for openings unless told otherwise. */
export function challengeFields(
  base: Base,
  sealDigest: string,
  receipt: SignedText,
  recipient: Uint8Array = people.opening.certificate,
): DocumentFields<'challenge'> {
  const { platform, tenderId, lotId } = base.header.tender
  return {
    openingId: 'opening-1',
    tender: { platform, tenderId, lotId },
    sealDigest,
    receiptDigest: sha256Hex(Buffer.from(receipt.text)),
    recipient: sha256Hex(recipient),
    list: listDigest([sealDigest]),
    openedAt,
    closesAt,
    nonce: '17'.repeat(32),
  }
}

function document<K extends Kind>(kind: K, fields: DocumentFields<K>, by: Person): SignedText {
  return signedText(Buffer.from(encodeDocument(kind, fields)).toString(), people[by])
}

function signedText(text: string, by: PracticeIdentity): SignedText {
  return { text, signature: toBase64(signatureOf(Buffer.from(text), { by })) }
}
