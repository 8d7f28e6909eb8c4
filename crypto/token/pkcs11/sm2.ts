import { randomBytes } from 'node:crypto'
import type { Mechanism } from 'pkcs11js'
import { openSm2Content } from '../../cms/gm/content.ts'
import { readDer, tags } from '../../der/reader.ts'
import type { Sm2Transport } from '../../envelope/key-opener.ts'
import { CryptoFailure } from '../../errors.ts'
import { defaultSm2Id, sm2VerifyDigest, sm2Z, writeSm2Signature } from '../../sm/sm2/index.ts'
import type { Pkcs11Sm2 } from '../profiles/driver-profile.ts'
import { sm4KeyCiphertext, sm4KeyLength } from '../sm2-ciphertext.ts'
import { CKR } from './constants.ts'
import { isCode, returnCode } from './errors.ts'
import { decryptWith, type KeyInUse, leftPad, signWith } from './key-in-use.ts'
import { type RawSignature, splitSignature } from './raw-signature.ts'

const scalarLength = 32

/** What is signed with SM2: e = SM3(Z ‖ M), and M for the libraries that want that. */
export interface Sm2Signing {
  /** The signer's public key, 04 ‖ x ‖ y. */
  readonly point: Uint8Array
  readonly digest: Uint8Array
  readonly message?: Uint8Array | undefined
}

/**
 * Signs with SM2 as the vendor's profile says; answers SEQUENCE { r, s }, not yet verified. Throws what the library throws,
 * `token.unsupported` for a message that the library would have to be given and is absent or too long, and for an answer
 * that is no signature.
 */
export function signSm2(use: KeyInUse, { sign, maxInput }: Pkcs11Sm2, signing: Sm2Signing): Uint8Array {
  const { point, digest } = signing
  const input = sign.input === 'e' ? digest : requireMessage(signing.message, maxInput)
  const answer = signWith(use, mechanismOf(sign, point), input)
  const der = ([r, s]: RawSignature): Uint8Array => writeSm2Signature({ r, s }, 'der')
  if (sign.output === 'der') return der(readSequence(answer))
  return der(splitSignature(answer, scalarLength, halves => sm2VerifyDigest(point, digest, der(halves))))
}

/**
 * Opens an SM2 envelope: the token decrypts the SM4 key, the content is decrypted here. Whatever is wrong with the envelope
 * answers 32 random bytes after the same work (see `KeyOpener.open`). Throws what the library throws for the token itself,
 * `token.unsupported` when it does not know the profile's mechanism.
 */
export function openSm2(use: KeyInUse, { decrypt }: Pkcs11Sm2, transport: Sm2Transport): Uint8Array {
  const { encryptedKey, iv, content } = transport
  const fallback = Uint8Array.from(randomBytes(32))
  const ciphertext = sm4KeyCiphertext(encryptedKey, decrypt.layout)
  const contentKey = ciphertext === null ? randomKey() : sm4KeyIn(use, decrypt, ciphertext)
  try {
    return openSm2Content(contentKey, iv, content) ?? fallback
  } finally {
    contentKey.fill(0)
  }
}

function mechanismOf({ mechanism, parameter }: Pkcs11Sm2['sign'], point: Uint8Array): Mechanism {
  if (parameter === 'none') return { mechanism }
  return { mechanism, parameter: Buffer.from(parameter === 'id' ? defaultSm2Id : sm2Z(point)) }
}

function requireMessage(message: Uint8Array | undefined, maxInput: number | undefined): Uint8Array {
  if (message === undefined) {
    throw new CryptoFailure(
      'token.unsupported',
      'the library digests what it signs itself, and only a digest is at hand: what is too long is not handed to a token',
    )
  }
  if (maxInput !== undefined && message.length > maxInput) {
    throw new CryptoFailure(
      'token.unsupported',
      `the library digests what it signs itself and takes ${maxInput} bytes at most; these are ${message.length}`,
    )
  }
  return message
}

/** SEQUENCE { r, s } as libraries write it: with leading zeros too many, or without the one before a high bit. */
function readSequence(answer: Uint8Array): RawSignature {
  try {
    const fields = readDer(answer).fields()
    const [r, s] = [fields.take(tags.integer), fields.take(tags.integer)]
    fields.end()
    const halves = [leftPad(r.content, scalarLength), leftPad(s.content, scalarLength)] as const
    if (halves[0] !== null && halves[1] !== null) return [halves[0], halves[1]]
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
  }
  throw new CryptoFailure(
    'token.unsupported',
    'C_Sign answered no SEQUENCE of two numbers, as the profile says it does',
  )
}

/** SECURITY: a ciphertext that does not open gives a random key, and the second step is done all the same (RFC 3218). */
function sm4KeyIn(use: KeyInUse, { mechanism }: Pkcs11Sm2['decrypt'], ciphertext: Uint8Array): Uint8Array {
  const instead = randomKey()
  const answer = decryptWith(use, { mechanism }, ciphertext, isVendorsWay)
  if (answer === 'refused') {
    throw new CryptoFailure('token.unsupported', 'the token does not know the profile’s mechanism for SM2 decryption')
  }
  if (answer === 'bad') return instead
  try {
    return leftPad(answer, sm4KeyLength) ?? instead
  } finally {
    answer.fill(0)
  }
}

/** The mechanism was taken: what follows is about the ciphertext, and vendors have numbers of their own for it. */
function isVendorsWay(error: unknown): boolean {
  return isCode(error, CKR.argumentsBad) || (returnCode(error) ?? 0) >= CKR.vendorDefined
}

function randomKey(): Uint8Array {
  return Uint8Array.from(randomBytes(sm4KeyLength))
}
