import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isJournalKind } from '../../../../main/services/evidence/kinds.ts'

const main = fileURLToPath(new URL('../../../../main', import.meta.url))

it('lists every kind that is written into the journal anywhere', () => {
  const written = sources(main).flatMap(path =>
    [...readFileSync(path, 'utf8').matchAll(/journal\s*\.append\(\s*'([^']+)'/g)].map(([, kind = '']) => kind),
  )
  expect(written.length).toBeGreaterThan(8)
  expect(written.filter(kind => !isJournalKind(kind))).toEqual([])
})

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}
