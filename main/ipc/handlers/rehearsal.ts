import type { Handlers } from '../../contract/requests.ts'
import type { IpcContext } from '../context.ts'

type RehearsalChannels = 'rehearsal.state' | 'rehearsal.start' | 'rehearsal.skipToOpening' | 'rehearsal.stop'

/** The rehearsal: a practice platform of this machine. */
export function rehearsalHandlers({ rehearsal, jobs, emit }: IpcContext): Pick<Handlers, RehearsalChannels> {
  const changed = (): void => {
    emit({ kind: 'locks-changed' })
    emit({ kind: 'sealed-changed' })
  }
  return {
    'rehearsal.state': async () => rehearsal.view(),
    'rehearsal.start': async suite =>
      jobs.start({ kind: 'rehearsal', about: 'rehearsal' }, async job => {
        await rehearsal.start(job, suite)
        changed()
        return null
      }),
    'rehearsal.skipToOpening': async () => {
      await rehearsal.skipToOpening()
      return rehearsal.view()
    },
    'rehearsal.stop': async () => {
      await rehearsal.stop()
      changed()
      return rehearsal.view()
    },
  }
}
