import type { KeyOpener } from '../../../crypto/envelope/key-opener.ts'
import type { Signer } from '../../../crypto/sign/signer.ts'
import type { Suite } from '../../../crypto/suite.ts'
import { type GmPerson, gmPeople } from './gm/world.ts'
import { people, type Person } from './world.ts'

/** Somebody of either suite. */
export type Anybody = Person | GmPerson

/** What both suites' people have in common. */
export interface Party {
  /** DER. */
  readonly certificate: Uint8Array
  signer(): Signer
  opener(): KeyOpener
}

/** Everybody whose certificate stands in certificates/. */
export const everybody: Readonly<Record<Anybody, Party>> = { ...people, ...gmPeople }

/** Who signs for the bidder in a suite, unless another is named. */
export function bidderSigner(suite: Suite): Signer {
  return everybody[suite.id === 'gm-1' ? 'gm-bidder-sign' : 'bidder-sign'].signer()
}
