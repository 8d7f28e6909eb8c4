import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { LockModuleView } from '../../../main/contract/views.ts'
import { Action } from '../../components/action.tsx'
import { EnvelopeMark } from '../../components/icons.tsx'
import { LockCard } from '../../components/lock-card.tsx'
import { Empty, Part, Screen } from '../../components/screen.tsx'
import { useText } from '../../messages/index.ts'
import { locks } from '../../stores/locks.ts'
import { Failed } from '../shared/failed.tsx'
import { useNow } from '../shared/use-now.ts'

/** The drivers, the locks they see, and the state of each. */
export function LocksScreen(): ReactNode {
  const text = useText()
  const { modules, busy, failure, load, addModule, addSoftLock } = useStore(locks)
  const { wall } = useNow(60_000)
  return (
    <Screen
      title={text('locks.title')}
      lead={text('locks.lead')}
      secondary={
        <>
          <Action channel="lock.list" disabled={busy} onClick={() => void load()}>
            {text('common.refresh')}
          </Action>
          <Action channel="lock.addSoftLock" disabled={busy} onClick={() => void addSoftLock()}>
            {text('locks.addSoftLock')}
          </Action>
        </>
      }
      primary={
        <Action channel="lock.addModule" primary disabled={busy} onClick={() => void addModule()}>
          {text('locks.addModule')}
        </Action>
      }
    >
      <Failed failure={failure} onRetry={() => void load()} />
      {modules === null && <p className="quiet">{text('common.loading')}</p>}
      {modules?.length === 0 && <Empty drawing={<EnvelopeMark large />} sentence={text('locks.empty')} />}
      {modules?.map(module => (
        <Module key={`${module.kind} ${module.name}`} module={module} now={wall} onRetry={() => void load()} />
      ))}
    </Screen>
  )
}

function Module(props: {
  readonly module: LockModuleView
  readonly now: number
  readonly onRetry: () => void
}): ReactNode {
  const text = useText()
  const { name, locks: found, failure } = props.module
  return (
    <Part title={name} note={text('locks.module')}>
      <Failed failure={failure} onRetry={props.onRetry} />
      {failure === null && found.length === 0 && <p className="quiet">{text('locks.moduleEmpty')}</p>}
      {found.map(lock => (
        <LockCard key={lock.lock} lock={lock} now={props.now} />
      ))}
    </Part>
  )
}
