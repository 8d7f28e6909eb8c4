import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { BidView, TenderView } from '../../../main/contract/views.ts'
import { Screen } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { bids } from '../../stores/bids.ts'
import { forms } from '../../stores/forms.ts'
import { Failed } from '../shared/failed.tsx'
import { GoButton } from '../shared/go-button.tsx'
import { NothingYet } from '../shared/nothing-yet.tsx'
import { useWork } from '../shared/use-work.ts'
import { BeginBid } from './begin-bid.tsx'
import { BidForm } from './bid-form.tsx'
import { DocumentTable } from './document-table.tsx'
import { Findings } from './findings.tsx'

/** Composing: what the tender asks for, what is there, what the check found. */
export function DocumentsScreen(): ReactNode {
  const text = useText()
  const { tender, bid } = useWork()
  if (tender === null) {
    return (
      <NothingYet
        title={text('documents.title')}
        sentence={text('common.chooseTenderFirst')}
        button={text('common.toTender')}
        to="tender"
      />
    )
  }
  // A tender's bid begins with empty fields, whatever was typed for another one.
  return bid === null ? <BeginBid key={tender.tender} tender={tender} /> : <Composing tender={tender} bid={bid} />
}

function Composing({ tender, bid }: { readonly tender: TenderView; readonly bid: BidView }): ReactNode {
  const text = useText()
  const { failure } = useStore(bids)
  const { failure: notSaved, saveAll } = useStore(forms)
  return (
    <Screen
      title={text('documents.title')}
      about={tender.title}
      lead={`${text('documents.bidder')}${text('common.colon')}${bid.bidderName} · ${text('documents.revision', { revision: bid.revision })}`}
      primary={
        <GoButton to="seal" primary>
          {text('documents.toSeal')}
        </GoButton>
      }
    >
      <Failed failure={failure} />
      <Failed failure={notSaved} onRetry={() => void saveAll()} />
      <Findings tender={tender} bid={bid} />
      <DocumentTable tender={tender} bid={bid} />
      {[...tender.forms].sort(openingFirst).map(form => (
        <BidForm key={form.id} bid={bid} form={form} />
      ))}
    </Screen>
  )
}

function openingFirst(a: TenderView['forms'][number], b: TenderView['forms'][number]): number {
  return Number(b.part === 'opening') - Number(a.part === 'opening')
}
