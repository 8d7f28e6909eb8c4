import { readDer, tags } from '../../der/reader.ts'
import { concat, sequence, unsignedInteger } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { fixedLength } from './coordinates.ts'
import { order, scalarLength, toBigInt } from './curve.ts'

/**
 * How a signature is written: `der` is SEQUENCE { r, s } (GM/T 0009, 7.3), `raw` r ‖ s, `ECCSIGNATUREBLOB` what an SKF
 * library answers (GM/T 0016: each number at the end of 64 bytes).
 */
export type Sm2SignatureForm = 'der' | 'raw' | 'ECCSIGNATUREBLOB'

/** A signature; 32 bytes each. */
export interface Sm2Signature {
  readonly r: Uint8Array
  readonly s: Uint8Array
}

/**
 * Takes a signature apart. Throws `document.malformed` for bytes not of this form, `document.signature` for numbers no
 * signature has: r or s outside [1, n − 1], or r + s = n (GB/T 32918.2, 7.1).
 */
export function readSm2Signature(bytes: Uint8Array, form: Sm2SignatureForm): Sm2Signature {
  const [r, s] = form === 'der' ? readSequence(bytes) : readHalves(bytes, form === 'raw' ? 32 : 64)
  const [numberR, numberS] = [toBigInt(r), toBigInt(s)]
  if (numberR === 0n || numberR >= order || numberS === 0n || numberS >= order || numberR + numberS === order) {
    throw new CryptoFailure('document.signature', 'the numbers of the SM2 signature are out of range')
  }
  return { r, s }
}

/** The signature in one of its forms. */
export function writeSm2Signature({ r, s }: Sm2Signature, form: Sm2SignatureForm): Uint8Array {
  if (form === 'der') return sequence(unsignedInteger(r), unsignedInteger(s))
  const before = new Uint8Array(form === 'raw' ? 0 : scalarLength)
  return concat(before, r, before, s)
}

function readSequence(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const root = readDer(bytes)
  if (root.tag !== tags.sequence) throw new CryptoFailure('document.malformed', 'an SM2 signature is a SEQUENCE')
  const fields = root.fields()
  const r = fixedLength(fields.take(tags.integer))
  const s = fixedLength(fields.take(tags.integer))
  fields.end()
  return [r, s]
}

function readHalves(bytes: Uint8Array, half: 32 | 64): readonly [Uint8Array, Uint8Array] {
  if (bytes.length !== 2 * half) throw new CryptoFailure('document.malformed', 'an SM2 signature of another length')
  const read = (end: number): Uint8Array => {
    if (bytes.subarray(end - half, end - scalarLength).some(byte => byte !== 0)) {
      throw new CryptoFailure('document.malformed', 'an SM2 signature with numbers above 32 bytes')
    }
    return Uint8Array.from(bytes.subarray(end - scalarLength, end))
  }
  return [read(half), read(2 * half)]
}
