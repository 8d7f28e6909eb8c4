import { join } from 'node:path'
import {
  bytesSource,
  CryptoFailure,
  decodeDocument,
  lotOf,
  readSealedBid,
  sha256Hex,
  verifyPlatformDocument,
} from '../../../crypto/index.ts'
import type { DocumentFields, DocumentKind, SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { waitOrStop } from '../../http/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { patterns } from '../fields.ts'
import type { OpeningEvent, OpeningStatus, Platform, SubmissionPart, TenderListing } from '../port.ts'
import { readTenderPackage } from '../tender-package.ts'
import { unheard } from '../unheard.ts'
import type { PartName } from '../wire.ts'
import { documentsIn, namesIn, readSmallFile } from './answers.ts'
import { folderWords } from './folder-words.ts'
import { outboxAt } from './outbox.ts'

/** The largest tender package that is read, in bytes. */
const packageBytes = 512 * 1024 * 1024
/** Most bytes of packages that are read in one look, together. */
const allPackageBytes = 2 * packageBytes

/** What the platform signs each kind of answer by, and when its certificate is judged: the platform's own word. */
const signedBy = {
  receipt: { purpose: 'receipt', at: ({ receivedAt }: DocumentFields<'receipt'>) => receivedAt },
  challenge: { purpose: 'opening', at: ({ openedAt }: DocumentFields<'challenge'>) => openedAt },
  releaseReceipt: { purpose: 'opening', at: ({ serverTime }: DocumentFields<'releaseReceipt'>) => serverTime },
  record: { purpose: 'opening', at: ({ serverTime }: DocumentFields<'record'>) => serverTime },
} as const

type AnswerKind = keyof typeof signedBy

export interface FilePlatformOptions {
  /** 64 hex digits each time, for a platform that gives none: its documents still are never the same twice. */
  readonly nonce: () => string
  /** Ends what waits. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds between two looks into the folder. */
  readonly look?: number
}

/**
 * A platform that takes files through its own page. `root` is the exchange folder: what is to be handed in is written to
 * `out/<sealId>/`, what the platform gave is put into `in/` by a person, under any names. Whatever is not there yet
 * is `platform.awaiting`; the same request again goes on. Nothing read here is trusted: the caller checks as ever.
 */
export function filePlatform(root: string, options: FilePlatformOptions): Platform {
  const inbox = join(root, 'in')
  const out = outboxAt(join(root, 'out'))

  const answers = async <K extends DocumentKind>(
    kind: K,
  ): Promise<readonly { readonly document: SignedDocument; readonly fields: DocumentFields<K> }[]> =>
    (await documentsIn(inbox)).flatMap(document => {
      const fields = decoded(kind, document)
      return fields === null ? [] : [{ document, fields }]
    })
  /** The answer that fits; of several the one that a package in the folder vouches for, else the first. */
  const answer = async <K extends AnswerKind>(
    kind: K,
    fits: (fields: DocumentFields<K>) => boolean,
  ): Promise<SignedDocument> => {
    const found = (await answers(kind)).filter(each => fits(each.fields))
    const [first] = found
    if (first === undefined) throw awaiting(kind)
    if (found.length === 1) return first.document
    const tenders = (await packages()).map(({ tender }) => tender)
    return (found.find(({ document }) => isVouchedFor(kind, document, tenders)) ?? first).document
  }
  const packages = async (): Promise<readonly { readonly tender: Tender; readonly path: string }[]> => {
    const found: { tender: Tender; path: string }[] = []
    let left = allPackageBytes
    for (const name of (await namesIn(inbox)).filter(each => each.endsWith('.tender'))) {
      const path = join(inbox, name)
      const bytes = await readSmallFile(path, Math.min(packageBytes, left))
      left -= bytes?.length ?? 0
      const tender = bytes === null ? null : await tenderIn(bytes)
      if (tender !== null) found.push({ tender, path })
    }
    return found
  }
  const openingOf = async (tender: Tender): Promise<string> => {
    const { tenderId } = tender.fields
    const challenge = (await answers('challenge')).find(
      ({ fields }) => fields.tender.tenderId === tenderId && fields.tender.lotId === lotOf(tender),
    )
    return challenge?.fields.openingId ?? sha256Hex(new TextEncoder().encode(`${tenderId}\0${lotOf(tender)}`))
  }
  const listings = async (): Promise<readonly TenderListing[]> => {
    const found: TenderListing[] = []
    for (const { tender } of await packages()) {
      const openingId = await openingOf(tender)
      const { tenderId, title } = tender.fields
      const names = { packageDigest: tender.packageDigest, tenderId, lotId: lotOf(tender), title, openingId }
      found.push({ ...names, state: await stateOf(openingId) })
    }
    return found
  }
  const stateOf = async (openingId: string): Promise<OpeningStatus['state']> => {
    if ((await answers('record')).some(({ fields }) => fields.openingId === openingId)) return 'closed'
    return (await answers('challenge')).some(({ fields }) => fields.openingId === openingId) ? 'open' : 'waiting'
  }
  const status = async (openingId: string): Promise<OpeningStatus> => {
    const state = await stateOf(openingId)
    const listed = (await listings()).find(each => each.openingId === openingId)
    const tender = (await packages()).find(({ tender: each }) => each.packageDigest === listed?.packageDigest)?.tender
    if (tender === undefined) throw new AppFailure('platform.unknown', 'the tender package is not in the folder “in”')
    const challenge = (await answers('challenge')).find(({ fields }) => fields.openingId === openingId)
    return {
      state,
      openingTime: new Date(tender.fields.openingTime),
      closesAt: challenge === undefined ? null : new Date(challenge.fields.closesAt),
      released: 0,
      bids: 0,
    }
  }
  const sealIdOf = async (sealDigest: string): Promise<string> => {
    const receipt = (await answers('receipt')).find(({ fields }) => fields.sealDigest === sealDigest)
    // On another computer the release goes into a folder named by the digest's beginning.
    return receipt?.fields.sealId ?? uuidOf(sealDigest)
  }
  const givenNonce = async (): Promise<string | null> => {
    const given = await readSmallFile(join(inbox, 'nonce.txt'), 1_000)
    const text = given === null ? '' : new TextDecoder().decode(given).trim()
    return patterns.digest.test(text) ? text : null
  }
  /** Somebody may be copying what lies there: it stays, unless the platform has given another nonce since. */
  const isHandedOut = async ({ sealDigest, header: { sealId } }: SealedBid): Promise<boolean> => {
    const kept = await out.kept(sealId, 'submit')
    const fields = kept === null ? null : decoded('submit', kept)
    if (fields?.sealDigest !== sealDigest) return false
    const given = await givenNonce()
    return given === null || given === fields.nonce
  }
  const receiptOf = (kind: DocumentFields<'receipt'>['kind'], sealDigest: string): Promise<SignedDocument> =>
    answer('receipt', fields => fields.kind === kind && fields.sealDigest === sealDigest)

  async function* events(openingId: string, signal: AbortSignal | undefined): AsyncGenerator<OpeningEvent> {
    let last = ''
    for (;;) {
      const now = await status(openingId)
      const recorded = now.state === 'closed'
      const event = { id: now.state, status: now, ahead: null, recorded }
      if (event.id !== last) yield event
      if (recorded) return
      last = event.id
      await waitOrStop(options.look ?? 2_000, signal)
    }
  }

  return {
    serverTime: () => Promise.reject(new AppFailure('platform.clock', 'a platform of files tells no time')),
    signedTime: () => Promise.reject(new AppFailure('platform.unknown', 'a platform of files tells no time')),
    tenders: listings,
    async tenderPackage(packageDigest) {
      const found = (await packages()).find(({ tender }) => tender.packageDigest === packageDigest)
      const bytes = found === undefined ? null : await readSmallFile(found.path, packageBytes)
      if (bytes === null) throw new AppFailure('platform.unknown', 'the tender package is not in the folder “in”')
      return bytes
    },
    notices: async packageDigest =>
      (await answers('notice'))
        .filter(({ fields }) => fields.packageDigest === packageDigest)
        .map(({ document }) => document),
    nonce: async () => (await givenNonce()) ?? options.nonce(),
    async beginSubmission({ headerArchive, authorisation }) {
      const bid = await readSealedBid(bytesSource(headerArchive))
      const { sealId } = bid.header
      const offsets = await out.begin(bid, headerArchive)
      if (!(await isHandedOut(bid))) await out.keep(sealId, 'submit', authorisation)
      await writeFileAtomic(join(root, 'README.txt'), new TextEncoder().encode(folderWords))
      const parts = partsOf(bid, offsets)
      const receipt = await receiptOf('received', bid.sealDigest).catch(notThere)
      return receipt === null
        ? { submissionId: sealId, state: 'uploading', parts }
        : { submissionId: sealId, state: 'received', parts, receipt }
    },
    sendPart: ({ name, uploadUrl }, source, control) =>
      out.copyPart(uploadUrl, name, source, { ...control, signal: control.signal ?? options.signal }),
    async completeSubmission(submissionId) {
      await out.assemble(submissionId, { signal: options.signal })
      const known = await out.header(submissionId)
      return receiptOf('received', known?.bid.sealDigest ?? '')
    },
    async withdraw(withdrawal) {
      const { sealDigest, sealId } = decodeDocument('withdraw', withdrawal.bytes)
      await out.keep(sealId, 'withdraw', withdrawal)
      return receiptOf('withdrawn', sealDigest)
    },
    opening: status,
    async signIn(_openingId, document) {
      const { sealDigest } = decodeDocument('signIn', document.bytes)
      await out.keep(await sealIdOf(sealDigest), 'sign-in', document)
    },
    challenge: (_openingId, sealDigest) => answer('challenge', fields => fields.sealDigest === sealDigest),
    async release(openingId, release) {
      const { sealDigest } = decodeDocument('release', release.bytes)
      const envelopes = new Map([...release.envelopes].map(([part, bytes]) => [`release.${part}.p7m`, bytes]))
      await out.keep(await sealIdOf(sealDigest), 'release', release, envelopes)
      const releaseDigest = sha256Hex(release.bytes)
      const fits = (fields: DocumentFields<'releaseReceipt'>): boolean =>
        fields.releaseDigest === releaseDigest && fields.openingId === openingId
      return { state: 'receipt', receipt: await answer('releaseReceipt', fits) }
    },
    events: (openingId, { signal = options.signal }) => unheard(events(openingId, signal)),
    beginTwin: () => Promise.reject(handedInByHand('a plain twin')),
    completeTwin: () => Promise.reject(handedInByHand('a plain twin')),
    record: openingId => answer('record', fields => fields.openingId === openingId).catch(notThere),
    async confirm(_openingId, confirmation) {
      await out.keep(uuidOf(sha256Hex(confirmation.bytes)), 'confirm', confirmation)
    },
    async object(_openingId, objection) {
      await out.keep(uuidOf(sha256Hex(objection.bytes)), 'objection', objection)
    },
    // The record lists every standing bid; the client makes the list's digest from it.
    async sealedDigests(openingId) {
      const record = await answer('record', fields => fields.openingId === openingId)
      return decodeDocument('record', record.bytes)
        .bids.filter(({ state }) => state !== 'withdrawn')
        .map(({ sealDigest }) => sealDigest)
    },
    async header(sealDigest) {
      const known = await out.header(await sealIdOf(sealDigest))
      if (known === null) throw new AppFailure('platform.unknown', 'no such bid in the exchange folder')
      return known.bytes
    },
  }
}

function partsOf(bid: SealedBid, offsets: ReadonlyMap<PartName, number>): readonly SubmissionPart[] {
  const { sealId, parts } = bid.header
  return parts.map(({ name, sealedSize }) => ({
    name,
    size: sealedSize,
    uploadUrl: sealId,
    offset: offsets.get(name) ?? 0,
  }))
}

/** The tender in a package; null for a file that is none: it may be half copied, or anything. */
async function tenderIn(bytes: Uint8Array): Promise<Tender | null> {
  try {
    return (await readTenderPackage(bytesSource(bytes))).tender
  } catch (error) {
    if (error instanceof AppFailure || error instanceof CryptoFailure) return null
    throw error
  }
}

function isVouchedFor<K extends AnswerKind>(kind: K, document: SignedDocument, tenders: readonly Tender[]): boolean {
  const { purpose, at } = signedBy[kind] as {
    purpose: 'receipt' | 'opening'
    at: (fields: DocumentFields<K>) => string
  }
  return tenders.some(tender => {
    try {
      const time = new Date(at(decodeDocument(kind, document.bytes)))
      verifyPlatformDocument(kind, document, tender, purpose, time)
      return true
    } catch (error) {
      if (error instanceof CryptoFailure) return false
      throw error
    }
  })
}

/** A signed document of the kind, or null: the folder may hold anything. */
function decoded<K extends DocumentKind>(kind: K, document: SignedDocument): DocumentFields<K> | null {
  try {
    return decodeDocument(kind, document.bytes)
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function awaiting(kind: DocumentKind): AppFailure {
  return new AppFailure('platform.awaiting', `no fitting ${kind} (X.json with X.p7s) is in the folder “in”`)
}

function handedInByHand(what: string): AppFailure {
  return new AppFailure('platform.refused', `${what} is handed in on the platform's own page`)
}

function notThere(error: unknown): null {
  if (error instanceof AppFailure && error.code === 'platform.awaiting') return null
  throw error
}

/** A folder's name for what has no sealId at hand. */
function uuidOf(digest: string): string {
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
