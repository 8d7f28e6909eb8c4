import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask } from './bridge.ts'
import type { Hands } from './hands.ts'
import type { RunningApp } from './launch.ts'

const openingForm = {
  price: '33,185,612.00',
  priceInWords: '叁仟叁佰壹拾捌万伍仟陆佰壹拾贰元整',
  days: '365',
  quality: '合格',
  manager: '李明远',
}

/** Composes a whole bid on the screen out of a folder of documents, named in the order of the tender's list. */
export async function composeBid(running: RunningApp, hands: Hands, documents: string): Promise<void> {
  await hands.go('documents')
  await hands.part('input-bidder-name').fill('云岭建设集团有限公司')
  await hands.press('bid.create')
  const [tender] = await ask(running.page, 'tender.list')
  const files = readdirSync(documents).sort()
  const places = tender!.documents.filter(({ required }) => required)
  for (const [index, place] of places.entries()) {
    await hands.willPick(join(documents, files[index]!))
    await hands.press('bid.addDocument', place.id)
    await hands.part('place', place.id).getByText(files[index]!).waitFor()
  }
  await hands.part('field-opening.bidder').fill('云岭建设集团有限公司')
  for (const [name, value] of Object.entries(openingForm)) await hands.part(`field-opening.${name}`).fill(value)
  await hands.press('bid.fillForm', 'opening')
  await expect.poll(() => hands.part('form-state', 'opening').getAttribute('data-state')).toBe('saved')
}
