import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFiles } from '../../../crypto/io/node-files.ts'
import { codeOf } from '../../fixtures/refusals.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a file being read', () => {
  it('gives any range, and refuses one outside or after closing', async () => {
    writeFileSync(join(folder, 'a'), 'hello')
    const source = await nodeFiles.open(join(folder, 'a'))
    const bytes = new Uint8Array(3)
    await source.read(1, bytes)
    expect(Buffer.from(bytes).toString()).toBe('ell')
    for (const offset of [-1, 3]) expect(await codeOf(() => source.read(offset, bytes))).toBe('input.unreadable')
    await source.close()
    await source.close()
    expect(await codeOf(() => source.read(0, bytes))).toBe('input.unreadable')
  })

  it('is refused when it is not there or no regular file', async () => {
    expect(await codeOf(() => nodeFiles.open(join(folder, 'none')))).toBe('input.unreadable')
    expect(await codeOf(() => nodeFiles.open(folder))).toBe('input.unreadable')
  })

  it('is reported as changed when it grows or shrinks meanwhile', async () => {
    for (const change of [appendFileSync, (path: string) => truncateSync(path, 2)]) {
      writeFileSync(join(folder, 'a'), 'hello')
      const source = await nodeFiles.open(join(folder, 'a'))
      change(join(folder, 'a'), 'x')
      expect(await codeOf(() => source.read(0, new Uint8Array(5)))).toBe('input.changed')
      await source.close()
    }
  })
})

describe('a draft', () => {
  it('stands under its own name until it is committed', async () => {
    const draft = await nodeFiles.create(join(folder, 'out'), 10)
    await draft.write(2, Buffer.from('cd'))
    await draft.write(0, Buffer.from('ab'))
    expect(readdirSync(folder)).toEqual(['out.part'])
    expect(draft.draftPath).toBe(join(folder, 'out.part'))
    await draft.commit()
    await draft.discard()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('abcd')
  })

  it('leaves an older file alone when it is discarded, twice', async () => {
    writeFileSync(join(folder, 'out'), 'old')
    const draft = await nodeFiles.create(join(folder, 'out'), 10)
    await draft.write(0, Buffer.from('new'))
    await draft.discard()
    await draft.discard()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('old')
  })

  it('takes the place of a draft that a killed run left, and never writes through a link', async () => {
    writeFileSync(join(folder, 'victim'), 'precious')
    symlinkSync(join(folder, 'victim'), join(folder, 'out.part'))
    const draft = await nodeFiles.create(join(folder, 'out'), 10)
    await draft.write(0, Buffer.from('new'))
    await draft.commit()
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious')
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('new')
    if (process.platform !== 'win32') expect(statSync(join(folder, 'out')).mode & 0o077).toBe(0)
  })

  it('is never committed from under another run, whose draft is left alone', async () => {
    const first = await nodeFiles.create(join(folder, 'out'), 10)
    await first.write(0, Buffer.from('first'))
    const second = await nodeFiles.create(join(folder, 'out'), 10)
    await second.write(0, Buffer.from('sec'))
    expect(await codeOf(() => first.commit())).toBe('output.unwritable')
    await first.discard()
    expect(readdirSync(folder)).toEqual(['out.part'])
    await second.write(3, Buffer.from('ond'))
    await second.commit()
    await first.discard()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('second')
  })

  it('leaves what another run has committed when its own draft is gone', async () => {
    const first = await nodeFiles.create(join(folder, 'out'), 10)
    const second = await nodeFiles.create(join(folder, 'out'), 10)
    await second.write(0, Buffer.from('second'))
    await second.commit()
    expect(await codeOf(() => first.commit())).toBe('output.unwritable')
    await first.discard()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('second')
  })

  it('says it stands only if it does, however two runs for one output meet', async () => {
    for (let round = 0; round < 40; round += 1) {
      const run = async (text: string): Promise<string | null> => {
        const draft = await nodeFiles.create(join(folder, 'out'), 10)
        try {
          await draft.write(0, Buffer.from(text.slice(0, 2)))
          await draft.write(2, Buffer.from(text.slice(2)))
          await draft.commit()
          return text
        } finally {
          await draft.discard()
        }
      }
      const runs = await Promise.allSettled([run('left'), run('right')])
      const stood = runs.flatMap(each => (each.status === 'fulfilled' ? each.value : []))
      const standing = readdirSync(folder)
      expect(standing).toEqual(stood.length === 0 ? [] : ['out'])
      if (stood.length > 0) expect(stood).toContain(readFileSync(join(folder, 'out'), 'utf8'))
      rmSync(join(folder, 'out'), { force: true })
    }
  })

  it('is refused before it begins when the disk has too little space, and leaves nothing', async () => {
    expect(await codeOf(() => nodeFiles.create(join(folder, 'out'), 2 ** 52))).toBe('output.disk-full')
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused in a folder that is not there, and cannot replace a folder', async () => {
    expect(await codeOf(() => nodeFiles.create(join(folder, 'none', 'out'), 1))).toBe('output.unwritable')
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'out', 'x'), '')
    const draft = await nodeFiles.create(join(folder, 'out'), 1)
    expect(await codeOf(() => draft.commit())).toBe('output.unwritable')
    await draft.discard()
    expect(readdirSync(folder)).toEqual(['out'])
  })
})
