import { decodeDocument, lotOf, signDocument } from '../../../crypto/index.ts'
import type { DocumentFields, SignedDocument } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { patterns } from '../../platform/index.ts'
import type { PracticeContext } from '../context.ts'
import { timeText } from '../context.ts'
import type { NoticeShelf } from '../state/notice-shelf.ts'
import type { ShelvedTender, TenderShelf } from '../state/tender-shelf.ts'

/** The platform's time as a signed notice over the asker's nonce. Throws `platform.unknown`, `arguments.bad`. */
export async function signedTime(
  context: PracticeContext,
  packageDigest: string,
  nonce: string,
): Promise<SignedDocument> {
  const shelved = requireTender(context, packageDigest)
  if (!patterns.digest.test(nonce)) throw new AppFailure('arguments.bad', 'the nonce is not 64 hex digits')
  return signNotice(context, shelved, { nonce })
}

/** The notices of a package, oldest first. Throws `platform.unknown`. */
export function noticesOf(context: PracticeContext, packageDigest: string): readonly SignedDocument[] {
  requireTender(context, packageDigest)
  return context.notices.of(packageDigest)
}

/** What a package's dates become. */
export interface Extension {
  readonly deadline: Date
  readonly openingTime: Date
}

/**
 * Moves deadline and opening of the package in force to later moments by a signed notice, which is durable before the dates
 * count. Bids sealed for the package stand; their headers keep its first dates. The same dates again answer the same
 * notice. Throws `platform.unknown`, and `tender.invalid` for a package that has been superseded, an opening whose time
 * has come, or dates that are not later.
 */
export async function extendTender(
  context: PracticeContext,
  packageDigest: string,
  extension: Extension,
): Promise<SignedDocument> {
  const { openingId } = requireTender(context, packageDigest)
  return context.lock.run(openingId, async () => {
    const shelved = requireTender(context, packageDigest)
    const before = context.notices.of(packageDigest).at(-1)
    if (before !== undefined && sameDates(before, extension)) return before
    requireExtendable(context, shelved, extension)
    const notice = await signNotice(context, shelved, {
      title: '投标截止时间和开标时间延期公告',
      text: '本项目投标截止时间和开标时间顺延，已密封的投标文件继续有效。',
      deadline: extension.deadline.toISOString(),
      openingTime: extension.openingTime.toISOString(),
    })
    await context.notices.add(packageDigest, notice)
    context.tenders.extend(packageDigest, extension)
    context.watchers.notify(openingId)
    context.log(`opening ${openingId} extended`)
    return notice
  })
}

/** Lets the notices that are kept count again, as after a start. */
export function applyExtensions(tenders: TenderShelf, notices: NoticeShelf): void {
  for (const packageDigest of notices.packages()) {
    for (const notice of notices.of(packageDigest)) {
      const { deadline, openingTime } = decodeDocument('notice', notice.bytes)
      if (deadline === undefined || openingTime === undefined) continue
      tenders.extend(packageDigest, { deadline: new Date(deadline), openingTime: new Date(openingTime) })
    }
  }
}

function signNotice(
  context: PracticeContext,
  { tender }: ShelvedTender,
  changes: Partial<DocumentFields<'notice'>>,
): Promise<SignedDocument> {
  const fields = {
    platformId: tender.fields.platformId,
    tenderId: tender.fields.tenderId,
    lotId: lotOf(tender),
    packageDigest: tender.packageDigest,
    publishedAt: timeText(context.clock),
    certificates: [],
    ...changes,
  }
  return signDocument('notice', fields, context.keys.notice, context.suite, context.clock)
}

function requireTender(context: PracticeContext, packageDigest: string): ShelvedTender {
  const shelved = context.tenders.byDigest(packageDigest)
  if (shelved === null) throw new AppFailure('platform.unknown', 'no such tender package')
  return shelved
}

function requireExtendable(
  context: PracticeContext,
  shelved: ShelvedTender,
  { deadline, openingTime }: Extension,
): void {
  const now = context.clock.now()
  if (context.tenders.inForce(shelved.openingId) !== shelved) throw invalid('a newer package is in force')
  if (context.openings.opening(shelved.openingId) !== null || now >= shelved.openingTime) {
    throw invalid('the time of the opening has come')
  }
  if (deadline <= shelved.deadline || openingTime < shelved.openingTime || deadline <= now) {
    throw invalid('an extension moves the deadline to a later moment, and the opening not to an earlier one')
  }
  if (deadline > openingTime) throw invalid('the opening lies before the deadline')
}

function sameDates(notice: SignedDocument, { deadline, openingTime }: Extension): boolean {
  const fields = decodeDocument('notice', notice.bytes)
  return fields.deadline === deadline.toISOString() && fields.openingTime === openingTime.toISOString()
}

function invalid(detail: string): AppFailure {
  return new AppFailure('tender.invalid', detail)
}
