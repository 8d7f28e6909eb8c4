import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CryptoFailure, decodeDocument, lotOf, sha256Hex, verifyPlatformDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument, Tender } from '../../../crypto/index.ts'
import type { Platform } from '../../platform/index.ts'
import { isMissing, readFileIfThere, writeFileAtomic } from '../../store/index.ts'
import type { Ports } from '../ports.ts'

/** What a notice says. */
export type NoticeFields = DocumentFields<'notice'>

/** A notice to those who hold a tender package, signed by a certificate the package lists for notices. */
export interface Notice {
  /** SHA-256 of its document, hex. */
  readonly digest: string
  readonly fields: NoticeFields
  readonly document: SignedDocument
}

/** Deadline and opening in force for bids sealed for a package. */
export interface EffectiveDates {
  readonly deadline: Date
  readonly openingTime: Date
  /** The notice that moved them; null while the package's own stand. */
  readonly extendedBy: Notice | null
}

/** What asking for notices brought. */
export interface FetchedNotices {
  /** Every one that holds, of the platform and of this home, oldest first. */
  readonly notices: readonly Notice[]
  /** How many the platform gave that are not what they should be; they are not kept and change nothing. */
  readonly ignored: number
}

/** No platform publishes more about one package; further ones are not read. */
const mostNotices = 1_000

/** Asks the platform for the notices about a package and keeps those that hold. Throws what the platform throws. */
export async function fetchNotices(
  ports: Pick<Ports, 'home'>,
  platform: Platform,
  tender: Tender,
): Promise<FetchedNotices> {
  const listed = (await platform.notices(tender.packageDigest)).slice(0, mostNotices)
  let ignored = 0
  for (const document of listed) {
    const notice = readNotice(document, tender)
    if (notice === null) ignored += 1
    else await keep(ports, tender, notice)
  }
  return { notices: await keptNotices(ports, tender), ignored }
}

/** The notices this home keeps about a package, each verified again, oldest first. One that is damaged is left out. */
export async function keptNotices(ports: Pick<Ports, 'home'>, tender: Tender): Promise<readonly Notice[]> {
  const folder = folderOf(ports, tender)
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const digests = names.flatMap(name => /^([0-9a-f]{64})\.p7s$/.exec(name)?.[1] ?? []).slice(0, mostNotices)
  const notices = await Promise.all(
    digests.map(async digest => {
      const bytes = await readFileIfThere(join(folder, `${digest}.json`))
      const signature = await readFileIfThere(join(folder, `${digest}.p7s`))
      return bytes === null || signature === null ? null : readNotice({ bytes, signature }, tender)
    }),
  )
  return notices
    .filter(notice => notice !== null)
    .sort((a, b) => Date.parse(a.fields.publishedAt) - Date.parse(b.fields.publishedAt))
}

/**
 * The dates that count by what this home has been told: the latest notice that names any, else the package's own. A notice
 * never makes them earlier than the package's.
 */
export async function effectiveDates(ports: Pick<Ports, 'home'>, tender: Tender): Promise<EffectiveDates> {
  return datesBy(tender, await keptNotices(ports, tender))
}

/** {@link effectiveDates} by notices at hand, oldest first. */
export function datesBy(tender: Tender, notices: readonly Notice[]): EffectiveDates {
  const own = { deadline: new Date(tender.fields.deadline), openingTime: new Date(tender.fields.openingTime) }
  const naming = (name: 'deadline' | 'openingTime'): Notice | null => {
    const latest = notices.filter(({ fields }) => fields[name] !== undefined).at(-1)
    return latest !== undefined && new Date(latest.fields[name] ?? 0) > own[name] ? latest : null
  }
  const [deadline, openingTime] = [naming('deadline'), naming('openingTime')]
  return {
    deadline: deadline === null ? own.deadline : new Date(deadline.fields.deadline ?? 0),
    openingTime: openingTime === null ? own.openingTime : new Date(openingTime.fields.openingTime ?? 0),
    extendedBy: deadline ?? openingTime,
  }
}

/**
 * A notice about this very package, judged at the time it names itself: the platform's word, whatever this computer's clock
 * says. Null for anything else, and for answers about the time, which are nobody's news.
 */
export function readNotice(document: SignedDocument, tender: Tender): Notice | null {
  try {
    const { publishedAt } = decodeDocument('notice', document.bytes)
    const fields = verifyPlatformDocument('notice', document, tender, 'notice', new Date(publishedAt))
    const { platformId, tenderId } = tender.fields
    const named = [fields.platformId, fields.tenderId, fields.lotId, fields.packageDigest]
    const meant = [platformId, tenderId, lotOf(tender), tender.packageDigest]
    if (named.join('\n') !== meant.join('\n') || fields.nonce !== undefined) return null
    return { digest: sha256Hex(document.bytes), fields, document }
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

/** The signature goes last: a document without one counts as not kept. */
async function keep(ports: Pick<Ports, 'home'>, tender: Tender, { digest, document }: Notice): Promise<void> {
  const path = join(folderOf(ports, tender), digest)
  if ((await readFileIfThere(`${path}.p7s`)) !== null) return
  await writeFileAtomic(`${path}.json`, document.bytes)
  await writeFileAtomic(`${path}.p7s`, document.signature)
}

function folderOf({ home }: Pick<Ports, 'home'>, { packageDigest }: Tender): string {
  return join(home.root, 'notices', packageDigest)
}
