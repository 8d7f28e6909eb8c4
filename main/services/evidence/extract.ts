import { createHash } from 'node:crypto'
import { parseJournalLine } from '../../store/index.ts'
import type { JournalEntry, JournalLine } from '../../store/index.ts'
import { broken } from './canonical-zip.ts'

/** Which bid an extract is about. */
export interface ExtractedBid {
  readonly sealId: string
  readonly sealDigest: string
  readonly packageDigest: string
}

/** The journal for one bid: its lines whole, of the others their digests alone. */
export interface JournalExtract {
  /** The lines about the bid, byte for byte, each with a line end. */
  readonly lines: Uint8Array
  /** Every line of the journal in order: its number, its SHA-256, and `kept` or `skipped`. */
  readonly chain: Uint8Array
}

/** An extract that holds. */
export interface CheckedExtract {
  readonly entries: readonly JournalEntry[]
  /** SHA-256 of every line of the journal, by its number. */
  readonly digests: readonly string[]
}

export const linesName = 'journal/lines.jsonl'
export const chainName = 'journal/chain.txt'

/** Takes the lines about a bid out of a journal whose chain has been checked. */
export function extractOf(lines: readonly JournalLine[], bid: ExtractedBid): JournalExtract {
  const kept = lines.filter(({ entry }) => concerns(entry, bid))
  const keptNumbers = new Set(kept.map(({ entry }) => entry.n))
  const chain = lines.map(({ entry: { n }, digest }) => `${n} ${digest} ${keptNumbers.has(n) ? 'kept' : 'skipped'}\n`)
  return {
    lines: new Uint8Array(Buffer.concat(kept.flatMap(({ bytes }) => [bytes, Uint8Array.of(0x0a)]))),
    chain: new TextEncoder().encode(chain.join('')),
  }
}

/**
 * Checks an extract: the lines are numbered without a gap, every kept line has the digest listed for it, and names the
 * digest listed for the line before it. Throws `evidence.broken`.
 */
export function checkExtract({ lines, chain }: JournalExtract): CheckedExtract {
  const listed = linesOf(chain, chainName).map((line, index) => {
    const [, n, digest, state] = /^(\d{1,15}) ([0-9a-f]{64}) (kept|skipped)$/.exec(line.toString('latin1')) ?? []
    if (n !== String(index) || digest === undefined) throw broken(chainName, `line ${index} is not one of a chain`)
    return { digest, kept: state === 'kept' }
  })
  const digests = listed.map(({ digest }) => digest)
  const keptNumbers = listed.flatMap(({ kept }, n) => (kept ? [n] : []))
  const kept = linesOf(lines, linesName)
  if (kept.length !== keptNumbers.length) throw broken(linesName, 'it holds other lines than the chain says')
  const entries = kept.map((line, index) => {
    const n = keptNumbers[index] ?? -1
    const entry = parseJournalLine(line)
    if (entry?.n !== n) throw broken(linesName, `line ${index} is not entry ${n} of the journal`)
    if (createHash('sha256').update(line).digest('hex') !== digests[n]) {
      throw broken(linesName, `entry ${n} has another digest than the chain says`)
    }
    if (entry.prev !== (digests[n - 1] ?? '0'.repeat(64))) {
      throw broken(linesName, `entry ${n} names another line before it than the chain does`)
    }
    return entry
  })
  return { entries, digests }
}

/** Whether an entry is about a bid: it names it, or the tender package it was sealed for. */
export function concerns({ facts }: JournalEntry, { sealId, sealDigest, packageDigest }: ExtractedBid): boolean {
  return (
    facts['sealId'] === sealId ||
    facts['sealDigest'] === sealDigest ||
    facts['by'] === sealDigest ||
    (facts['packageDigest'] === packageDigest && facts['sealId'] === undefined)
  )
}

function linesOf(bytes: Uint8Array, name: string): readonly Buffer[] {
  const found: Buffer[] = []
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let start = 0
  for (let end = all.indexOf(0x0a); end >= 0; end = all.indexOf(0x0a, start)) {
    found.push(all.subarray(start, end))
    start = end + 1
  }
  if (start !== all.length) throw broken(name, 'its last line is cut off')
  return found
}
