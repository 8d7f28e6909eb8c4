import { chainAbove, maxSignatureLength, signerAmong } from '../cms/detached.ts'
import { encodeSignedData, readSignedData } from '../cms/signed-data.ts'
import { readDer, tags } from '../der/reader.ts'
import { smallInteger } from '../der/values.ts'
import { integer, sequence } from '../der/writer.ts'
import { CryptoFailure, recode } from '../errors.ts'
import type { SuiteId } from '../suite.ts'
import { withLowS } from './ecdsa.ts'
import { type Imprint, type VerifiedTimestamp, verifyTimestamp } from './timestamp.ts'

/**
 * Writes an authority's answer in the one form a sealed bid may carry (seal-format, row `seal.tsr`): status alone,
 * certificates sorted (openssl's time-stamp server does not sort them) and only those above the signer, low s. What the
 * authority signed stays byte for byte. The result has passed `verifyTimestamp`. Throws `document.signature`.
 */
export function canonicalTimestamp(
  response: Uint8Array,
  stamped: Uint8Array | Imprint,
  suite: SuiteId = 'intl-1',
): Uint8Array {
  return verifiedCanonical(response, stamped, suite).response
}

/** A canonical answer with its token and what it says. */
export interface CanonicalTimestamp extends VerifiedTimestamp {
  readonly response: Uint8Array
  /** The TimeStampToken alone, DER. */
  readonly token: Uint8Array
}

/** {@link canonicalTimestamp}, with what its verification has told. */
export function verifiedCanonical(
  response: Uint8Array,
  stamped: Uint8Array | Imprint,
  suite: SuiteId,
): CanonicalTimestamp {
  return recode('document.signature', () => {
    if (response.length > maxSignatureLength) throw new CryptoFailure('document.signature', 'longer than 64 KiB')
    const fields = readDer(response).fields()
    const status = smallInteger(fields.take(tags.sequence).fields().take(tags.integer))
    if (status !== 0) throw new CryptoFailure('document.signature', `the authority refused: status ${status}`)
    const message = readSignedData(fields.take(tags.sequence).raw)
    fields.end()
    const { signer, intermediates } = signerAmong(message)
    const { signature } = message.signer
    const written = encodeSignedData({
      ...message,
      certificates: [signer, ...chainAbove(signer, intermediates)].map(({ der }) => der),
      signer: {
        ...message.signer,
        signature: signer.key.kind === 'ec' ? withLowS(signature, signer.key.curve) : signature,
      },
    })
    const canonical = sequence(sequence(integer(0)), written)
    return { response: canonical, token: written, ...verifyTimestamp(canonical, stamped, suite) }
  })
}
