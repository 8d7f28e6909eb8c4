import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useText } from '../../messages/index.ts'
import { type LockWanted, locks, onlyOthers } from '../../stores/locks.ts'

/** Says why no lock can be chosen although some are there: practice and real locks are kept apart. Else nothing. */
export function LocksKeptApart(wanted: LockWanted): ReactNode {
  const text = useText()
  const { modules } = useStore(locks)
  if (!onlyOthers(modules, wanted)) return null
  return (
    <span className="quiet" data-testid="locks-kept-apart">
      {text(wanted.practice ? 'locks.onlyReal' : 'locks.onlyPractice')}
    </span>
  )
}
