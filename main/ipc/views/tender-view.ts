import { commonName, displayName, partOfForm } from '../../../crypto/index.ts'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { isTenderName } from '../../contract/ids.ts'
import type { TenderId, TenderName } from '../../contract/ids.ts'
import type { TenderView } from '../../contract/views.ts'
import type { Desk } from '../desks.ts'

/** A verified tender as the page shows it. */
export function tenderView(tender: Tender, { practice, settings }: Desk): TenderView {
  const { fields, packageDigest, signature } = tender
  return {
    tender: packageDigest as TenderId,
    title: fields.title,
    projectCode: fields.projectCode,
    lotId: fields.lotId === undefined || fields.lotId === '' ? null : fields.lotId,
    platformId: fields.platformId,
    platformAddress: settings.current.platforms[packageDigest] ?? null,
    signer: commonName(signature.signer.subject) ?? displayName(signature.signer.subject),
    deadline: fields.deadline,
    openingTime: fields.openingTime,
    keyPolicy: fields.keyPolicy,
    documents: fields.documents.map(({ id, title, required }) => ({ id: tenderName(id), title, required })),
    forms: fields.forms.map(form => ({
      id: tenderName(form.id),
      title: form.title ?? form.id,
      part: partOfForm(tender, form.id) ?? 'body',
      fields: form.fields.map(({ name, title }) => ({ name: tenderName(name), title: title ?? name })),
    })),
    practice,
  }
}

/** A name of the tender's that the page may use. Throws `tender.invalid` for one that it could not. */
export function tenderName(name: string): TenderName {
  if (!isTenderName(name)) throw new AppFailure('tender.invalid', 'the tender uses a name that cannot be shown')
  return name
}
