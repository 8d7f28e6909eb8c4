// Writes DSSE v1 envelopes (secure-systems-lab/dsse) with Ed25519; the program reads them in crypto/token/profiles/dsse.ts.
import { createHash, createPublicKey, sign } from 'node:crypto'

/**
 * What is signed: type and payload, each with its length before it.
 * @param {string} payloadType
 * @param {Uint8Array} payload
 */
export function preAuthEncoding(payloadType, payload) {
  const type = Buffer.from(payloadType)
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload])
}

/**
 * A key as it is pinned: its SubjectPublicKeyInfo and the digest of it.
 * @param {import('node:crypto').KeyObject} privateKey
 * @returns {{ id: string, publicKey: string }}
 */
export function publisherKeyOf(privateKey) {
  const info = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { id: createHash('sha256').update(info).digest('hex'), publicKey: info.toString('base64') }
}

/**
 * The envelope of a payload, as the text of a file.
 * @param {string} payloadType
 * @param {Uint8Array} payload
 * @param {readonly import('node:crypto').KeyObject[]} privateKeys
 */
export function envelopeOf(payloadType, payload, privateKeys) {
  const signed = preAuthEncoding(payloadType, payload)
  const signatures = privateKeys.map(key => ({
    keyid: publisherKeyOf(key).id,
    sig: sign(null, signed, key).toString('base64'),
  }))
  const envelope = { payload: Buffer.from(payload).toString('base64'), payloadType, signatures }
  return `${JSON.stringify(envelope, null, 2)}\n`
}

/**
 * The payload of an envelope's text.
 * @param {string} text
 */
export function payloadOf(text) {
  /** @type {{ payload: string }} */
  const { payload } = JSON.parse(text)
  return Buffer.from(payload, 'base64')
}
