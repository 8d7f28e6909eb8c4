import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cacheFolder, makeOnce } from '../../../build/runtime/cache.mjs'

let scratch = ''

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bidseal-cache-'))
})

afterEach(async () => {
  await rm(scratch, { recursive: true })
})

test('keeps runtimes under XDG_CACHE_HOME, else under .cache of the home folder', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/bidseal')
  expect(cacheFolder({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/bidseal$/)
})

test('several makers of one folder leave one whole folder and no draft', async () => {
  const folder = join(scratch, 'runtime')
  const make = (who: string) => makeOnce(folder, draft => writeFile(join(draft, 'electron'), who))
  await Promise.all(['first', 'second', 'third'].map(make))
  expect(await readdir(scratch)).toEqual(['runtime'])
  expect(['first', 'second', 'third']).toContain(await readFile(join(folder, 'electron'), 'utf8'))
})

test('a maker that fails leaves nothing', async () => {
  const folder = join(scratch, 'runtime')
  const failing = makeOnce(folder, async draft => {
    await writeFile(join(draft, 'half'), '')
    throw new Error('cut off')
  })
  await expect(failing).rejects.toThrow('cut off')
  expect(await readdir(scratch)).toEqual([])
})
