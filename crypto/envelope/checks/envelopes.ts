import { checkRecoveryEnvelope } from '../../cms/recovery-envelope.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { fromHex, toHex } from '../../json/hex.ts'
import type { SealRecipient } from '../header.ts'
import type { SealedBid } from '../read.ts'

/** Check 6: every envelope's digest and CMS profile, the rounds of a recovery code included. Throws `seal.envelope`. */
export function checkEnvelopes(bid: SealedBid): void {
  for (const recipient of bid.header.recipients) {
    for (const { part, digest } of recipient.envelopes) {
      const envelope = bid.envelope(part, recipient.id)
      if (toHex(bid.suite.digest(envelope)) !== digest) {
        throw new CryptoFailure('seal.envelope', `the header names another envelope of ${part} for ${recipient.id}`)
      }
      recode('seal.envelope', () => checkProfile(bid, envelope, recipient))
    }
  }
}

function checkProfile(bid: SealedBid, envelope: Uint8Array, recipient: SealRecipient): void {
  if (recipient.role === 'recovery') {
    checkRecoveryEnvelope(envelope)
    return
  }
  const { role, issuer, serial } = recipient
  bid.suite.checkEnvelope(envelope, { role, issuer: fromHex(issuer), serial: fromHex(serial) })
}
