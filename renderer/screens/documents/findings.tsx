import type { ReactNode } from 'react'
import type { BidView, FindingView, TenderView } from '../../../main/contract/views.ts'
import { Mark } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { useText, type TextKey } from '../../messages/index.ts'
import { placeTitle } from './place-title.ts'

/** What the check before sealing found: what must be changed first, then advice. */
export function Findings({ tender, bid }: { readonly tender: TenderView; readonly bid: BidView }): ReactNode {
  const text = useText()
  const levels = (['fatal', 'advice'] as const).filter(level => bid.findings.some(each => each.level === level))
  return (
    <Part title={text('documents.findings')}>
      {levels.length === 0 && <Mark tone="plain">{text('documents.noFindings')}</Mark>}
      {levels.map(level => (
        <div key={level} className="findings" data-testid={`findings-${level}`}>
          <Mark tone={level === 'fatal' ? 'attention' : 'plain'} icon={level === 'fatal' ? 'attention' : 'todo'}>
            {text(`documents.level.${level}`)}
          </Mark>
          <ul>
            {bid.findings
              .filter(each => each.level === level)
              .map((finding, index) => (
                <li key={index}>{wording(finding)}</li>
              ))}
          </ul>
        </div>
      ))}
    </Part>
  )

  function wording({ code, place }: FindingView): string {
    const sentence = text(findingKeys[code] ?? 'documents.finding.other')
    return place === null
      ? sentence
      : `${sentence}${text('common.colon')}${placeTitle(tender, place, text('common.listComma'))}`
  }
}

const findingKeys: Readonly<Partial<Record<string, TextKey>>> = {
  'document-missing': 'documents.finding.document-missing',
  'document-gone': 'documents.finding.document-gone',
  'document-unknown': 'documents.finding.document-unknown',
  'document-sealed': 'documents.finding.document-sealed',
  'document-too-large': 'documents.finding.document-too-large',
  'bid-too-large': 'documents.finding.bid-too-large',
  'form-unknown': 'documents.finding.form-unknown',
  'field-missing': 'documents.finding.field-missing',
  'field-unknown': 'documents.finding.field-unknown',
  'document-empty': 'documents.finding.document-empty',
  'optional-missing': 'documents.finding.optional-missing',
  'file-unlisted': 'documents.finding.file-unlisted',
}
