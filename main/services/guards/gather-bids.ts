import { stat } from 'node:fs/promises'
import { bytesSource, CryptoFailure, displayName, fromHex, readSealedBid, toHex } from '../../../crypto/index.ts'
import type { DetachedSignature, SealedBid, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Delivery, DeliveryState } from '../../store/index.ts'
import { receivedAtOf } from '../delivery/receipt.ts'
import type { Ports } from '../ports.ts'
import { judgeKept } from '../revocation/judge-chain.ts'
import { newestAddendum } from '../tenders/addenda.ts'
import { effectiveDates } from '../tenders/notices.ts'
import { importedTender } from '../tenders/tender-file.ts'
import type { GuardedBid, GuardedRecipient, SealedFacts } from './facts.ts'
import { day } from './make-finding.ts'

/** A bid with the tender it was sealed for, as far as this home has it. */
export interface GatheredBid {
  readonly bid: GuardedBid
  readonly tender: Tender | null
  /** When the platform received it, by a receipt that holds. */
  readonly receivedAt: Date | null
}

/** States in which a bid's keys are still to be asked for. */
const unopened: readonly DeliveryState[] = ['sealed', 'submitting', 'received']

/** How long a bid that was not delivered, or not opened, is told of after its opening. */
const toldAfter = 7 * day

/** The bids of this home that are sealed and not opened yet; those whose opening is long past are left out. */
export async function gatherBids(ports: Ports): Promise<readonly GatheredBid[]> {
  const deliveries = (await ports.deliveries.list()).filter(({ state }) => unopened.includes(state))
  const gathered = await Promise.all(deliveries.map(delivery => gather(ports, delivery)))
  return gathered.filter(({ bid }) => ports.clock.now().getTime() < bid.closesAt.getTime() + toldAfter)
}

async function gather(ports: Ports, delivery: Delivery): Promise<GatheredBid> {
  const { sealId, shortCode, state, tenderId, lotId, creditCode, packageDigest } = delivery
  const tender = await orNull(importedTender(ports, packageDigest))
  const bid = await headerOf(ports, delivery)
  const own = bid?.header.tender
  const dates = tender === null ? null : await effectiveDates(ports, tender)
  const openingTime = dates?.openingTime ?? new Date(own?.openingTime ?? delivery.openingTime)
  const addendum = tender === null ? null : await newestAddendum(ports, tender)
  const receivedAt = tender === null || bid === null ? undefined : await receivedAtOf(ports, bid, tender)
  return {
    tender,
    receivedAt: receivedAt ?? null,
    bid: {
      ...{ sealId, shortCode, state, tenderId, lotId, creditCode },
      title: tender?.fields.title ?? tenderId,
      deadline: dates?.deadline ?? new Date(own?.deadline ?? delivery.openingTime),
      openingTime,
      closesAt: new Date(openingTime.getTime() + (tender?.fields.releaseMinutes ?? 0) * 60_000),
      sealed: bid === null ? null : await sealedFacts(ports, bid, tender),
      fileThere: delivery.sealedPath === undefined ? null : await isFile(delivery.sealedPath),
      addendum: addendum === null ? null : addendum.newest.packageDigest,
    },
  }
}

/** The header kept at submission, else the one in the sealed file; null where neither is this bid's. */
async function headerOf(ports: Ports, { sealId, sealDigest, sealedPath }: Delivery): Promise<SealedBid | null> {
  const kept = await orNull(ports.deliveries.file(sealId, 'bid.header'))
  const fromKept = kept === null ? null : await orNull(readSealedBid(bytesSource(kept)))
  if (fromKept?.sealDigest === sealDigest) return fromKept
  const source = sealedPath === undefined ? null : await orNull(ports.files.open(sealedPath))
  if (source === null) return null
  try {
    const fromFile = await orNull(readSealedBid(source))
    return fromFile?.sealDigest === sealDigest ? fromFile : null
  } finally {
    await source.close()
  }
}

async function sealedFacts(ports: Ports, bid: SealedBid, tender: Tender | null): Promise<SealedFacts> {
  const { suite, recipients } = bid.header
  return {
    suite,
    recovery: recipients.some(({ role }) => role === 'recovery'),
    recipients: recipients.flatMap((recipient): readonly GuardedRecipient[] => {
      if (recipient.role !== 'main' && recipient.role !== 'backup') return []
      const { id, role, label = '', subject, issuer, serial, notAfter, certificateDigest, publicKeyDigest } = recipient
      return [
        {
          ...{ id, role, label, serial, certificateDigest, publicKeyDigest },
          subject: nameOf(subject),
          issuer: nameOf(issuer),
          notAfter: new Date(notAfter),
        },
      ]
    }),
    signer: await signerFacts(ports, bid, tender),
  }
}

async function signerFacts(ports: Ports, bid: SealedBid, tender: Tender | null): Promise<SealedFacts['signer']> {
  const found = signatureOf(bid)
  if (found === null) return null
  const { signer, intermediates } = found
  const anchors = tender?.anchors ?? []
  const at = ports.clock.now()
  const judged = await judgeKept(ports, { certificate: signer, intermediates, anchors, use: 'sign', at })
  const revoked = judged?.find(({ status }) => status === 'revoked')
  return {
    subject: displayName(signer.subject),
    issuer: toHex(signer.issuer),
    revokedSince: revoked?.status === 'revoked' ? revoked.since.toISOString() : null,
  }
}

function signatureOf(bid: SealedBid): DetachedSignature | null {
  try {
    return bid.suite.verifyDetached(bid.headerBytes, bid.signature)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

/** A Name that cannot be read is shown as it stands. */
function nameOf(hex: string): string {
  try {
    return displayName(fromHex(hex))
  } catch {
    return `#${hex}`
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    status => status.isFile(),
    () => false,
  )
}

/** What is damaged or gone is told as missing: one bid must not hide the others. */
async function orNull<T>(work: Promise<T | null>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppFailure || error instanceof CryptoFailure) return null
    throw error
  }
}
