import { readSealedBid } from '../../../crypto/index.ts'
import type { Pipeline, RevocationEvidence, SealedBid, Tender } from '../../../crypto/index.ts'
import { receivedAtOf } from '../delivery/receipt.ts'
import type { Ports } from '../ports.ts'
import { evidenceForBid } from '../revocation/bid-evidence.ts'
import { importedTender } from '../tenders/tender-file.ts'
import type { Trust } from '../trust.ts'

/** Opens a sealed bid (or header archive), hands it to `work`, and closes it whatever happens. */
export async function withSealedBid<T>(ports: Ports, path: string, work: (bid: SealedBid) => Promise<T>): Promise<T> {
  const source = await ports.files.open(path)
  try {
    return await work(await readSealedBid(source))
  } finally {
    await source.close()
  }
}

/** What a sealed bid is judged by. */
export interface Judgement {
  readonly anchors: Trust['anchors']
  /** The package it names, where this computer has it: then it must agree with it too (check 4). */
  readonly tender: Tender | null
  /** When certificates are judged: when the platform received the bid, if this home has its receipt, else now. */
  readonly at?: Date | undefined
  /** What is at hand about the revocation of its certificates. */
  readonly revocation?: RevocationEvidence | undefined
  /** Who reads the parts. */
  readonly pipeline?: Pipeline | undefined
}

/**
 * Whom to trust for a sealed bid: the anchors the user named; else the authorities the tender accepts, when this computer
 * has imported the package the bid names; else the trust list.
 */
export async function judgementOf(ports: Ports, bid: SealedBid, trust: Trust): Promise<Judgement> {
  const tender = await importedTender(ports, bid.header.tender.packageDigest)
  const anchors = trust.named || tender === null ? trust.anchors : tender.anchors
  return judgement(ports, bid, anchors, tender)
}

/** {@link judgementOf} with a package the user named. */
export function judgementBy(ports: Ports, bid: SealedBid, tender: Tender): Promise<Judgement> {
  return judgement(ports, bid, tender.anchors, tender)
}

async function judgement(
  ports: Ports,
  bid: SealedBid,
  anchors: Trust['anchors'],
  tender: Tender | null,
): Promise<Judgement> {
  const at = await judgedAt(ports, bid, tender)
  return { anchors, tender, at, revocation: await evidenceForBid(ports, bid, at), pipeline: ports.pipeline }
}

/** seal-format: after a receipt certificates are judged at its time; what expires later changes nothing. */
async function judgedAt(ports: Ports, bid: SealedBid, tender: Tender | null): Promise<Date> {
  return (tender === null ? undefined : await receivedAtOf(ports, bid, tender)) ?? ports.clock.now()
}
