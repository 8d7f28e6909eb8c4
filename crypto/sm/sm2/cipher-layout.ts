import { readDer, tags } from '../../der/reader.ts'
import { octetString } from '../../der/values.ts'
import { concat, octetString as writeOctetString, sequence, unsignedInteger } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { fixedLength } from './coordinates.ts'
import { isSm2PublicKey, scalarLength } from './curve.ts'

/**
 * How a ciphertext is written: `asn1` is SM2Cipher (GM/T 0009, 7.2), the names of letters are the parts one after the
 * other (C1 the point with or without its 04, C2 the ciphertext, C3 the digest), `ECCCIPHERBLOB` what SKF libraries take
 * and answer (GM/T 0016: coordinates at the end of 64 bytes, the length little-endian).
 */
export type Sm2CipherLayout = 'asn1' | '04C1C3C2' | 'C1C3C2' | '04C1C2C3' | 'C1C2C3' | 'ECCCIPHERBLOB'

/** The parts of a ciphertext. `x`, `y` and `hash` (C3) are 32 bytes, `cipher` (C2) is as long as the message. */
export interface Sm2Cipher {
  readonly x: Uint8Array
  readonly y: Uint8Array
  readonly hash: Uint8Array
  readonly cipher: Uint8Array
}

/** Where things stand in an ECCCIPHERBLOB. */
const blob = { x: 32, y: 96, hash: 128, length: 160, cipher: 164 } as const

/** Longest C2 that is looked at, in bytes: keys are what SM2 encrypts. */
const maxCipherLength = 65_536

/**
 * Takes a ciphertext apart, whatever its layout. Without one it is told by what it holds: DER, an SKF block, or a point of
 * the curve at the beginning; bare parts are then taken in the standard's order, C1 C3 C2 (the older C1 C2 C3 looks the
 * same and must be asked for). The parts are new arrays. Throws `document.malformed` for anything else; whether the point
 * is on the curve is only judged where the layout is guessed.
 */
export function readSm2Cipher(bytes: Uint8Array, layout?: Sm2CipherLayout): Sm2Cipher {
  const known = layout ?? sm2CipherLayoutOf(bytes)
  if (known === null) throw malformed('an SM2 ciphertext of no known layout')
  const { x, y, hash, cipher } = partsOf(bytes, known)
  if (cipher.length === 0 || cipher.length > maxCipherLength) throw malformed('an SM2 ciphertext of unusable length')
  return {
    x: Uint8Array.from(x),
    y: Uint8Array.from(y),
    hash: Uint8Array.from(hash),
    cipher: Uint8Array.from(cipher),
  }
}

/** Writes a ciphertext in a layout; coordinates in DER are minimal INTEGERs. */
export function writeSm2Cipher({ x, y, hash, cipher }: Sm2Cipher, layout: Sm2CipherLayout): Uint8Array {
  switch (layout) {
    case 'asn1':
      return sequence(unsignedInteger(x), unsignedInteger(y), writeOctetString(hash), writeOctetString(cipher))
    case '04C1C3C2':
      return concat(Uint8Array.of(4), x, y, hash, cipher)
    case 'C1C3C2':
      return concat(x, y, hash, cipher)
    case '04C1C2C3':
      return concat(Uint8Array.of(4), x, y, cipher, hash)
    case 'C1C2C3':
      return concat(x, y, cipher, hash)
    case 'ECCCIPHERBLOB':
      return writeBlob({ x, y, hash, cipher })
  }
}

/**
 * The layout that the bytes themselves show, or null. Points are told from chance by the curve's equation; bare parts are
 * answered in the standard's order, though they may as well stand in the older one.
 */
export function sm2CipherLayoutOf(bytes: Uint8Array): Sm2CipherLayout | null {
  const pointAt = (start: number) =>
    isSm2PublicKey(concat(Uint8Array.of(4), bytes.subarray(start, start + 2 * scalarLength)))
  if (bytes[0] === 4 && pointAt(1)) return '04C1C3C2'
  if (pointAt(0)) return 'C1C3C2'
  if (bytes.length > blob.cipher && isBlob(bytes)) return 'ECCCIPHERBLOB'
  return bytes[0] === tags.sequence ? 'asn1' : null
}

function partsOf(bytes: Uint8Array, layout: Sm2CipherLayout): Sm2Cipher {
  switch (layout) {
    case 'asn1':
      return readSequence(bytes)
    case '04C1C3C2':
    case '04C1C2C3':
      if (bytes[0] !== 4) throw malformed('an SM2 ciphertext that does not begin with 04')
      return readBare(bytes.subarray(1), layout === '04C1C3C2')
    case 'C1C3C2':
    case 'C1C2C3':
      return readBare(bytes, layout === 'C1C3C2')
    case 'ECCCIPHERBLOB':
      return readBlob(bytes)
  }
}

function readSequence(bytes: Uint8Array): Sm2Cipher {
  const root = readDer(bytes)
  if (root.tag !== tags.sequence) throw malformed('an SM2Cipher is a SEQUENCE')
  const fields = root.fields()
  const x = fixedLength(fields.take(tags.integer))
  const y = fixedLength(fields.take(tags.integer))
  const hash = octetString(fields.take(tags.octetString))
  const cipher = octetString(fields.take(tags.octetString))
  fields.end()
  if (hash.length !== scalarLength) throw malformed('an SM2Cipher whose digest is not 32 bytes')
  return { x, y, hash, cipher }
}

function readBare(bytes: Uint8Array, hashFirst: boolean): Sm2Cipher {
  if (bytes.length <= 3 * scalarLength) throw malformed('an SM2 ciphertext cut short')
  const x = bytes.subarray(0, scalarLength)
  const y = bytes.subarray(scalarLength, 2 * scalarLength)
  const rest = bytes.subarray(2 * scalarLength)
  return hashFirst
    ? { x, y, hash: rest.subarray(0, scalarLength), cipher: rest.subarray(scalarLength) }
    : { x, y, hash: rest.subarray(-scalarLength), cipher: rest.subarray(0, -scalarLength) }
}

function isBlob(bytes: Uint8Array): boolean {
  const zero = (start: number) => bytes.subarray(start, start + 32).every(byte => byte === 0)
  const { byteOffset, byteLength } = bytes
  const length = new DataView(bytes.buffer, byteOffset, byteLength).getUint32(blob.length, true)
  return zero(0) && zero(64) && length === bytes.length - blob.cipher
}

function readBlob(bytes: Uint8Array): Sm2Cipher {
  if (bytes.length <= blob.cipher || !isBlob(bytes)) throw malformed('not an ECCCIPHERBLOB')
  return {
    x: bytes.subarray(blob.x, blob.x + scalarLength),
    y: bytes.subarray(blob.y, blob.y + scalarLength),
    hash: bytes.subarray(blob.hash, blob.length),
    cipher: bytes.subarray(blob.cipher),
  }
}

function writeBlob({ x, y, hash, cipher }: Sm2Cipher): Uint8Array {
  const bytes = new Uint8Array(blob.cipher + cipher.length)
  bytes.set(x, blob.x)
  bytes.set(y, blob.y)
  bytes.set(hash, blob.hash)
  new DataView(bytes.buffer).setUint32(blob.length, cipher.length, true)
  bytes.set(cipher, blob.cipher)
  return bytes
}

function malformed(detail: string): CryptoFailure {
  return new CryptoFailure('document.malformed', detail)
}
