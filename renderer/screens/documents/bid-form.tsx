import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { BidView, TenderFormView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { Part } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { forms, typedIn } from '../../stores/forms.ts'

/** One form of the tender. What is typed saves itself; the button saves it at once. */
export function BidForm({ bid, form }: { readonly bid: BidView; readonly form: TenderFormView }): ReactNode {
  const text = useText()
  const state = useStore(forms)
  const typed = typedIn(state, bid.bid, form.id)
  const saved = new Map(bid.forms.find(({ id }) => id === form.id)?.fields.map(({ name, value }) => [name, value]))
  return (
    <Part
      title={form.title}
      note={text(form.part === 'opening' ? 'documents.openingForm' : 'documents.bodyForm')}
      aside={
        <>
          <span
            className="quiet"
            role="status"
            data-testid="form-state"
            data-on={form.id}
            data-state={typed === null ? 'saved' : 'typed'}
          >
            {typed === null ? (saved.size > 0 ? text('documents.saved') : '') : text('documents.unsaved')}
          </span>
          <Action channel="bid.fillForm" small on={form.id} onClick={() => void state.save(bid.bid, form.id)}>
            {text('documents.save', { title: form.title })}
          </Action>
        </>
      }
    >
      <div className="form">
        {form.fields.map(field => (
          <div className="field" key={field.name}>
            <label htmlFor={`${form.id}.${field.name}`}>{field.title}</label>
            <Input
              id={`${form.id}.${field.name}`}
              data-testid={`field-${form.id}.${field.name}`}
              maxLength={2000}
              value={typed?.values[field.name] ?? saved.get(field.name) ?? ''}
              onChange={({ target }) => state.type(bid.bid, form.id, field.name, target.value)}
            />
          </div>
        ))}
      </div>
    </Part>
  )
}
