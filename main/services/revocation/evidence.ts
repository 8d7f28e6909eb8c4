import { maxCrlLength } from '../../../crypto/index.ts'
import type { Certificate, RevocationEvidence } from '../../../crypto/index.ts'
import { digestOf, type Shelf, type Shelved } from './shelf.ts'

/** Most lists and most answers for one judgement, and most bytes of lists: reading takes time. */
const maxPieces = 32
const maxBytes = 2 * maxCrlLength

/** Clocks of authorities may be ahead of ours. */
const skewMs = 5 * 60_000

/**
 * What is kept about these certificates for a time of judgement; nothing is fetched. Of each series the newest issue, which
 * tells of revocations back to any time, and the newest that speaks for `at`, which alone can say "not revoked".
 */
export async function keptEvidence(
  shelf: Shelf,
  certificates: readonly Certificate[],
  at: Date,
): Promise<RevocationEvidence> {
  const issuers = new Set(certificates.map(({ issuer }) => digestOf(issuer)))
  const asked = new Set(certificates.map(({ der }) => digestOf(der)))
  const pieces = await shelf.list()
  const crls = pieces.filter(({ kind, issuer }) => kind === 'crl' && issuers.has(issuer))
  const answers = pieces.filter(({ kind, place }) => kind === 'ocsp' && asked.has(place))
  return { crls: await readAll(shelf, chosen(crls, at)), ocspResponses: await readAll(shelf, chosen(answers, at)) }
}

function chosen(pieces: readonly Shelved[], at: Date): readonly Shelved[] {
  const newestFirst = [...pieces].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())
  const newest = new Map<string, Shelved>()
  const speaking = new Map<string, Shelved>()
  for (const piece of newestFirst) {
    const series = `${piece.issuer}-${piece.place}`
    if (!newest.has(series)) newest.set(series, piece)
    const speaks = piece.thisUpdate.getTime() <= at.getTime() + skewMs && at <= piece.nextUpdate
    if (speaks && !speaking.has(series)) speaking.set(series, piece)
  }
  return [...new Set([...speaking.values(), ...newest.values()])].slice(0, maxPieces)
}

async function readAll(shelf: Shelf, pieces: readonly Shelved[]): Promise<readonly Uint8Array[]> {
  const read: Uint8Array[] = []
  let bytes = 0
  for (const piece of pieces) {
    const content = await shelf.read(piece)
    if (content === null || bytes + content.length > maxBytes) continue
    bytes += content.length
    read.push(content)
  }
  return read
}
