import { CryptoFailure } from '../../errors.ts'
import { entryNames } from '../container.ts'
import type { SealHeader } from '../header.ts'
import { padUnit } from '../pad.ts'
import { sealedSizeOf } from '../part-layout.ts'
import type { SealedBid } from '../read.ts'

/**
 * Check 5: parts, recipients and entries correspond one to one, sizes obey the formula, the key policy holds. Where
 * `withParts` is false a header archive will do, which has no parts. Throws `seal.entries`.
 */
export function checkEntries(bid: SealedBid, withParts: boolean): void {
  const { header } = bid
  checkParts(header)
  checkRecipients(header)
  checkKeyPolicy(header)
  checkEnvelopeEntries(bid)
  if (withParts || bid.kind === 'whole') checkPartEntries(bid)
}

function checkParts(header: SealHeader): void {
  const names = header.parts.map(part => part.name).join()
  if (names !== 'body' && names !== 'opening,body') throw wrong('parts are not opening and body, or body alone')
  for (const part of header.parts) {
    if (part.size === 0 || part.size % padUnit !== 0) throw wrong('a part is not a positive multiple of 64 KiB')
    if (part.sealedSize !== sealedSizeOf(part.size)) throw wrong('a sealed size does not follow from the size')
    if ((part.shareCommitment !== undefined) !== (header.keyPolicy === 'split')) {
      throw wrong('shareCommitment belongs to policy split and only there')
    }
  }
  const twin = header.remedy?.plainTwin
  if (twin !== undefined && twin.map(part => part.name).join() !== names) throw wrong('the plain twin has other parts')
}

function checkRecipients(header: SealHeader): void {
  const ids = new Set(header.recipients.map(recipient => recipient.id))
  if (ids.size !== header.recipients.length) throw wrong('two recipients have one id')
  const names = header.parts.map(part => part.name).join()
  for (const recipient of header.recipients) {
    if (recipient.role !== 'recovery' && recipient.id !== recipient.certificateDigest.slice(0, 16)) {
      throw wrong('a recipient id is not the beginning of its certificate digest')
    }
    if (recipient.envelopes.map(envelope => envelope.part).join() !== names) {
      throw wrong("a recipient's envelopes are not those of the parts")
    }
  }
}

function checkKeyPolicy(header: SealHeader): void {
  const agencies = header.recipients.filter(recipient => recipient.role === 'agency').length
  if (agencies === header.recipients.length) throw wrong('no recipient on the side of the bidder')
  if (agencies > 0 !== (header.keyPolicy === 'split')) throw wrong('an agency belongs to policy split and only there')
}

function checkEnvelopeEntries(bid: SealedBid): void {
  const expected = bid.header.recipients.flatMap(({ id, envelopes }) => {
    return envelopes.map(({ part }) => entryNames.envelope(part, id))
  })
  const found = [...bid.container.small.keys()].filter(name => name.startsWith('keys/'))
  if (expected.sort().join() !== found.join()) throw wrong('the envelopes are not those the header calls for')
}

function checkPartEntries(bid: SealedBid): void {
  if (bid.container.parts.size !== bid.header.parts.length) throw wrong('the parts are not those the header calls for')
  for (const part of bid.header.parts) {
    if (bid.container.parts.get(part.name)?.size !== part.sealedSize)
      throw wrong('a part has another size than the header says')
  }
}

function wrong(detail: string): CryptoFailure {
  return new CryptoFailure('seal.entries', detail)
}
