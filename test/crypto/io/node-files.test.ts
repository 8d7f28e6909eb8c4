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
