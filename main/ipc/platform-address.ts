import { AppFailure } from '../contract/failure.ts'
import type { Delivery } from '../store/index.ts'
import type { Desk } from './desks.ts'

/** Where the platform of a sealed bid is reached: as the user set it, else where the bid went before. Throws `arguments.bad`. */
export function platformOf({ settings }: Desk, { packageDigest, platform }: Delivery): string {
  const address = settings.current.platforms[packageDigest] ?? platform
  if (address === undefined) throw new AppFailure('arguments.bad', "the platform's address is not set")
  return address
}
