import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Failure } from '../../../main/contract/failure.ts'
import type { LockId } from '../../../main/contract/ids.ts'
import type { BidView, LockView, TenderView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { LockSelect, LocksChoice } from '../../components/lock-select.tsx'
import { Mark } from '../../components/marks.tsx'
import { Part, Screen } from '../../components/screen.tsx'
import { Sheet } from '../../components/sheet.tsx'
import { dayOf, useText } from '../../messages/index.ts'
import { bids } from '../../stores/bids.ts'
import { forms } from '../../stores/forms.ts'
import { locks, locksFor } from '../../stores/locks.ts'
import { Findings } from '../documents/findings.tsx'
import { Failed } from '../shared/failed.tsx'
import { GoButton } from '../shared/go-button.tsx'
import { LocksKeptApart } from '../shared/locks-kept-apart.tsx'
import { lasting, lastsUntil, offeredLock } from '../shared/lock-choice.ts'

/** Before sealing: with which locks, and what stands in the way. */
export function ChooseLocks(props: {
  readonly tender: TenderView
  readonly bid: BidView
  /** Why the last try failed. */
  readonly failed: Failure | null
  /** The last try, as a record. */
  readonly progress: ReactNode
}): ReactNode {
  const { tender, bid } = props
  const text = useText()
  const { modules } = useStore(locks)
  const { failure, busy, seal } = useStore(bids)
  const { failure: notSaved } = useStore(forms)
  const [chosen, setChosen] = useState<{ sign: LockId | null; main: LockId | null; backups: readonly LockId[] }>({
    sign: null,
    main: null,
    backups: [],
  })
  const [asking, setAsking] = useState(false)
  const { practice } = tender
  const signing = locksFor(modules, { use: 'sign', practice })
  const decrypting = locksFor(modules, { use: 'decrypt', practice })
  const sign = offeredLock(signing, chosen.sign)
  const main = offeredLock(decrypting, chosen.main ?? sign?.lock ?? null)
  const others = decrypting.filter(({ lock }) => lock !== main?.lock)
  const backups = others.filter(({ lock }) => chosen.backups.includes(lock))
  const again = bid.lostOnItsWay
  const fatal = bid.findings.filter(({ level }) => level === 'fatal').length
  const expired = [sign, main].some((lock, index) => endsTooSoon(lock, index === 0 ? 'sign' : 'decrypt', tender))
  const ready = sign !== null && main !== null && fatal === 0 && !expired

  const start = (): void => {
    setAsking(false)
    if (sign === null || main === null) return
    void seal(bid.bid, { sign: sign.lock, main: main.lock, backups: backups.map(({ lock }) => lock), again })
  }
  const label = { title: tender.title }
  const verb = text(again ? 'seal.buttonAgain' : 'seal.button', label)
  return (
    <Screen
      title={text('seal.title')}
      about={tender.title}
      lead={text('seal.lead')}
      secondary={fatal > 0 ? <GoButton to="documents">{text('seal.toDocuments')}</GoButton> : undefined}
      primary={
        <Action channel="bid.seal" primary irreversible disabled={!ready || busy} onClick={() => setAsking(true)}>
          {verb}
        </Action>
      }
    >
      <Failed failure={props.failed ?? notSaved ?? failure} onRetry={() => setAsking(ready)} />
      {again && (
        <p data-testid="seal-lost">
          <Mark tone="attention">{text('seal.lost')}</Mark>
        </p>
      )}
      {fatal > 0 && (
        <>
          <p>
            <Mark tone="attention">{text('seal.blocked', { number: fatal })}</Mark>
          </p>
          <Findings tender={tender} bid={bid} />
        </>
      )}
      <Part title={text('seal.chooseLocks')}>
        <div className="choices">
          <LockSelect
            label={text('seal.signLock')}
            testId="select-sign"
            locks={signing}
            value={sign?.lock ?? null}
            onChange={lock => setChosen({ ...chosen, sign: lock })}
            none={text('seal.noSigning')}
            note={<LockNote lock={sign} use="sign" tender={tender} />}
          />
          <LockSelect
            label={text('seal.mainLock')}
            testId="select-main"
            locks={decrypting}
            value={main?.lock ?? null}
            onChange={lock => setChosen({ ...chosen, main: lock })}
            none={text('seal.noDecrypting')}
            note={<LockNote lock={main} use="decrypt" tender={tender} />}
          />
          <LocksChoice
            label={text('seal.backupLocks')}
            testId="select-backups"
            locks={others}
            value={backups.map(({ lock }) => lock)}
            onChange={chosenBackups => setChosen({ ...chosen, backups: chosenBackups })}
            none={text('seal.noBackup')}
          />
        </div>
      </Part>
      {props.progress}
      <Sheet
        open={asking && ready}
        channel="bid.seal"
        title={verb}
        consequences={{
          will: text(again ? 'seal.sheetWillAgain' : 'seal.sheetWill'),
          after: text(again ? 'seal.sheetAfterAgain' : 'seal.sheetAfter'),
          lock: text('seal.sheetKey', {
            sign: sign?.label ?? '',
            main: main?.label ?? '',
            backups:
              backups.length === 0
                ? text('common.none')
                : backups.map(each => each.label).join(text('common.listComma')),
          }),
        }}
        verb={verb}
        onConfirm={start}
        onClose={() => setAsking(false)}
      />
    </Screen>
  )
}

function endsTooSoon(lock: LockView | null, use: 'sign' | 'decrypt', { openingTime }: TenderView): boolean {
  const end = lock === null ? null : lastsUntil(lock, use)
  return end !== null && lasting(end, openingTime) === 'not-to-opening'
}

/** What is to be known about the chosen lock, or why there is none to choose. */
function LockNote(props: {
  readonly lock: LockView | null
  readonly use: 'sign' | 'decrypt'
  readonly tender: TenderView
}): ReactNode {
  const text = useText()
  const end = props.lock === null ? null : lastsUntil(props.lock, props.use)
  if (end === null) return <LocksKeptApart use={props.use} practice={props.tender.practice} />
  const until = text('seal.validUntil', { time: dayOf(end) })
  const lasts = lasting(end, props.tender.openingTime)
  if (lasts === 'long') return <span className="quiet figures">{until}</span>
  return (
    <Mark tone="deadline">
      {until} · {text(lasts === 'not-to-opening' ? 'seal.expiresBeforeOpening' : 'seal.expiresSoonAfterOpening')}
    </Mark>
  )
}
