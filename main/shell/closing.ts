/** What can be kept from happening. */
export interface Preventable {
  preventDefault(): void
}

export interface ClosingOptions {
  /** Whether work would be broken off. */
  readonly isBusy: () => boolean
  /** Asks the user whether it may be. */
  readonly mayBreakOff: () => Promise<boolean>
  /** Ends jobs, locks and processes. */
  readonly close: () => Promise<void>
  /** Milliseconds after which what does not end is not waited for. */
  readonly patience: number
  readonly quit: () => void
}

/** The order in which the app ends: the user is asked, jobs end and locks log out, and only then the process goes. */
export interface Closing {
  /** Ending has begun and can't be undone. */
  readonly begun: boolean
  /** The main window is being closed. */
  onWindowClose(event: Preventable): void
  /** The app is being quit; prevented, however often it is asked for, until everything has ended. */
  onQuit(event: Preventable): void
}

export function closingOrder({ isBusy, mayBreakOff, close, patience, quit }: ClosingOptions): Closing {
  let state: 'open' | 'asking' | 'closing' | 'closed' = 'open'

  async function ask(): Promise<void> {
    state = 'asking'
    const agreed = await mayBreakOff().catch(() => false)
    state = 'open'
    if (agreed) await end()
  }

  async function end(): Promise<void> {
    state = 'closing'
    let timer: ReturnType<typeof setTimeout> | undefined
    const tired = new Promise(resolve => {
      timer = setTimeout(resolve, patience)
    })
    await Promise.race([close().catch(() => undefined), tired])
    clearTimeout(timer)
    state = 'closed'
    quit()
  }

  return {
    get begun() {
      return state === 'closing' || state === 'closed'
    },
    onWindowClose(event) {
      if (state !== 'asking' && !(state === 'open' && isBusy())) return
      event.preventDefault()
      if (state === 'open') void ask()
    },
    onQuit(event) {
      if (state === 'closed') return
      event.preventDefault()
      if (state === 'open') void (isBusy() ? ask() : end())
    },
  }
}
