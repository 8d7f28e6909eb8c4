import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode, tags } from '../der/reader.ts'
import { octetString as octets, smallInteger } from '../der/values.ts'
import { concat, context, derNull, integer, octetString, oid, sameBytes, sequence } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { Randomness } from '../io/ports.ts'
import { decodeAuthEnveloped, encodeAuthEnveloped, keyLength, openKey, randomKey, sealKey } from './auth-enveloped.ts'

/** PBKDF2 rounds a reader accepts; a writer uses the lower bound unless told otherwise. */
export const minRecoveryRounds = 600_000
export const maxRecoveryRounds = 5_000_000

const saltLength = 16
const blockLength = 16

/** RFC 3211 block of a 32-byte key: count, three check bytes, key, padding to whole blocks. */
const wrappedLength = 48

const derive = promisify(pbkdf2)

const prf = sequence(oid(oids.hmacWithSha256), derNull)

export interface RecoveryOptions {
  readonly randomness: Randomness
  /** 600,000 to 5,000,000; the lower bound when absent. */
  readonly rounds?: number
  /** 16 bytes; fresh ones when absent. */
  readonly salt?: Uint8Array
}

interface PasswordRecipient {
  readonly salt: Uint8Array
  readonly rounds: number
  /** Whether PBKDF2's keyLength of 32 is written out. */
  readonly keyLengthWritten: boolean
  readonly iv: Uint8Array
  readonly encryptedKey: Uint8Array
}

/**
 * Envelopes 32 bytes under a recovery code: the intl-1 object with one PasswordRecipientInfo (seal-format, "Recipients").
 * `code` is the 40 capitals. Answers DER; takes the time of the rounds, off this thread.
 */
export async function wrapForRecovery(key: Uint8Array, code: string, options: RecoveryOptions): Promise<Uint8Array> {
  const { randomness, rounds = minRecoveryRounds, salt = randomness.bytes(saltLength) } = options
  if (rounds < minRecoveryRounds || rounds > maxRecoveryRounds || salt.length !== saltLength) {
    throw new CryptoFailure('arguments.bad', 'rounds or salt outside the format')
  }
  const iv = randomness.bytes(blockLength)
  const contentKey = randomness.bytes(keyLength)
  const keyEncryptionKey = await derive(code, salt, rounds, keyLength, 'sha256')
  try {
    const padding = randomness.bytes(wrappedLength - 4 - keyLength)
    const encryptedKey = wrapTwice(keyEncryptionKey, iv, contentKey, padding)
    const recipient = encodeRecipient({ salt, rounds, keyLengthWritten: false, iv, encryptedKey })
    return encodeAuthEnveloped(recipient, sealKey(contentKey, key, randomness.bytes(12)))
  } finally {
    keyEncryptionKey.fill(0)
    contentKey.fill(0)
  }
}

/** The profile of a recovery envelope, rounds included; before any work is spent on it. Throws `seal.envelope`. */
export function checkRecoveryEnvelope(envelope: Uint8Array): void {
  recode('seal.envelope', () => decodeRecipient(decodeAuthEnveloped(envelope).recipientInfo))
}

/** Opens a recovery envelope. A wrong code, or bytes that are no such envelope, answer 32 random bytes. */
export async function openRecoveryEnvelope(envelope: Uint8Array, code: string): Promise<Uint8Array> {
  try {
    const content = decodeAuthEnveloped(envelope)
    const recipient = decodeRecipient(content.recipientInfo)
    const keyEncryptionKey = await derive(code, recipient.salt, recipient.rounds, keyLength, 'sha256')
    return openKey(content, unwrapTwice(keyEncryptionKey, recipient.iv, recipient.encryptedKey))
  } catch (error) {
    if (error instanceof CryptoFailure) return randomKey()
    throw error
  }
}

function encodeRecipient(recipient: PasswordRecipient): Uint8Array {
  const { salt, rounds, keyLengthWritten, iv, encryptedKey } = recipient
  const length = keyLengthWritten ? [integer(keyLength)] : []
  const derivation = [oid(oids.pbkdf2), sequence(octetString(salt), integer(rounds), ...length, prf)]
  const encryption = sequence(oid(oids.pwriKek), sequence(oid(oids.aes256Cbc), octetString(iv)))
  return context(3, integer(0), context(0, ...derivation), encryption, octetString(encryptedKey))
}

function decodeRecipient(node: DerNode): PasswordRecipient {
  if (node.tag !== contextTag(3)) throw malformed('not a password recipient')
  const fields = node.fields()
  fields.take(tags.integer)
  const derivation = fields.take(contextTag(0)).fields()
  derivation.take(tags.oid)
  const parameters = derivation.take(tags.sequence).fields()
  const salt = octets(parameters.take(tags.octetString))
  const rounds = smallInteger(parameters.take(tags.integer))
  const keyLengthWritten = parameters.optional(tags.integer) !== null
  const encryption = fields.take(tags.sequence).fields()
  encryption.take(tags.oid)
  const cipher = encryption.take(tags.sequence).fields()
  cipher.take(tags.oid)
  const iv = octets(cipher.take(tags.octetString))
  const encryptedKey = octets(fields.take(tags.octetString))
  if (rounds < minRecoveryRounds || rounds > maxRecoveryRounds) throw malformed(`${rounds} rounds`)
  if (salt.length !== saltLength || iv.length !== blockLength || encryptedKey.length !== wrappedLength) {
    throw malformed('a field of another length')
  }
  const recipient = { salt, rounds, keyLengthWritten, iv, encryptedKey }
  // Versions, object identifiers, prf and keyLength can only be those that are written.
  if (!sameBytes(encodeRecipient(recipient), node.raw)) throw malformed('a recipient outside the profile')
  return recipient
}

/** RFC 3211, 2.3.1: encrypted once, and the result again with its own last block as IV (one CBC stream of two passes). */
function wrapTwice(key: Uint8Array, iv: Uint8Array, contentKey: Uint8Array, padding: Uint8Array): Uint8Array {
  const check = contentKey.slice(0, 3).map(byte => byte ^ 0xff)
  const block = concat(Uint8Array.of(contentKey.length), check, contentKey, padding)
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const first = cipher.update(block)
  block.fill(0)
  return Uint8Array.from(cipher.update(first))
}

/** RFC 3211, 2.3.2. Answers a random key where the check bytes do not fit; wipes `key`. */
function unwrapTwice(key: Uint8Array, iv: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const decrypt = (from: Uint8Array, bytes: Uint8Array) =>
    createDecipheriv('aes-256-cbc', key, from).setAutoPadding(false).update(bytes)
  const last = wrapped.length - blockLength
  // The last block of the first pass is the second pass's IV; CBC gives it back from the last two blocks.
  const firstLast = decrypt(wrapped.subarray(last - blockLength, last), wrapped.subarray(last))
  const first = decrypt(firstLast, wrapped)
  const block = decrypt(iv, first)
  key.fill(0)
  const contentKey = Uint8Array.from(block.subarray(4, 4 + keyLength))
  let difference = (block[0] ?? 0) ^ keyLength
  for (let index = 0; index < 3; index += 1) {
    difference |= (block[1 + index] ?? 0) ^ (contentKey[index] ?? 0) ^ 0xff
  }
  block.fill(0)
  return difference === 0 ? contentKey : randomBytes(keyLength)
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', `recovery envelope: ${detail}`)
}
