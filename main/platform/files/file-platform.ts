import { join } from 'node:path'
import { bytesSource, CryptoFailure, decodeDocument, lotOf, readSealedBid, sha256Hex } from '../../../crypto/index.ts'
import type { DocumentFields, DocumentKind, SealedBid, SignedDocument, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { waitOrStop } from '../../http/index.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { patterns } from '../fields.ts'
import type { OpeningStatus, Platform, SubmissionPart, TenderListing } from '../port.ts'
import { readTenderPackage } from '../tender-package.ts'
import type { PartName } from '../wire.ts'
import { documentsIn, namesIn, readSmallFile } from './answers.ts'
import { folderWords } from './folder-words.ts'
import { outboxAt } from './outbox.ts'

/** The largest tender package that is read, in bytes. */
const packageBytes = 512 * 1024 * 1024

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
  const answer = async <K extends DocumentKind>(
    kind: K,
    fits: (fields: DocumentFields<K>) => boolean,
  ): Promise<SignedDocument> => {
    const found = (await answers(kind)).find(each => fits(each.fields))
    if (found === undefined) throw awaiting(kind)
    return found.document
  }
  const packages = async (): Promise<readonly { readonly tender: Tender; readonly bytes: Uint8Array }[]> => {
    const found: { tender: Tender; bytes: Uint8Array }[] = []
    for (const name of (await namesIn(inbox)).filter(each => each.endsWith('.tender'))) {
      const bytes = await readSmallFile(join(inbox, name), packageBytes)
      if (bytes !== null) found.push({ tender: (await readTenderPackage(bytesSource(bytes))).tender, bytes })
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
  const receiptOf = (kind: DocumentFields<'receipt'>['kind'], sealDigest: string): Promise<SignedDocument> =>
    answer('receipt', fields => fields.kind === kind && fields.sealDigest === sealDigest)

  return {
    serverTime: () => Promise.reject(new AppFailure('platform.clock', 'a platform of files tells no time')),
    signedTime: () => Promise.reject(new AppFailure('platform.unknown', 'a platform of files tells no time')),
    tenders: listings,
    async tenderPackage(packageDigest) {
      const found = (await packages()).find(({ tender }) => tender.packageDigest === packageDigest)
      if (found === undefined) throw new AppFailure('platform.unknown', 'the tender package is not in the folder “in”')
      return found.bytes
    },
    notices: async packageDigest =>
      (await answers('notice'))
        .filter(({ fields }) => fields.packageDigest === packageDigest)
        .map(({ document }) => document),
    async nonce() {
      const given = await readSmallFile(join(inbox, 'nonce.txt'), 1_000)
      const text = given === null ? '' : new TextDecoder().decode(given).trim()
      return patterns.digest.test(text) ? text : options.nonce()
    },
    async beginSubmission({ headerArchive, authorisation }) {
      const bid = await readSealedBid(bytesSource(headerArchive))
      const { sealId } = bid.header
      const offsets = await out.begin(bid, headerArchive)
      await out.keep(sealId, 'submit', authorisation)
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
      await out.assemble(submissionId)
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
    async *events(openingId, { signal = options.signal }) {
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
    },
    beginTwin: () => Promise.reject(handedInByHand('a plain twin')),
    completeTwin: () => Promise.reject(handedInByHand('a plain twin')),
    async record(openingId) {
      const found = (await answers('record')).find(({ fields }) => fields.openingId === openingId)
      return found?.document ?? null
    },
    async confirm(_openingId, confirmation) {
      await out.keep(uuidOf(sha256Hex(confirmation.bytes)), 'confirm', confirmation)
    },
    async object(_openingId, objection) {
      await out.keep(uuidOf(sha256Hex(objection.bytes)), 'objection', objection)
    },
    // The record lists every standing bid; the client makes the list's digest from it.
    async sealedDigests(openingId) {
      const record = (await answers('record')).find(({ fields }) => fields.openingId === openingId)
      if (record === undefined) throw awaiting('record')
      return record.fields.bids.filter(({ state }) => state !== 'withdrawn').map(({ sealDigest }) => sealDigest)
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
