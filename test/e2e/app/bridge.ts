import type { Page } from 'playwright-core'
import type { Failure, Result } from '../../../main/contract/failure.ts'
import type { Args, Channel, Reply } from '../../../main/contract/requests.ts'

/** Asks as the page's own code does. Throws with the code of a failure. */
export async function ask<K extends Channel>(page: Page, channel: K, ...args: Args<K>): Promise<Reply<K>> {
  const result = await askRaw(page, channel, args)
  if (!result.ok) throw new Error(`${channel}: ${result.failure.code} ${result.failure.detail ?? ''}`)
  return result.value as Reply<K>
}

/** Asks with anything at all, as a page that has been taken over may. */
export async function askRaw(page: Page, channel: string, args: readonly unknown[]): Promise<Result<unknown>> {
  return page.evaluate(
    async ([name, values]) => {
      const surface = Reflect.get(globalThis, 'bidseal') as Record<string, (...values: unknown[]) => Promise<never>>
      return surface[name]!(...values)
    },
    [channel, args] as const,
  )
}

/** The failure of a request that must be refused. */
export async function refusal(page: Page, channel: string, args: readonly unknown[]): Promise<Failure> {
  const result = await askRaw(page, channel, args)
  if (result.ok) throw new Error(`${channel} was answered`)
  return result.failure
}
