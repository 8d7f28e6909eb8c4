import { createHash } from 'node:crypto'
import type { Certificate } from '../../cert/certificate.ts'
import { digestName, type HashName } from '../../cert/signature-algorithm.ts'
import { oids } from '../../der/oids.ts'
import { readDer, tags } from '../../der/reader.ts'
import { preciseTimeValue } from '../../der/time.ts'
import { octetString, oidString, smallInteger } from '../../der/values.ts'
import { sameBytes } from '../../der/writer.ts'
import { CryptoFailure, recode } from '../../errors.ts'
import { NotRead, readForeignCms } from './cms-read.ts'

/** A time stamp whose imprint and mathematics hold; whether its authority is trusted is another question. */
export interface TimestampFacts {
  readonly time: Date
  readonly signer: Certificate
  readonly others: readonly Certificate[]
}

/** The token in an RFC 3161 answer; a token alone is answered as it is. Throws `document.signature` for a refusal. */
export function timestampTokenOf(answer: Uint8Array): Uint8Array {
  return recode('document.signature', () => {
    const fields = readDer(answer).fields()
    const first = fields.take()
    if (first.tag === tags.oid) return answer
    const status = smallInteger(first.fields().take(tags.integer))
    // Granted, or granted with modifications (RFC 3161, 2.4.2).
    if (status > 1) throw new CryptoFailure('document.signature', `the time-stamp authority refused: status ${status}`)
    return fields.take(tags.sequence).raw
  })
}

/**
 * Verifies a time-stamp token: its signature, and that its imprint is the digest of what it is for, which `digestOf` gives
 * for the algorithm the token uses. Throws `document.signature`, or `NotRead` for forms that are named.
 */
export function verifyTimestampToken(token: Uint8Array, digestOf: (hash: HashName) => Uint8Array): TimestampFacts {
  const { imprint, ...facts } = readTimestampToken(token)
  if (!sameBytes(imprint.digest, digestOf(imprint.hash))) throw bad('the time stamp is of something else')
  return facts
}

/** A token's facts with its imprint, which the caller compares. Everything else is verified. Throws as above. */
export function readTimestampToken(
  token: Uint8Array,
): TimestampFacts & { readonly imprint: { readonly hash: HashName; readonly digest: Uint8Array } } {
  const message = readForeignCms(token)
  const { content, digest, messageDigest, signer, others } = message
  if (message.contentType !== oids.tstInfo || content === null) throw bad('not a time stamp')
  if (!message.holds) throw bad('the time stamp’s signature does not hold')
  if (!sameBytes(messageDigest, createHash(digest).update(content).digest())) {
    throw bad('the time stamp’s content is another one')
  }
  const facts = recode('document.signature', () => {
    const fields = readDer(content).fields()
    smallInteger(fields.take(tags.integer))
    oidString(fields.take(tags.oid))
    const imprint = fields.take(tags.sequence).fields()
    const hash = digestName(imprint.take(tags.sequence))
    const imprinted = octetString(imprint.take(tags.octetString))
    imprint.end()
    fields.take(tags.integer)
    const time = preciseTimeValue(fields.take(tags.generalizedTime))
    return { time, hash, digest: imprinted }
  })
  const { time, hash } = facts
  if (hash === null) throw new NotRead('a time stamp over a digest other than SHA-2')
  return { time, signer, others, imprint: { hash, digest: facts.digest } }
}

function bad(detail: string): CryptoFailure {
  return new CryptoFailure('document.signature', detail)
}
