import { readdir } from 'node:fs/promises'
import type { Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { isTenderId } from '../../contract/ids.ts'
import type { Handlers } from '../../contract/requests.ts'
import type { TenderView } from '../../contract/views.ts'
import { importedTender, importTender, openTender } from '../../services/index.ts'
import type { IpcContext } from '../context.ts'
import type { Desk } from '../desks.ts'
import { trustOf } from '../desks.ts'
import { platformAddress } from '../platform-address.ts'
import { tenderView } from '../views/tender-view.ts'

/** Tender packages: imported once, verified, kept. */
export function tenderHandlers(
  context: IpcContext,
): Pick<Handlers, 'tender.import' | 'tender.list' | 'tender.setPlatform'> {
  const { desks, dialogs, language } = context
  return {
    'tender.import': async () => {
      const path = await dialogs.pick('tender', language())
      if (path === null) return null
      const { own } = desks
      const trusted = await openTender(own.ports, path, await trustOf(own))
      await importTender(own.ports, trusted)
      return tenderView(trusted.tender, own)
    },
    'tender.list': async () => (await Promise.all(desks.all().map(tendersOf))).flat(),
    'tender.setPlatform': async (id, address) => {
      const { desk, tender } = await desks.ofTender(id)
      const { settings } = desk
      const { href, host } = platformAddress(address)
      // SECURITY: A3, which computer is spoken to is decided outside of the page.
      if (settings.current.platforms[id] !== href) {
        const agreed = await dialogs.agree({ kind: 'platform', tender: tender.fields.title, host }, language())
        if (!agreed) throw new AppFailure('cancelled', 'the address was not confirmed')
      }
      await settings.save({ platforms: { ...settings.current.platforms, [id]: href } })
      return tenderView(tender, desk)
    },
  }
}

async function tendersOf(desk: Desk): Promise<readonly TenderView[]> {
  const names = await readdir(desk.ports.home.tenders).catch(() => [])
  const digests = names.map(name => name.replace(/\.tender$/, '')).filter(isTenderId)
  // A stored package that was damaged must not hide the others.
  const tenders = await Promise.all(digests.map(digest => importedTender(desk.ports, digest).catch(() => null)))
  return tenders
    .filter((tender): tender is Tender => tender !== null)
    .map(tender => tenderView(tender, desk))
    .sort((a, b) => a.deadline.localeCompare(b.deadline))
}
