import { Checkbox, Select } from 'antd'
import { useId, type ReactNode } from 'react'
import type { LockId } from '../../main/contract/ids.ts'
import type { LockView } from '../../main/contract/views.ts'
import { useText } from '../messages/index.ts'

/** Chooses one lock, by its label and serial number. */
export function LockSelect(props: {
  readonly label: string
  readonly locks: readonly LockView[]
  readonly value: LockId | null
  readonly onChange: (lock: LockId) => void
  readonly testId: string
  /** Said when there is none to choose. */
  readonly none: string
  /** What is to be known about the chosen one. */
  readonly note?: ReactNode
}): ReactNode {
  const text = useText()
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <Select<LockId>
        id={id}
        value={props.value}
        onChange={props.onChange}
        options={optionsOf(props.locks)}
        placeholder={props.locks.length === 0 ? props.none : text('common.choose')}
        notFoundContent={props.none}
        data-testid={props.testId}
      />
      {props.note}
    </div>
  )
}

/** Chooses any number of locks up to eight. */
export function LocksChoice(props: {
  readonly label: string
  readonly locks: readonly LockView[]
  readonly value: readonly LockId[]
  readonly onChange: (locks: readonly LockId[]) => void
  readonly testId: string
  /** Said when there is none to choose. */
  readonly none: string
}): ReactNode {
  const { value, onChange } = props
  return (
    <fieldset className="field choice-list">
      <legend>{props.label}</legend>
      {props.locks.length === 0 && <span className="quiet">{props.none}</span>}
      {props.locks.map(({ lock, label, serial }) => (
        <Checkbox
          key={lock}
          checked={value.includes(lock)}
          disabled={!value.includes(lock) && value.length >= mostBackups}
          onChange={({ target }) => onChange(target.checked ? [...value, lock] : value.filter(each => each !== lock))}
          data-testid={props.testId}
          data-on={lock}
        >
          {nameWith(label, serial)}
        </Checkbox>
      ))}
    </fieldset>
  )
}

/** As many as the contract lets through. */
const mostBackups = 8

function optionsOf(locks: readonly LockView[]): { value: LockId; label: string }[] {
  return locks.map(({ lock, label, serial }) => ({ value: lock, label: nameWith(label, serial) }))
}

/** Two locks may bear one label; a soft lock has no serial number. */
function nameWith(label: string, serial: string): string {
  return serial === '' ? label : `${label} · ${serial}`
}
