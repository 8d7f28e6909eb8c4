import type { Handlers } from '../contract/requests.ts'
import type { IpcContext } from './context.ts'
import { appHandlers } from './handlers/app.ts'
import { bidHandlers } from './handlers/bid.ts'
import { jobHandlers } from './handlers/job.ts'
import { lockHandlers } from './handlers/lock.ts'
import { openingHandlers } from './handlers/opening.ts'
import { rehearsalHandlers } from './handlers/rehearsal.ts'
import { sealedHandlers } from './handlers/sealed.ts'
import { tenderHandlers } from './handlers/tender.ts'

/** Every channel of the contract, answered. */
export function makeHandlers(context: IpcContext): Handlers {
  return {
    ...appHandlers(context),
    ...lockHandlers(context),
    ...tenderHandlers(context),
    ...bidHandlers(context),
    ...sealedHandlers(context),
    ...openingHandlers(context),
    ...jobHandlers(context),
    ...rehearsalHandlers(context),
  }
}
