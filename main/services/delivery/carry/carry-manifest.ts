import { AppFailure } from '../../../contract/failure.ts'
import { fieldsOf, patterns } from '../../../platform/index.ts'

/** What a carry file holds, by name. */
export const carryEntries = {
  readMe: 'README.txt',
  manifest: 'carry.json',
  tender: 'tender.tender',
  bid: 'bid.sbid',
} as const

/** How large the entries may be, in bytes; of a sealed bid each part is shorter than 8 GiB. */
export const carryLimits = {
  manifest: 64 * 1024,
  readMe: 64 * 1024,
  tender: 512 * 1024 * 1024,
  bid: 17 * 2 ** 30,
} as const

/** One file in the carry file. */
export interface CarriedFile {
  readonly size: number
  /** Hex. */
  readonly sha256: string
}

/** `carry.json`: which bid it is, how far it had come, and what must be found beside it. No key and no PIN is in it. */
export interface CarryManifest {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly packageDigest: string
  /** Where it was on its way to; null when it had not been sent. */
  readonly platform: string | null
  readonly submissionId: string | null
  /** RFC 3339 UTC. */
  readonly madeAt: string
  readonly tender: CarriedFile
  readonly bid: CarriedFile
}

const type = 'bidseal/1 carry'

export function encodeManifest(manifest: CarryManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ type, ...manifest }, null, 2)}\n`)
}

/** Throws `input.unreadable`. */
export function decodeManifest(bytes: Uint8Array): CarryManifest {
  const fields = fieldsOf(parse(bytes), 'input.unreadable')
  fields.oneOf('type', [type])
  const file = (name: string): CarriedFile => {
    const found = fields.object(name)
    return { size: found.count('size'), sha256: found.text('sha256', patterns.digest) }
  }
  return {
    sealId: fields.text('sealId', patterns.uuid),
    sealDigest: fields.text('sealDigest', patterns.digest),
    shortCode: fields.text('shortCode', /^[0-9A-Z]{8}$/),
    packageDigest: fields.text('packageDigest', patterns.digest),
    platform: fields.textOrNull('platform', /^https?:\/\/[^\p{Cc}\s]{1,1000}$/u),
    submissionId: fields.textOrNull('submissionId', patterns.uuid),
    madeAt: fields.time('madeAt').toISOString(),
    tender: file('tender'),
    bid: file('bid'),
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new AppFailure('input.unreadable', 'carry.json is damaged', { cause: error })
  }
}
