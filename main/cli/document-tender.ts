import type { Tender } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { importedTender, importTender, loadDraft, openTender } from '../services/index.ts'
import type { TrustOptions } from './options.ts'
import type { Context } from './shell.ts'

/** The tender a bid folder was made for: the file that is given, else what this home has imported. */
export async function bidTender(
  context: Context,
  folder: string,
  options: TrustOptions & { readonly tender?: string },
): Promise<Tender> {
  if (options.tender !== undefined) {
    const trusted = await openTender(context.ports, options.tender, await context.trust(options))
    await importTender(context.ports, trusted)
    return trusted.tender
  }
  const { draft } = await loadDraft(folder)
  const tender = await importedTender(context.ports, draft.tender.packageDigest)
  if (tender !== null) return tender
  throw new AppFailure('tender.invalid', 'this home has not imported the tender of the bid; give it with --tender')
}
