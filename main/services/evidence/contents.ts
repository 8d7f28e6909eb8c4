import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bytesSource,
  headerArchive,
  readSealedBid,
  readTender,
  suiteOfSignature,
  verifyTimestamp,
} from '../../../crypto/index.ts'
import type { SealedBid, SignedDocument, SuiteId } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage } from '../../platform/index.ts'
import type { Delivery, JournalEntry, KeptName } from '../../store/index.ts'
import type { Ports } from '../ports.ts'
import { keptEnvelope } from '../opening/kept-release.ts'
import { withSealedBid } from '../sealed/sealed-file.ts'
import { keptNotices } from '../tenders/notices.ts'
import { documentNames, noticeName } from './bid-facts.ts'
import type { Entries } from './canonical-zip.ts'
import { sentDocument } from './recorded-platform.ts'
import { signedHead } from './sign-journal.ts'

/** What the home keeps of a bid, as entries of a package; journal, certificates and papers come later. */
export async function keptContents(
  ports: Ports,
  delivery: Delivery,
  entries: readonly JournalEntry[],
): Promise<Entries> {
  const files = new Map<string, Uint8Array>()
  const bid = await headerOf(ports, delivery)
  files.set('bid/bid.header', headerArchive(bid))
  files.set('bid/seal.json', bid.headerBytes)
  files.set('bid/seal.p7s', bid.signature)
  if (bid.timestamp !== null) files.set('bid/seal.tsr', bid.timestamp)
  const tender = await tenderDocument(ports, delivery.packageDigest)
  put(files, documentNames.tender, tender)
  for (const [index, { document }] of (await keptNotices(ports, readTender(tender))).entries()) {
    put(files, noticeName(index + 1), document)
  }
  for (const [kept, name] of keptNames) put(files, name, await ports.deliveries.document(delivery.sealId, kept))
  const release = files.get(`${documentNames.release}.json`)
  if (release !== undefined) await putEnvelopes(ports, delivery.sealId, release, files)
  await putSent(ports, delivery.sealId, entries, files)
  put(files, documentNames.replacedBy, await receiptOfReplacement(ports, delivery, entries))
  await putStamps(ports, delivery.sealId, bid.suite.id, files)
  for (const { facts, kind } of entries) {
    if (kind !== 'journal-signed' || facts['sealId'] !== delivery.sealId) continue
    const sequence = Number(facts['sequence'])
    const name = `journal/heads/${String(sequence).padStart(6, '0')}-${String(facts['moment'])}`
    put(files, name, await signedHead(ports, delivery.sealId, sequence))
  }
  return files
}

const keptNames: readonly (readonly [KeptName, string])[] = [
  ['receipt', documentNames.receipt],
  ['withdrawal', documentNames.withdrawal],
  ['challenge', documentNames.challenge],
  ['release', documentNames.release],
  ['release-receipt', documentNames.releaseReceipt],
  ['record', documentNames.record],
  ['confirm', documentNames.confirm],
]

function put(files: Map<string, Uint8Array>, name: string, document: SignedDocument | null): void {
  if (document === null) return
  files.set(`${name}.json`, document.bytes)
  files.set(`${name}.p7s`, document.signature)
}

/** From what was kept when it was submitted; of a bid that was only sealed, from the sealed file if it is still there. */
async function headerOf(ports: Ports, { sealId, sealDigest, sealedPath }: Delivery): Promise<SealedBid> {
  const kept = await ports.deliveries.file(sealId, 'bid.header')
  const bid = kept !== null ? await readSealedBid(bytesSource(kept)) : await fromSealedFile(ports, sealedPath)
  if (bid === null) throw new AppFailure('bid.not-delivered', 'this computer keeps no header of the bid')
  if (bid.sealDigest !== sealDigest) throw new AppFailure('input.unreadable', 'the kept header is another bid’s')
  return bid
}

async function fromSealedFile(ports: Ports, path: string | undefined): Promise<SealedBid | null> {
  if (path === undefined) return null
  try {
    return await withSealedBid(ports, path, bid => readSealedBid(bytesSource(headerArchive(bid))))
  } catch {
    return null
  }
}

async function tenderDocument({ home }: Ports, packageDigest: string): Promise<SignedDocument> {
  const bytes = await readFile(join(home.tenders, `${packageDigest}.tender`)).catch((error: unknown) => {
    throw new AppFailure('bid.not-delivered', 'this computer has no tender package for the bid', { cause: error })
  })
  return (await readTenderPackage(bytesSource(bytes))).document
}

async function putEnvelopes(
  { deliveries }: Ports,
  sealId: string,
  release: Uint8Array,
  files: Map<string, Uint8Array>,
): Promise<void> {
  for (const part of ['opening', 'body'] as const) {
    const envelope = await keptEnvelope(deliveries, sealId, { bytes: release }, part)
    if (envelope !== null) files.set(`bidder/release.${part}.p7m`, envelope)
  }
}

const sentActs = [
  ['begin', documentNames.submit],
  ['withdraw', documentNames.withdraw],
  ['sign-in', documentNames.signIn],
] as const

/** What the bidder sent and the platform answered: the last of each act, and every objection. */
async function putSent(
  ports: Ports,
  sealId: string,
  entries: readonly JournalEntry[],
  files: Map<string, Uint8Array>,
): Promise<void> {
  const digests = (act: string): readonly string[] =>
    entries
      .filter(({ kind, facts }) => kind === 'answer' && facts['act'] === act && facts['code'] === 'ok')
      .flatMap(({ facts }) => (typeof facts['documentDigest'] === 'string' ? [facts['documentDigest']] : []))
  for (const [act, name] of sentActs) {
    const digest = digests(act).at(-1)
    if (digest !== undefined) put(files, name, await sentDocument(ports, sealId, act, digest))
  }
  for (const [index, digest] of [...new Set(digests('object'))].entries()) {
    put(files, `bidder/objection-${index + 1}`, await sentDocument(ports, sealId, 'object', digest))
  }
}

async function receiptOfReplacement(
  { deliveries }: Ports,
  { sealDigest }: Delivery,
  entries: readonly JournalEntry[],
): Promise<SignedDocument | null> {
  const by = entries.find(({ kind, facts }) => kind === 'replaced' && facts['sealDigest'] === sealDigest)?.facts['by']
  const later = (await deliveries.list()).find(each => each.sealDigest === by)
  return later === undefined ? null : deliveries.document(later.sealId, 'receipt')
}

/** Only a stamp over the signature that is in the package says something about it. */
async function putStamps(
  { deliveries }: Ports,
  sealId: string,
  suite: SuiteId,
  files: Map<string, Uint8Array>,
): Promise<void> {
  for (const act of ['submit', 'release'] as const) {
    const stamp = await deliveries.file(sealId, `${act}.tsr`)
    const document = files.get(`bidder/${act}.json`)
    const signature = files.get(`bidder/${act}.p7s`)
    const used = signature === undefined ? null : suiteOfSignature(signature)
    if (stamp === null || document === undefined || signature === undefined || used === null) continue
    try {
      verifyTimestamp(stamp, used.verifyDetached(document, signature).signatureOctets, suite)
      files.set(`bidder/${act}.tsr`, stamp)
    } catch {
      continue
    }
  }
}
