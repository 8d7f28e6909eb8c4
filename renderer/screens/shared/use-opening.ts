import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { SealId } from '../../../main/contract/ids.ts'
import type { OpeningView } from '../../../main/contract/views.ts'
import { opening } from '../../stores/opening.ts'

/** Asks where the opening of a sealed bid stands while a screen shows it; milliseconds between two looks. */
export function useOpening(seal: SealId | null, every: number): OpeningView | null {
  const { seal: asked, view, ask } = useStore(opening)
  useEffect(() => {
    if (seal === null) return
    void ask(seal)
    const timer = setInterval(() => void ask(seal), every)
    return () => {
      clearInterval(timer)
    }
  }, [ask, seal, every])
  return asked === seal ? view : null
}
