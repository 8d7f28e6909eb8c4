import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { BidView, TenderDocumentView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { Icon } from '../../components/icons.tsx'
import { Part } from '../../components/screen.tsx'
import { size, useText } from '../../messages/index.ts'
import { bids } from '../../stores/bids.ts'

interface Row {
  readonly place: TenderDocumentView
  readonly documents: BidView['documents']
}

/** What the tender asks for, and beside it what the bid has. */
export function DocumentTable({ tender, bid }: { readonly tender: TenderView; readonly bid: BidView }): ReactNode {
  const text = useText()
  const rows = tender.documents.map(place => ({
    place,
    documents: bid.documents.filter(({ documentId }) => documentId === place.id),
  }))
  return (
    <Part title={text('documents.documents')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{text('documents.place')}</th>
            <th scope="col">{text('documents.file')}</th>
            <th scope="col">
              <span className="visually-hidden">{text('documents.add')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <DocumentRow key={row.place.id} row={row} bid={bid} />
          ))}
        </tbody>
      </table>
    </Part>
  )
}

function DocumentRow({ row: { place, documents }, bid }: { readonly row: Row; readonly bid: BidView }): ReactNode {
  const text = useText()
  const { busy, addDocument, removeDocument } = useStore(bids)
  return (
    <tr data-testid="place" data-on={place.id}>
      <th scope="row">
        {place.title} <span className="quiet">{text(place.required ? 'tender.required' : 'tender.optional')}</span>
      </th>
      <td>
        {documents.length === 0 && <span className="quiet">{text('documents.noFile')}</span>}
        {documents.map(document => (
          <div key={document.id} className="document">
            <Icon name="file" />
            <span className="document-name">{document.name}</span>
            <span className="figures quiet">{size(document.size)}</span>
            <Action
              channel="bid.removeDocument"
              small
              disabled={busy}
              on={document.id}
              label={text('documents.removeFrom', { title: place.title, name: document.name })}
              onClick={() => void removeDocument(bid.bid, document.id)}
            >
              {text('documents.remove')}
            </Action>
          </div>
        ))}
      </td>
      <td className="documents-add">
        <Action
          channel="bid.addDocument"
          small
          disabled={busy}
          on={place.id}
          label={text('documents.addTo', { title: place.title })}
          onClick={() => void addDocument(bid.bid, place.id)}
        >
          {text(documents.length === 0 ? 'documents.add' : 'documents.replace')}
        </Action>
      </td>
    </tr>
  )
}
