import { CryptoFailure, fromBase64, parseCertificate } from '../../../crypto/index.ts'
import type { Certificate, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Platform } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import { datesBy, fetchNotices, keptNotices } from '../tenders/notices.ts'
import type { Notice } from '../tenders/notices.ts'

/** What counts at an opening: the package's own word, and what signed notices have changed since. */
export interface OpeningTerms {
  /** The time in force; a notice never makes it earlier than the package's. */
  readonly openingTime: Date
  /** The notice that moved it; null while the package's own stands. */
  readonly extendedBy: Notice | null
  /** The package, its opening certificates joined by those a notice adds. */
  readonly tender: Tender
}

/**
 * Asks the platform for the notices about a package; one that gives none leaves those this home keeps. Certificates and
 * dates come from nowhere else: what a challenge or a status says is not believed. Throws what the platform throws.
 */
export async function openingTerms(
  ports: Pick<Ports, 'home'>,
  platform: Platform,
  tender: Tender,
): Promise<OpeningTerms> {
  try {
    return termsBy(tender, (await fetchNotices(ports, platform, tender)).notices)
  } catch (error) {
    if (!(error instanceof AppFailure) || !givesNone.includes(error.code)) throw error
    return termsBy(tender, await keptNotices(ports, tender))
  }
}

/** {@link openingTerms} by verified notices at hand, oldest first. */
export function termsBy(tender: Tender, notices: readonly Notice[]): OpeningTerms {
  const { openingTime, extendedBy } = datesBy(tender, notices)
  const added = notices.flatMap(({ fields }) => fields.certificates.flatMap(openingCertificate))
  const own = new Date(tender.fields.openingTime)
  return {
    openingTime,
    extendedBy: openingTime > own ? extendedBy : null,
    tender: {
      ...tender,
      certificates: purpose => [...tender.certificates(purpose), ...(purpose === 'opening' ? added : [])],
    },
  }
}

/** Answers of a platform that publishes no notices at all. */
const givesNone: readonly string[] = ['platform.unknown', 'platform.refused']

/** A notice adds certificates for the opening only; one that cannot be read can be no recipient. */
function openingCertificate({ purpose, certificate }: Notice['fields']['certificates'][number]): Certificate[] {
  if (purpose !== 'opening') return []
  try {
    return [parseCertificate(fromBase64(certificate))]
  } catch (error) {
    if (error instanceof CryptoFailure) return []
    throw error
  }
}
