import type { Tender } from '../../../crypto/documents/tender.ts'
import type { PartName, SealHeader } from '../../../crypto/envelope/header.ts'
import { deriveStreamKey, partContext, type PartDerivation } from '../../../crypto/envelope/key-schedule.ts'
import { chunkAt, chunkCount, chunkNonce, sealedSizeOf } from '../../../crypto/envelope/part-layout.ts'
import { joinShares, unwrapPartKeys } from '../../../crypto/envelope/part-keys.ts'
import { readSealedBid } from '../../../crypto/envelope/read.ts'
import { treeLeaf, treeRoot } from '../../../crypto/envelope/tree.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { bytesSource } from '../../../crypto/io/source.ts'
import { fromHex, toHex } from '../../../crypto/json/hex.ts'
import type { Signer } from '../../../crypto/sign/signer.ts'
import type { Suite } from '../../../crypto/suite.ts'
import { suiteById } from '../../../crypto/suites/index.ts'
import { archiveOf, type Entries, innerArchive } from '../../fixtures/forged-bid.ts'
import { listEntries } from './entries-of.ts'
import { type Anybody, bidderSigner, everybody } from './everybody.ts'
import { judgedAt, sealingTime } from './world.ts'

// The malicious writer: a bid with anything in it changed, and everything around the change made to fit again.

/** The header with its type, whatever else stands in it. */
export type Header = SealHeader & { readonly type: string }

/** A sealed bid taken apart. */
export interface Base {
  readonly name: string
  readonly tenderName: string
  readonly tender: Tender
  readonly suite: Suite
  readonly file: Uint8Array
  readonly entries: Entries
  readonly header: Header
  readonly partKeys: ReadonlyMap<PartName, Uint8Array>
  readonly plaintexts: ReadonlyMap<PartName, Uint8Array>
}

export interface BaseRequest {
  readonly name: string
  readonly tenderName: string
  readonly tender: Tender
  readonly file: Uint8Array
  readonly open: readonly Anybody[]
}

/** Takes a sound bid apart with the keys that open it. */
export async function loadBase({ open, file, ...rest }: BaseRequest): Promise<Base> {
  const bid = await readSealedBid(bytesSource(file))
  const verified = await verifySealedBid(bid, { anchors: rest.tender.anchors, tender: rest.tender, at: judgedAt })
  const [one, other] = await Promise.all(open.map(person => unwrapPartKeys(verified, everybody[person].opener())))
  if (one === undefined) throw new Error('nobody opens this bid')
  const { keys } = other === undefined ? one : joinShares(verified, one, other)
  const entries = listEntries(file)
  const header = JSON.parse(Buffer.from(bid.headerBytes).toString()) as Header
  const plaintexts = header.parts.map(part => {
    const sealed = entryNamed(entries, `parts/${part.name}.enc`)
    const streamKey = deriveStreamKey(derivationOf(header, part.name), keyOf(keys, part.name))
    const chunks = Array.from({ length: chunkCount(part.size) }, (_, index) => {
      const { sealedOffset, sealedLength, last } = chunkAt(index, part.size)
      return bid.suite.openChunk(
        streamKey,
        chunkNonce(index, last),
        sealed.subarray(sealedOffset, sealedOffset + sealedLength),
      )
    })
    return [part.name, Uint8Array.from(Buffer.concat(chunks))] as const
  })
  return { ...rest, suite: bid.suite, file, entries, header, partKeys: keys, plaintexts: new Map(plaintexts) }
}

/** What to change, from the inside out. Whatever is not named stays, and what depends on a change follows it. */
export interface Changes {
  /** A part's inner entries (pad excluded), packed and padded again. */
  readonly inner?: Partial<Record<PartName, (entries: Entries) => Entries>>
  /** A part's plaintext, as it is. */
  readonly plaintext?: Partial<Record<PartName, (plaintext: Uint8Array) => Uint8Array>>
  /** A sealed chunk, before the tree is made. */
  readonly chunk?: (part: PartName, index: number, seal: ChunkSealer) => Uint8Array
  /** Envelopes by entry name; the header names them. */
  readonly envelopes?: Readonly<Record<string, Uint8Array>>
  readonly header?: (header: Header) => object
  /** The header's text. */
  readonly headerText?: (text: string) => string
  /** The header's bytes, made of its text. */
  readonly headerBytes?: (text: string) => Uint8Array
  /** Who signs the header. */
  readonly signer?: Signer
  /** How the header is signed, where `signer` does not say it. */
  readonly sign?: (headerBytes: Uint8Array) => Uint8Array | Promise<Uint8Array>
  /** Entries of the archive replaced, added at their places, or (null) left out; the header knows nothing of it. */
  readonly entries?: Readonly<Record<string, Uint8Array | null>>
}

/** A chunk about to be sealed. */
export interface ChunkSealer {
  readonly streamKey: Uint8Array
  readonly nonce: Uint8Array
  readonly plaintext: Uint8Array
  /** The sealed chunk as it should be. */
  readonly sealed: Uint8Array
}

/** The file of a changed bid. */
export async function forge(base: Base, changes: Changes): Promise<Uint8Array> {
  return archiveOf(await forgeEntries(base, changes))
}

/** The entries of a changed bid. */
export async function forgeEntries(base: Base, changes: Changes): Promise<Entries> {
  const entries = new Map(base.entries)
  const parts = base.header.parts.map(part => {
    const plaintext = changedPlaintext(base, part.name, changes)
    if (plaintext === null && changes.chunk === undefined) return part
    const resealed = sealPart(base, part.name, plaintext ?? plaintextOf(base, part.name), changes.chunk)
    entries.set(`parts/${part.name}.enc`, resealed.bytes)
    return { ...part, ...resealed.described }
  })
  for (const [name, envelope] of Object.entries(changes.envelopes ?? {})) entries.set(name, envelope)
  const named = nameEnvelopes(base.suite, { ...base.header, parts }, changes.envelopes ?? {})
  const header = changes.header?.(named) ?? named
  const text = JSON.stringify(header)
  const headerBytes = changes.headerBytes?.(text) ?? Buffer.from(changes.headerText?.(text) ?? text)
  if (!Buffer.from(entryNamed(base.entries, 'META-INF/seal.json')).equals(headerBytes) || changes.sign !== undefined) {
    const signer = changes.signer ?? bidderSigner(base.suite)
    const signature = changes.sign?.(headerBytes) ?? base.suite.signDetached(headerBytes, signer, sealingTime)
    entries.set('META-INF/seal.json', headerBytes)
    entries.set('META-INF/seal.p7s', await signature)
  }
  return withEntries([...entries], changes.entries ?? {})
}

/** Entries replaced, left out (null), or added where the format puts them. */
export function withEntries(entries: Entries, changes: Readonly<Record<string, Uint8Array | null>>): Entries {
  const all = new Map(entries)
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === null) all.delete(name)
    else all.set(name, bytes)
  }
  return [...all].sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
}

/** An entry by name. */
export function entryNamed(entries: Entries, name: string): Uint8Array {
  const found = entries.find(([each]) => each === name)
  if (found === undefined) throw new Error(`no entry ${name}`)
  return found[1]
}

/** A part's plaintext. */
export function plaintextOf(base: Base, part: PartName): Uint8Array {
  return base.plaintexts.get(part) ?? new Uint8Array()
}

/** Derivation values of a part under a header. */
export function derivationOf(header: SealHeader, part: PartName): PartDerivation {
  const salt = fromHex(header.parts.find(each => each.name === part)?.salt ?? '')
  const suite = suiteById(header.suite)
  if (suite === null) throw new Error(`no suite ${header.suite}`)
  return { suite, part, salt, context: partContext(header, suite) }
}

/** A part sealed under its own key and salt, as the base's header binds it. */
export function sealPart(base: Base, part: PartName, plaintext: Uint8Array, change: Changes['chunk']) {
  const streamKey = deriveStreamKey(derivationOf(base.header, part), keyOf(base.partKeys, part))
  const chunks = Array.from({ length: chunkCount(plaintext.length) }, (_, index) => {
    const { length, last } = chunkAt(index, plaintext.length)
    const nonce = chunkNonce(index, last)
    const piece = plaintext.subarray(index * 2 ** 20, index * 2 ** 20 + length)
    const sealed = base.suite.sealChunk(streamKey, nonce, piece)
    return change?.(part, index, { streamKey, nonce, plaintext: piece, sealed }) ?? sealed
  })
  const root = rootOf(base.suite, chunks)
  const size = plaintext.length
  return { bytes: Uint8Array.from(Buffer.concat(chunks)), described: { size, sealedSize: sealedSizeOf(size), root } }
}

/** Root over sealed chunks, hex. */
export function rootOf(suite: Suite, chunks: readonly Uint8Array[]): string {
  return toHex(
    treeRoot(
      suite,
      'sealed',
      chunks.map(chunk => treeLeaf(suite, 'sealed', chunk)),
    ),
  )
}

function changedPlaintext(base: Base, part: PartName, changes: Changes): Uint8Array | null {
  const inner = changes.inner?.[part]
  const plaintext = changes.plaintext?.[part]
  const before = plaintextOf(base, part)
  const repacked = inner === undefined ? before : innerArchive(inner(innerEntries(before)))
  const after = plaintext?.(repacked) ?? repacked
  return inner === undefined && plaintext === undefined ? null : after
}

/** The entries of a part's plaintext without its pad. */
export function innerEntries(plaintext: Uint8Array): Entries {
  return listEntries(plaintext).filter(([name]) => name !== 'pad')
}

function nameEnvelopes(suite: Suite, header: Header, envelopes: Readonly<Record<string, Uint8Array>>): Header {
  const recipients = header.recipients.map(recipient => ({
    ...recipient,
    envelopes: recipient.envelopes.map(each => {
      const envelope = envelopes[`keys/${each.part}.${recipient.id}.p7m`]
      return envelope === undefined ? each : { part: each.part, digest: toHex(suite.digest(envelope)) }
    }),
  }))
  return { ...header, recipients }
}

function rank(name: string): number {
  if (name.startsWith('keys/')) return 3
  const fixed = ['mimetype', 'parts/opening.enc', 'parts/body.enc', 'keys', 'META-INF/seal.json', 'META-INF/seal.p7s']
  const found = fixed.indexOf(name)
  return found < 0 ? fixed.length : found
}

function keyOf(keys: ReadonlyMap<PartName, Uint8Array>, part: PartName): Uint8Array {
  const key = keys.get(part)
  if (key === undefined) throw new Error(`no key for ${part}`)
  return key
}
