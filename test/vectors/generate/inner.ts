import type { PartName } from '../../../crypto/envelope/header.ts'
import type { Signer } from '../../../crypto/sign/signer.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import type { Entries } from '../../fixtures/forged-bid.ts'
import { type Base, type Changes, entryNamed, innerEntries, plaintextOf } from './forge.ts'
import { bidderSigner } from './everybody.ts'
import { sealingTime } from './world.ts'

// The documents inside the parts with something in them changed, signed again.

/** `opening.json` or `bid.json` as it was parsed. */
export type Inner = Readonly<Record<string, unknown>>

/** How an inner document is changed and signed. */
export interface InnerEdit {
  readonly fields?: (fields: Inner) => object
  readonly text?: (text: string) => string
  readonly signer?: Signer
  readonly sign?: (bytes: Uint8Array) => Uint8Array
}

/** The text of an inner document of a bid. */
export function innerText(base: Base, name: 'opening' | 'bid'): string {
  const part: PartName = name === 'opening' && base.header.parts.length === 2 ? 'opening' : 'body'
  return Buffer.from(entryNamed(innerEntries(plaintextOf(base, part)), `${name}.json`)).toString()
}

/** Changes `opening.json`; `bid.json` names the new one and is signed again. */
export async function editOpening(base: Base, edit: InnerEdit): Promise<Changes> {
  const opening = await made(base, 'opening', innerText(base, 'opening'), edit)
  const openingDigest = toHex(base.suite.digest(opening['opening.json'] ?? new Uint8Array()))
  const bid = await made(base, 'bid', innerText(base, 'bid'), { fields: fields => ({ ...fields, openingDigest }) })
  if (base.header.parts.length === 1) return { inner: { body: entries => replaced(entries, { ...opening, ...bid }) } }
  return { inner: { opening: entries => replaced(entries, opening), body: entries => replaced(entries, bid) } }
}

/** Changes `bid.json`. */
export async function editBid(base: Base, edit: InnerEdit): Promise<Changes> {
  const bid = await made(base, 'bid', innerText(base, 'bid'), edit)
  return { inner: { body: entries => replaced(entries, bid) } }
}

/** Entries with some replaced. */
export function replaced(entries: Entries, changes: Readonly<Record<string, Uint8Array>>): Entries {
  return entries.map(([name, bytes]) => [name, changes[name] ?? bytes] as const)
}

async function made(
  base: Base,
  name: 'opening' | 'bid',
  text: string,
  edit: InnerEdit,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const changed = edit.fields === undefined ? text : JSON.stringify(edit.fields(JSON.parse(text) as Inner))
  const bytes = Buffer.from(edit.text?.(changed) ?? changed)
  const signer = edit.signer ?? bidderSigner(base.suite)
  const signature = edit.sign?.(bytes) ?? (await base.suite.signDetached(bytes, signer, sealingTime))
  return { [`${name}.json`]: bytes, [`${name}.p7s`]: signature }
}
