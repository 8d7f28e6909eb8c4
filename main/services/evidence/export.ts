import { sha256Hex } from '../../../crypto/index.ts'
import type { Certificate } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { writeFileAtomic } from '../../store/index.ts'
import { bidderSigner } from '../delivery/authorise.ts'
import { readTypeface } from '../documents/typeface.ts'
import type { Ports } from '../ports.ts'
import { keptEvidence } from '../revocation/evidence.ts'
import { shelfAt } from '../revocation/shelf.ts'
import { requireFree } from '../sealed/header-file.ts'
import type { Locks } from '../tokens/locks.ts'
import type { PackagedBid } from './bid-facts.ts'
import { packagedBid } from './bid-facts.ts'
import type { Entries } from './canonical-zip.ts'
import { writeCanonicalZip } from './canonical-zip.ts'
import { gatherCertificates } from './certificates.ts'
import { keptContents } from './contents.ts'
import { chainName, concerns, extractOf, linesName } from './extract.ts'
import type { Conclusion, JudgedAttempt } from './judgement.ts'
import { conclude, judgeAttempts } from './judgement.ts'
import type { ManifestSigner } from './manifest.ts'
import { withManifest } from './manifest.ts'
import { readmeText } from './readme.ts'
import { renderSummary } from './summary.ts'
import { verifyScript } from './verify-script.ts'

export interface EvidenceRequest {
  readonly sealId: string
  /** Where the package goes; nothing may stand there. */
  readonly output: string
  /** Path of the typeface of the summary, TrueType. */
  readonly font: string
  /** The lock that signs the package as a whole; null leaves it unsigned, and the package says so. */
  readonly sign: { readonly locks: Locks; readonly token: string } | null
  /** Roots that are known beside those the tender accepts: completes the chains that are shown. */
  readonly anchors?: readonly Certificate[]
}

export interface ExportedEvidence {
  readonly sealId: string
  readonly sealDigest: string
  readonly shortCode: string
  readonly bytes: number
  /** SHA-256 of the file, hex. */
  readonly digest: string
  readonly entries: readonly string[]
  readonly signed: boolean
  readonly attempts: readonly JudgedAttempt[]
  readonly conclusion: Conclusion
}

/**
 * Writes the evidence package of one bid: everything that was signed about it, the journal's lines about it, and a summary
 * for people. The same home gives the same package but for the time it is made. Throws `bid.not-delivered` for a bid this
 * computer knows nothing of, `journal.damaged`, `output.*`, `token.*`.
 */
export async function exportEvidence(ports: Ports, request: EvidenceRequest): Promise<ExportedEvidence> {
  await requireFree(request.output)
  const delivery = await ports.deliveries.get(request.sealId)
  if (delivery === null) throw new AppFailure('bid.not-delivered', 'this computer knows no bid with this sealId')
  const lines = await ports.journal.lines()
  const entries = lines.map(({ entry }) => entry).filter(entry => concerns(entry, delivery))
  const kept = await keptContents(ports, delivery, entries)
  const about = await packagedBid(kept)
  const by = await manifestSigner(request, about)
  const extract = extractOf(lines, delivery)
  const files = new Map([
    ...(await withProofs(ports, kept, about, request.anchors ?? [])),
    [linesName, extract.lines] as const,
    [chainName, extract.chain] as const,
    ['README.txt', text(readmeText({ sealId: delivery.sealId, signed: by !== null }))] as const,
    ['verify.sh', text(verifyScript)] as const,
  ])
  const attempts = judgeAttempts(entries, about.terms)
  const conclusion = conclude(attempts, about.standing)
  const names = [...files.keys()].sort()
  const summary = await renderSummary(
    {
      ...{ about, attempts, conclusion, kept: entries.length, lines: lines.length, signed: by !== null },
      signedHeads: names.filter(name => /^journal\/heads\/.*\.p7s$/.test(name)).length,
      files: [...names, 'manifest.json'],
    },
    await readTypeface(request.font),
    ports.clock.now(),
  )
  files.set('summary.pdf', summary)
  const head = {
    sealDigest: delivery.sealDigest,
    sequence: lines.length,
    previous: lines.at(-1)?.digest ?? '0'.repeat(64),
  }
  const all = await withManifest(files, head, by, ports.clock)
  const archive = writeCanonicalZip(all)
  await writeFileAtomic(request.output, archive)
  const { sealId, sealDigest, shortCode } = delivery
  const digest = sha256Hex(archive)
  await ports.journal.append('evidence-exported', { sealId, sealDigest, fileDigest: digest, signed: by !== null })
  return {
    ...{ sealId, sealDigest, shortCode, digest, attempts, conclusion },
    ...{ bytes: archive.length, entries: [...all.keys()].sort(), signed: by !== null },
  }
}

async function manifestSigner({ sign }: EvidenceRequest, { bid }: PackagedBid): Promise<ManifestSigner | null> {
  return sign === null ? null : { signer: await bidderSigner(sign.locks, sign.token, bid), suite: bid.suite }
}

/** The certificates behind every signature, and what is at hand about their revocation. */
async function withProofs(
  { home, clock }: Ports,
  kept: Entries,
  { bid, tender, receivedAt }: PackagedBid,
  anchors: readonly Certificate[],
): Promise<Entries> {
  const certificates = gatherCertificates(kept, tender, bid.suite.id, anchors)
  const at = receivedAt === null ? clock.now() : new Date(receivedAt)
  const { crls, ocspResponses } = await keptEvidence(shelfAt(home.revocation), certificates.all, at)
  const number = (index: number): string => String(index + 1).padStart(2, '0')
  return new Map([
    ...kept,
    ...certificates.files,
    ...crls.map((crl, index) => [`revocation/list-${number(index)}.crl`, crl] as const),
    ...ocspResponses.map((answer, index) => [`revocation/answer-${number(index)}.ocsp`, answer] as const),
  ])
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}
