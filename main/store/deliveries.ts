import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { isMissing, readFileIfThere, readJsonIfThere, writeFileAtomic, writeJsonAtomic } from './atomic-file.ts'

/** How far a sealed bid has come, as this computer can prove it. */
export const deliveryStates = [
  'sealed',
  'submitting',
  'received',
  'replaced',
  'withdrawn',
  'released',
  'closed',
] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** What this computer knows of one sealed bid. Times are RFC 3339 UTC, digests hex. */
export interface Delivery {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly packageDigest: string
  readonly tenderId: string
  readonly lotId: string
  readonly creditCode: string
  readonly openingTime: string
  readonly state: DeliveryState
  /** Base URL of the platform it goes or went to. */
  readonly platform?: string
  /** Where the sealed file was written; it may have been moved since. */
  readonly sealedPath?: string
  /** SHA-256 over the draft's contents and recipients: recognises a draft sealed twice. */
  readonly sealingDigest?: string
  /** SHA-256 over the draft and its files as they were sealed: tells whether the draft was changed since. */
  readonly draftState?: string
  readonly submissionId?: string
  /** The platform was asked to take it back and its answer is not here: whatever the receipts say, only it knows whether the bid stands. */
  readonly withdrawing?: true
}

/** A document and its detached signature, exact bytes. */
export interface KeptDocument {
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}

/** Signed documents kept for a delivery. */
export type KeptName = 'receipt' | 'withdrawal' | 'challenge' | 'release' | 'release-receipt' | 'record' | 'confirm'

export interface Deliveries {
  get(sealId: string): Promise<Delivery | null>
  /** Those whose records can be read: one that is damaged hides no other. */
  list(): Promise<readonly Delivery[]>
  /** The sealIds of those whose records can't be read. */
  damaged(): Promise<readonly string[]>
  save(delivery: Delivery): Promise<void>
  document(sealId: string, name: KeptName): Promise<KeptDocument | null>
  keepDocument(sealId: string, name: KeptName, document: KeptDocument): Promise<void>
  file(sealId: string, name: string): Promise<Uint8Array | null>
  /** Keeps other small bytes (header archive, release envelopes) under a plain file name. */
  keepFile(sealId: string, name: string, bytes: Uint8Array): Promise<void>
}

/** Deliveries as folders of small files, each written atomically. */
export function deliveriesAt(folder: string): Deliveries {
  const of = (sealId: string, name: string): string => join(folder, checkedId(sealId), checkedName(name))
  const get = async (sealId: string): Promise<Delivery | null> => {
    const value = await readJsonIfThere(of(sealId, 'delivery.json'))
    if (value === null) return null
    if (!isDelivery(value) || value.sealId !== sealId) {
      throw new AppFailure('input.unreadable', 'the record of a delivery is damaged')
    }
    return value
  }
  const readAll = async (): Promise<readonly (Delivery | Damaged | null)[]> => {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw new AppFailure('input.unreadable', 'the deliveries cannot be listed', { cause: error })
    })
    const ids = names.filter(name => uuid.test(name))
    return Promise.all(ids.map(damaged => get(damaged).catch(() => ({ damaged }))))
  }
  return {
    get,
    list: async () => (await readAll()).flatMap(found => (found === null || 'damaged' in found ? [] : [found])),
    damaged: async () =>
      (await readAll()).flatMap(found => (found !== null && 'damaged' in found ? [found.damaged] : [])),
    save: delivery => writeJsonAtomic(of(delivery.sealId, 'delivery.json'), delivery, 0o600),
    async document(sealId, name) {
      const bytes = await readFileIfThere(of(sealId, `${name}.json`))
      const signature = await readFileIfThere(of(sealId, `${name}.p7s`))
      return bytes === null || signature === null ? null : { bytes, signature }
    },
    async keepDocument(sealId, name, document) {
      // The signature goes last: a document without one counts as not kept.
      await writeFileAtomic(of(sealId, `${name}.json`), document.bytes)
      await writeFileAtomic(of(sealId, `${name}.p7s`), document.signature)
    },
    file: (sealId, name) => readFileIfThere(of(sealId, name)),
    keepFile: (sealId, name, bytes) => writeFileAtomic(of(sealId, name), bytes),
  }
}

interface Damaged {
  readonly damaged: string
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function checkedId(sealId: string): string {
  if (!uuid.test(sealId)) throw new AppFailure('arguments.bad', 'this is not a sealId')
  return sealId
}

function checkedName(name: string): string {
  if (!/^[a-z][a-z0-9.-]*$/.test(name)) throw new AppFailure('internal', 'a state file with a strange name')
  return name
}

function isDelivery(value: unknown): value is Delivery {
  if (typeof value !== 'object' || value === null) return false
  const delivery = value as Readonly<Record<string, unknown>>
  const texts = ['sealId', 'sealDigest', 'shortCode', 'packageDigest', 'tenderId', 'lotId', 'creditCode', 'openingTime']
  return (
    texts.every(name => typeof delivery[name] === 'string') &&
    deliveryStates.some(state => state === delivery['state']) &&
    (delivery['withdrawing'] === undefined || delivery['withdrawing'] === true) &&
    ['platform', 'sealedPath', 'sealingDigest', 'draftState', 'submissionId'].every(
      name => delivery[name] === undefined || typeof delivery[name] === 'string',
    )
  )
}
