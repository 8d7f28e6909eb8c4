import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tender } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { BidId, SealId, TenderId } from '../contract/ids.ts'
import { importedTender, loadTrust } from '../services/index.ts'
import type { ModuleReference, Ports, Trust } from '../services/index.ts'
import { writeFailure } from '../store/index.ts'
import type { Delivery } from '../store/index.ts'
import type { Settings } from './settings.ts'

/** One home the window works with: the user's own, or that of a rehearsal, which shares nothing with it. */
export interface Desk {
  readonly practice: boolean
  readonly ports: Ports
  readonly settings: Settings
  /** Locks that belong to this desk alone. */
  readonly modules: readonly ModuleReference[]
  /** Where file dialogs begin. */
  readonly documents?: string
}

/** Every desk there is, and which of them a name of the page belongs to. */
export interface Desks {
  readonly own: Desk
  all(): readonly Desk[]
  /** Puts the desk of a rehearsal beside the user's own, or takes it away. */
  setPractice(desk: Desk | null): void
  /** Throws `arguments.bad` for a tender no desk has. */
  ofTender(id: TenderId): Promise<{ readonly desk: Desk; readonly tender: Tender }>
  ofBid(id: BidId): { readonly desk: Desk; readonly folder: string }
  ofSeal(id: SealId): Promise<{ readonly desk: Desk; readonly delivery: Delivery }>
}

export function openDesks(own: Desk): Desks {
  let practice: Desk | null = null
  const all = (): readonly Desk[] => (practice === null ? [own] : [practice, own])
  return {
    own,
    all,
    setPractice(desk) {
      practice = desk
    },
    async ofTender(id) {
      for (const desk of all()) {
        const tender = await importedTender(desk.ports, id)
        if (tender !== null) return { desk, tender }
      }
      throw unknown('tender')
    },
    ofBid(id) {
      const desk = all().find(each => existsSync(bidFolder(each, id)))
      if (desk === undefined) throw unknown('bid')
      return { desk, folder: bidFolder(desk, id) }
    },
    async ofSeal(id) {
      for (const desk of all()) {
        const delivery = await desk.ports.deliveries.get(id)
        if (delivery !== null) return { desk, delivery }
      }
      throw unknown('sealed bid')
    },
  }
}

/** Where a desk keeps the bids being made, each in a folder named by its id. */
export function bidsFolder({ ports }: Desk): string {
  return join(ports.home.root, 'bids')
}

/** The folder of a bid. An id is 32 hex digits: it can't lead out of the folder. */
export function bidFolder(desk: Desk, id: BidId): string {
  return join(bidsFolder(desk), id)
}

/** A new name for a sealed bid, in a folder that is there. Throws `output.*`. */
export async function sealedFile({ ports }: Desk, bid: BidId): Promise<string> {
  const folder = join(ports.home.root, 'sealed')
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error)
  })
  return join(folder, `${bid}-${randomBytes(4).toString('hex')}.sbid`)
}

/** The trust list of a desk's home. */
export function trustOf({ ports }: Desk): Promise<Trust> {
  return loadTrust(ports.home, [], { at: ports.clock.now() })
}

function unknown(what: string): AppFailure {
  return new AppFailure('arguments.bad', `there is no such ${what}`)
}
