import { displayName, fromHex } from '../../../crypto/index.ts'
import type { SealedBid } from '../../../crypto/index.ts'

/** What a sealed bid says of itself. Nothing here has been verified. */
export interface SealedBidFacts {
  readonly kind: 'whole' | 'header'
  readonly suite: string
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly createdAt?: string
  /** Bytes of the file. */
  readonly size: number
  readonly tender: SealedBid['header']['tender']
  readonly bidder: SealedBid['header']['bidder']
  readonly keyPolicy: string
  readonly parts: readonly {
    readonly name: string
    readonly size: number
    readonly sealedSize: number
    readonly root: string
  }[]
  readonly recipients: readonly RecipientFacts[]
  readonly remedy?: string
  readonly replaces?: string
  readonly timestamp: boolean
}

export interface RecipientFacts {
  readonly id: string
  readonly role: string
  readonly label: string
  readonly subject?: string
  readonly issuer?: string
  readonly serial?: string
  readonly notAfter?: string
}

/** Reads the facts off a sealed bid or header archive. */
export function inspectBid(bid: SealedBid): SealedBidFacts {
  const { header } = bid
  return {
    kind: bid.kind,
    suite: header.suite,
    sealId: header.sealId,
    sealDigest: bid.sealDigest,
    shortCode: bid.shortCode,
    ...(header.createdAt === undefined ? {} : { createdAt: header.createdAt }),
    size: bid.source.size,
    tender: header.tender,
    bidder: header.bidder,
    keyPolicy: header.keyPolicy,
    parts: header.parts.map(({ name, size, sealedSize, root }) => ({ name, size, sealedSize, root })),
    recipients: header.recipients.map(recipientFacts),
    ...(header.remedy === undefined ? {} : { remedy: header.remedy.kind }),
    ...(header.replaces === undefined ? {} : { replaces: header.replaces }),
    timestamp: bid.timestamp !== null,
  }
}

function recipientFacts(recipient: SealedBid['header']['recipients'][number]): RecipientFacts {
  const { id, role, label = '' } = recipient
  if (recipient.role === 'recovery') return { id, role, label }
  const { subject, issuer, serial, notAfter } = recipient
  return { id, role, label, subject: nameOf(subject), issuer: nameOf(issuer), serial, notAfter }
}

/** The header is not verified here: a Name that can't be read is shown as it stands. */
function nameOf(hex: string): string {
  try {
    return displayName(fromHex(hex))
  } catch {
    return `#${hex}`
  }
}
