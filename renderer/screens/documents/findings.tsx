import type { ReactNode } from 'react'
import type { BidView, FindingView, TenderView } from '../../../main/contract/views.ts'
import { Mark } from '../../components/marks.tsx'
import { Part } from '../../components/screen.tsx'
import { useText, type TextKey } from '../../messages/index.ts'
import { documents } from '../../messages/zh-CN/documents.ts'
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
    const sentence = text(keyOf(code))
    return place === null
      ? sentence
      : `${sentence}${text('common.colon')}${placeTitle(tender, place, text('common.listComma'))}`
  }
}

/** The words for a finding by its code; one that is new to this page has general ones. */
function keyOf(code: string): TextKey {
  return isWorded(code) ? `documents.finding.${code}` : 'documents.finding.other'
}

function isWorded(code: string): code is keyof typeof documents.finding {
  return Object.hasOwn(documents.finding, code)
}
