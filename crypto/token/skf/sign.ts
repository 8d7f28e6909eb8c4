import { CryptoFailure } from '../../errors.ts'
import { digestInfoSha256 } from '../../sign/rsa-padding.ts'
import type { SignatureAlgorithm } from '../../sign/signer.ts'
import { readSm2Signature, writeSm2Signature } from '../../sm/sm2/index.ts'
import { readUlong, ulong } from './buffers.ts'
import { blobLength } from './constants.ts'
import { absurd } from './errors.ts'
import type { SkfCertificate } from './halves.ts'
import type { SkfLibrary } from './library.ts'

/** Longest RSA signature that is believed; RSAPUBLICKEYBLOB ends at 2,048 bits, vendors go on. */
const rsaSignatureLimit = 512

/** Algorithms that the library can do with a certificate's key. */
export function algorithmsOf(library: SkfLibrary, { parsed }: SkfCertificate): readonly SignatureAlgorithm[] {
  if (parsed.key.kind === 'sm2' && library.has('SKF_ECCSignData')) return ['sm2-sm3']
  return parsed.key.kind === 'rsa' && library.has('SKF_RSASignData') ? ['rsa-pkcs1-sha256'] : []
}

/**
 * Signs 32 bytes with the signing pair of an open container: for SM2 they are e = SM3(Z ‖ M) and the answer is DER, for RSA
 * a SHA-256 digest. Throws what the library throws, `token.unsupported` for what is no signature.
 */
export function signDigest(
  library: SkfLibrary,
  container: bigint,
  algorithm: SignatureAlgorithm,
  digest: Uint8Array,
): Uint8Array {
  if (algorithm === 'sm2-sm3') return signSm2(library, container, digest)
  if (algorithm === 'rsa-pkcs1-sha256') return signRsa(library, container, digestInfoSha256(digest))
  throw new CryptoFailure('token.unsupported', `an SKF library cannot do ${algorithm}`)
}

function signSm2(library: SkfLibrary, container: bigint, digest: Uint8Array): Uint8Array {
  // Larger than ECCSIGNATUREBLOB, for a vendor's structure with something behind it.
  const blob = new Uint8Array(1024)
  library.call('SKF_ECCSignData', container, Uint8Array.from(digest), digest.length, blob)
  try {
    const signature = readSm2Signature(blob.subarray(0, blobLength.eccSignature), 'ECCSIGNATUREBLOB')
    return writeSm2Signature(signature, 'der')
  } catch (error) {
    throw new CryptoFailure('token.unsupported', 'SKF_ECCSignData answered what is no signature', error)
  }
}

/** The buffer is given at once: asking for the length first makes some tokens sign, and ask their user, twice. */
function signRsa(library: SkfLibrary, container: bigint, digestInfo: Uint8Array): Uint8Array {
  const signature = new Uint8Array(4096)
  const size = ulong(rsaSignatureLimit)
  library.call('SKF_RSASignData', container, digestInfo, digestInfo.length, signature, size)
  const length = readUlong(size)
  if (length > rsaSignatureLimit) throw absurd('SKF_RSASignData', length)
  return signature.slice(0, length)
}
