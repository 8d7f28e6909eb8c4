import type { DocumentFields } from '../../../crypto/documents/kinds.ts'
import { signDocument, type SignedDocument } from '../../../crypto/documents/signed-document.ts'
import { readTender, type Tender } from '../../../crypto/documents/tender.ts'
import { toBase64 } from '../../../crypto/json/hex.ts'
import { gm1 } from '../../../crypto/suites/gm-1.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import { clockAt } from '../../fixtures/sealed-bid.ts'
import { gmPeople, gmRoot } from './gm/world.ts'
import { people, root, sealingTime } from './world.ts'

type TenderFields = DocumentFields<'tender'>

const certificates = (['receipt', 'opening', 'agency', 'notice'] as const).map(purpose => {
  return { purpose, certificate: toBase64(people[purpose].certificate) }
})

const fields: TenderFields = {
  platformId: 'practice.bidseal',
  tenderId: 'YN-2026-0302',
  lotId: '01',
  projectCode: 'E5301000076000001',
  title: '滇中引水工程二期配套管网施工',
  publishedAt: '2026-02-01T00:00:00Z',
  deadline: '2026-03-02T08:00:00Z',
  openingTime: '2026-03-02T08:30:00Z',
  releaseMinutes: 60,
  limits: { fileBytes: 2 ** 33, bidBytes: 2 ** 34 },
  suites: ['intl-1'],
  acceptedCas: [toBase64(root)],
  documents: [{ id: 'letter', title: '投标函', required: true }],
  forms: [
    { id: 'opening', title: '开标一览表', fields: [{ name: '投标总价' }, { name: '工期' }] },
    { id: 'summary', title: '投标函附录', fields: [{ name: '项目经理' }] },
  ],
  clauses: [],
  keyPolicy: 'bidder',
  parts: 'separate',
  certificates,
  remedy: { kind: 'none' },
  traces: [],
  attachments: [],
}

/** A tender for SM2 locks, by a platform that still has RSA certificates too: they are listed first. */
const gmFields = {
  suites: ['gm-1'],
  acceptedCas: [toBase64(gmRoot)],
  certificates: [
    ...certificates,
    ...(['opening', 'agency', 'notice'] as const).map(purpose => {
      return { purpose, certificate: toBase64(gmPeople[`gm-${purpose}`].certificate) }
    }),
  ],
} as const satisfies Partial<TenderFields>

/** What each tender changes in the first one. */
const changes = {
  bidder: {},
  split: { keyPolicy: 'split' },
  whole: { parts: 'whole' },
  recovery: { parts: 'whole', remedy: { kind: 'recovery-code' } },
  'plain-twin': { remedy: { kind: 'plain-twin' } },
  'other-lot': { lotId: '02' },
  'gm-only': { suites: ['gm-1'] },
  'gm-whole': { ...gmFields, parts: 'whole', remedy: { kind: 'recovery-code' } },
  'gm-split': { ...gmFields, keyPolicy: 'split', remedy: { kind: 'plain-twin' } },
  'gm-other-lot': { ...gmFields, parts: 'whole', remedy: { kind: 'recovery-code' }, lotId: '02' },
  'gm-intl-only': { ...gmFields, parts: 'whole', remedy: { kind: 'recovery-code' }, suites: ['intl-1'] },
} as const satisfies Readonly<Record<string, Partial<TenderFields>>>

export type TenderName = keyof typeof changes

/** Names of all tenders. */
export const tenderNames = Object.keys(changes) as readonly TenderName[]

const made = new Map<TenderName, Promise<{ readonly tender: Tender; readonly document: SignedDocument }>>()

/** A tender by name, signed by the platform; the same bytes every time. */
export function tenderNamed(name: TenderName): Promise<{ readonly tender: Tender; readonly document: SignedDocument }> {
  const known = made.get(name) ?? make(name)
  made.set(name, known)
  return known
}

async function make(name: TenderName): Promise<{ readonly tender: Tender; readonly document: SignedDocument }> {
  const all: TenderFields = { ...fields, ...changes[name] }
  const inGm = name.startsWith('gm-') && name !== 'gm-only'
  const signer = inGm ? gmPeople['gm-notice'].signer() : people.notice.signer()
  const document = await signDocument('tender', all, signer, inGm ? gm1 : intl1, clockAt(sealingTime))
  return { tender: readTender(document), document }
}
