import { sha256Hex } from '../../../../crypto/documents/digest.ts'
import { encodeDocument } from '../../../../crypto/documents/encoding.ts'
import type { DocumentFields } from '../../../../crypto/documents/kinds.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { oid, sequence } from '../../../../crypto/der/writer.ts'
import { toBase64, toHex } from '../../../../crypto/json/hex.ts'
import { readSm2Cipher, writeSm2Cipher } from '../../../../crypto/sm/sm2/index.ts'
import { at, derTree, edited } from '../../../fixtures/der-edit.ts'
import type { GmIdentity } from '../../../fixtures/gm-ca.ts'
import type { OpeningFile, OpeningVector, SignedText } from '../../opening-file.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo } from '../envelopes.ts'
import type { Base } from '../forge.ts'
import { byName, challengeFields, openedAt, receiptFields } from '../opening.ts'
import { setContent, signatureOf } from '../signatures.ts'
import { bytesFor, people } from '../world.ts'
import { gmEnvelopeTo, recipient } from './envelopes.ts'
import { gmSignatureOf } from './signatures.ts'
import { gmPeople } from './world.ts'

// Challenges and releases of a gm bid, as far as the suite makes a difference. The receipt is signed in intl-1: documents
// outside a sealed bid may be of either suite.

const opening = gmPeople['gm-opening']

/** Vectors of the opening, all for the bid `gm-whole`. */
export async function gmOpeningFile(): Promise<OpeningFile> {
  const base = await baseNamed('gm-whole')
  const sealDigest = toHex(base.suite.digest(Buffer.from(JSON.stringify(base.header))))
  const receiptText = Buffer.from(encodeDocument('receipt', receiptFields(base, sealDigest))).toString()
  const receipt = signedInIntl(receiptText, people.receipt)
  const fields = challengeFields(base, sealDigest, receipt, opening.certificate)
  const text = (change: Partial<typeof fields> = {}) =>
    Buffer.from(encodeDocument('challenge', { ...fields, ...change })).toString()
  const challenge = signedInGm(text(), opening)
  const asked = (name: string, code: string | null, comment: string, given: SignedText): OpeningVector => ({
    name: `challenge-${name}`,
    code,
    comment,
    receipt,
    challenge: given,
  })
  const answered = (
    name: string,
    code: string | null,
    comment: string,
    options: ReleaseOptions,
    result?: 'matched' | 'refused',
  ): OpeningVector => ({
    name: name === 'sound' ? name : `release-${name}`,
    code,
    comment,
    receipt,
    challenge,
    release: releaseOf(base, sealDigest, challenge, options),
    ...(result === undefined ? {} : { results: [result] }),
  })
  const refused = (name: string, comment: string, envelope: ReleaseOptions['envelope']) =>
    answered(name, null, comment, envelope === undefined ? {} : { envelope }, 'refused')
  const rsa = sha256Hex(people.opening.certificate)
  return {
    bid: 'gm-whole',
    at: openedAt,
    ...byName([
      answered('sound', null, 'what client and platform accept', {}, 'matched'),
      asked(
        'by-rsa-certificate',
        null,
        'signed in intl-1 with the RSA certificate for openings, which is listed too',
        signedInIntl(text(), people.opening),
      ),
      asked(
        'recipient-rsa',
        'opening.challenge',
        'asks for the keys for the RSA certificate: no envelope of gm-1 can go there',
        signedInGm(text({ recipient: rsa }), opening),
      ),
      asked('by-agency', 'opening.challenge', 'signed by the agency', signedInGm(text(), gmPeople['gm-agency'])),
      asked('changed', 'opening.challenge', 'changed after it was signed', {
        ...challenge,
        text: challenge.text.replace('opening-1', 'opening-2'),
      }),
      asked('signature-without-z', 'opening.challenge', 'signed over another text', {
        ...challenge,
        signature: signedInGm('{}', opening).signature,
      }),
      answered('by-another-bidder', 'document.signature', 'signed by another bidder', {
        sign: bytes => signedInGm(bytes, gmPeople['gm-rival-sign']),
      }),
      answered('by-encryption-certificate', 'document.signature', "signed with the bidder's encryption certificate", {
        sign: bytes => signedInGm(bytes, gmPeople['gm-bidder-decrypt']),
      }),
      answered(
        'in-intl-1',
        'cert.untrusted',
        "signed in intl-1 with the bidder's RSA certificate: no accepted authority",
        {
          sign: bytes => signedInIntl(bytes, people['bidder-sign']),
        },
      ),
      answered(
        'key-exchange-number',
        null,
        'key encryption 1.2.156.10197.1.301.2',
        {
          envelope: key =>
            edited(gmEnvelopeTo('release', opening, key), recipient, node => {
              node.children[2] = derTree(sequence(oid(oids.sm2KeyExchange)))
            }),
        },
        'matched',
      ),
      refused('another-key', 'an envelope of another key', () => gmEnvelopeTo('release', opening, new Uint8Array(32))),
      refused('to-the-agency', 'an envelope to another certificate than the one named', key =>
        gmEnvelopeTo('release', gmPeople['gm-agency'], key),
      ),
      refused('of-intl-1', 'an envelope of intl-1 to the RSA certificate for openings', key =>
        envelopeTo('release', people.opening, key),
      ),
      refused('layout-c1c3c2', 'an encrypted key without DER', key => {
        const sound = gmEnvelopeTo('release', opening, key)
        const parts = readSm2Cipher(at(derTree(sound), [...recipient, 3]).content, 'asn1')
        return edited(sound, [...recipient, 3], setContent(writeSm2Cipher(parts, 'C1C3C2')))
      }),
      refused('digest', 'an encrypted key whose C3 does not hold', key => {
        const sound = gmEnvelopeTo('release', opening, key)
        const parts = readSm2Cipher(at(derTree(sound), [...recipient, 3]).content, 'asn1')
        const broken = writeSm2Cipher({ ...parts, hash: bytesFor('C3', 32) }, 'asn1')
        return edited(sound, [...recipient, 3], setContent(broken))
      }),
      refused('padding', 'a content without its padding', key =>
        gmEnvelopeTo('release', opening, key, { content: () => bytesFor('padding', 48) }),
      ),
    ]),
  }
}

interface ReleaseOptions {
  readonly sign?: (text: string) => SignedText
  readonly envelope?: (key: Uint8Array) => Uint8Array
}

function releaseOf(
  base: Base,
  sealDigest: string,
  challenge: SignedText,
  options: ReleaseOptions,
): NonNullable<OpeningVector['release']> {
  const key = base.partKeys.get('body') ?? new Uint8Array()
  const envelope = options.envelope?.(key) ?? gmEnvelopeTo('release', opening, key)
  const fields: DocumentFields<'release'> = {
    sealDigest,
    openingId: 'opening-1',
    challengeDigest: sha256Hex(Buffer.from(challenge.text)),
    recipient: sha256Hex(opening.certificate),
    holds: 'partKey',
    parts: [{ name: 'body', envelopeDigest: sha256Hex(envelope) }],
    releasedAt: '2026-03-02T08:31:00Z',
  }
  const text = Buffer.from(encodeDocument('release', fields)).toString()
  return {
    document: options.sign?.(text) ?? signedInGm(text, gmPeople['gm-bidder-sign']),
    envelopes: [{ part: 'body', envelope: toBase64(envelope) }],
  }
}

function signedInGm(text: string, by: GmIdentity): SignedText {
  return { text, signature: toBase64(gmSignatureOf(Buffer.from(text), { by })) }
}

function signedInIntl(text: string, by: (typeof people)['opening']): SignedText {
  return { text, signature: toBase64(signatureOf(Buffer.from(text), { by })) }
}
