import { stat } from 'node:fs/promises'
import type { Delivery } from '../store/index.ts'

/**
 * Whether a bid for a lot may have been received and can't be submitted once more to find out, because its file is gone:
 * the one case in which another is sealed beside it. `forLot` is what this computer knows of the lot; `ready` the sealed bid
 * that holds what the draft holds now, which is to be submitted and not sealed twice.
 */
export async function lostOnItsWay(forLot: readonly Delivery[], ready: Delivery | null): Promise<boolean> {
  if (ready?.state === 'sealed' && (await isHere(ready))) return false
  const onTheirWay = forLot.filter(({ state }) => state === 'submitting')
  const here = await Promise.all(onTheirWay.map(isHere))
  return onTheirWay.length > 0 && !here.includes(true)
}

async function isHere({ sealedPath }: Delivery): Promise<boolean> {
  if (sealedPath === undefined) return false
  return stat(sealedPath).then(
    status => status.isFile(),
    () => false,
  )
}
