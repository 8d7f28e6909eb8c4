import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TenderForm } from '../../../../crypto/index.ts'
import {
  expiries,
  fillFromLibrary,
  isIdentityNumber,
  isMobileNumber,
  libraryAt,
  librarySources,
  masked,
} from '../../../../main/services/index.ts'
import type { Library, LibraryEntry } from '../../../../main/services/index.ts'
import { homeAt } from '../../../../main/store/index.ts'

let root: string
let library: Library
let paper: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-library-'))
  library = libraryAt(homeAt(join(root, 'home')))
  paper = join(root, '资质证书.pdf')
  writeFileSync(paper, '%PDF-1.7')
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const values = (...pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> => new Map(pairs)
const licence = { kind: 'certificate', id: 'zz', title: '资质证书', values: values(['等级', '壹级']) } as const

describe('the company library', () => {
  it('is empty, and not even a folder, until something is put into it', async () => {
    expect(await library.contents()).toEqual({ company: [], entries: [] })
    expect(readdirSync(root)).toEqual(['资质证书.pdf'])
  })

  it('keeps basic facts, licences, projects and people as files a person can read, for their owner alone', async () => {
    await library.setCompany(values(['企业名称', '云岭建设集团有限公司'], ['注册资本', '1 亿元']))
    await library.add({ ...licence, validUntil: '2026-12-31', files: [paper] })
    await library.add({ kind: 'project', id: 'p1', title: '滨河路', values: values(), files: [] })
    await library.add({
      kind: 'person',
      id: '李明远',
      title: '李明远',
      values: values(['职务', '项目经理']),
      files: [],
    })
    const entry = join(library.folder, '证照', 'zz')
    expect(readdirSync(entry).sort()).toEqual(['entry.json', '资质证书.pdf'])
    expect(JSON.parse(readFileSync(join(entry, 'entry.json'), 'utf8'))).toEqual({
      format: 'bidseal-library/1',
      id: 'zz',
      kind: 'certificate',
      title: '资质证书',
      validUntil: '2026-12-31',
      fields: [{ name: '等级', value: '壹级' }],
      files: ['资质证书.pdf'],
    })
    expect(statSync(library.folder).mode & 0o777).toBe(0o700)
    for (const name of ['entry.json', '资质证书.pdf']) expect(statSync(join(entry, name)).mode & 0o777).toBe(0o600)
    const { entries } = await library.contents()
    expect(entries.map(({ id, kind }) => `${kind} ${id}`)).toEqual(['certificate zz', 'project p1', 'person 李明远'])
  })

  it('changes an entry field by field, file by file, and takes out what is emptied', async () => {
    await library.add({ ...licence, validUntil: '2026-12-31', files: [paper] })
    writeFileSync(paper, 'renewed')
    writeFileSync(join(root, '副本.pdf'), 'copy')
    const changed = await library.change('zz', {
      ...{ title: '施工资质', validUntil: '', files: [paper, join(root, '副本.pdf')] },
      values: values(['等级', ''], ['编号', 'D123']),
    })
    expect(changed).toEqual({
      ...{ id: 'zz', kind: 'certificate', title: '施工资质' },
      fields: [{ name: '编号', value: 'D123' }],
      files: ['资质证书.pdf', '副本.pdf'],
    })
    expect(await library.entry('zz')).toEqual(changed)
    expect(readFileSync(library.fileOf(changed, '资质证书.pdf'), 'utf8')).toBe('renewed')
    expect(() => library.fileOf(changed)).toThrow(/name one/)
    expect(() => library.fileOf(changed, '../../home.pdf')).toThrow(/no such file/)
  })

  it('removes an entry with its files', async () => {
    await library.add({ ...licence, files: [paper] })
    await library.remove('zz')
    expect(readdirSync(join(library.folder, '证照'))).toEqual([])
    await expect(library.entry('zz')).rejects.toMatchObject({ code: 'arguments.bad' })
    await expect(library.remove('zz')).rejects.toMatchObject({ code: 'arguments.bad' })
  })

  it.each(['', '..', 'a/b', '.hidden', 'a b', 'con', 'x'.repeat(65), 'a.'])('refuses the id %j', async id => {
    await expect(library.add({ ...licence, id, files: [] })).rejects.toMatchObject({ code: 'arguments.bad' })
  })

  it('refuses an id that is taken, by an entry of any kind, and files that are none', async () => {
    await library.add({ ...licence, files: [] })
    for (const kind of ['certificate', 'person'] as const) {
      await expect(library.add({ ...licence, kind, id: 'ZZ', files: [] })).rejects.toMatchObject({
        code: 'output.exists',
      })
    }
    for (const file of [join(root, 'none.pdf'), root]) {
      const added = library.add({ ...licence, id: 'other', files: [file] })
      await expect(added).rejects.toMatchObject({ code: 'input.unreadable' })
    }
    expect((await library.contents()).entries).toHaveLength(1)
  })

  it.each([
    ['no JSON', '{'],
    ['another id', '{"format":"bidseal-library/1","id":"yy","kind":"certificate","title":"t","fields":[],"files":[]}'],
    [
      'a file elsewhere',
      '{"format":"bidseal-library/1","id":"zz","kind":"certificate","title":"t","fields":[],"files":["../x"]}',
    ],
    [
      'a day that is none',
      '{"format":"bidseal-library/1","id":"zz","kind":"certificate","title":"t","validUntil":"never","fields":[],"files":[]}',
    ],
  ])('refuses an entry whose file holds %s', async (_what, text) => {
    mkdirSync(join(library.folder, '证照', 'zz'), { recursive: true })
    writeFileSync(join(library.folder, '证照', 'zz', 'entry.json'), text)
    await expect(library.contents()).rejects.toMatchObject({ code: 'input.unreadable' })
  })

  it('loses nothing when several programs change it at once', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map(name => library.setCompany(values([name, name]))))
    expect((await library.contents()).company.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('expiry', () => {
  const entry = (validUntil?: string): LibraryEntry => ({
    ...{ id: validUntil ?? 'none', kind: 'certificate', title: 't', fields: [], files: [] },
    ...(validUntil === undefined ? {} : { validUntil }),
  })
  // Three in the morning in China, still the day before in UTC.
  const now = new Date('2026-02-28T19:00:00Z')
  const needed = new Date('2026-03-20T01:00:00Z')

  it('is held against today in China and the day of the opening, most urgent first', () => {
    const days = ['2026-04-19', '2026-04-18', '2026-03-20', '2026-03-19', '2026-03-01', '2026-02-28', undefined]
    const found = expiries(days.map(entry), { now, needed, margin: 30 })
    expect(found.map(({ validUntil, state, days: left }) => `${validUntil} ${state} ${left}`)).toEqual([
      '2026-02-28 expired -20',
      '2026-03-01 too-early -19',
      '2026-03-19 too-early -1',
      '2026-03-20 soon 0',
      '2026-04-18 soon 29',
    ])
  })

  it('needs no tender', () => {
    const found = expiries([entry('2026-03-01'), entry('2026-02-28')], { now, margin: 0 })
    expect(found.map(({ state }) => state)).toEqual(['expired'])
  })
})

describe('filling a form from the library', () => {
  const form: TenderForm = {
    id: 'opening',
    fields: [
      { name: 'bidder', title: '投标人名称' },
      { name: '统一社会信用代码（18 位）' },
      { name: '注册资金' },
      { name: '项目经理' },
      { name: '注册 地址：' },
      { name: '投标总价', kind: 'amount' },
      { name: '成立日期', kind: 'date', max: '2020-01-01' },
      { name: '开户行' },
    ],
  }
  const company = [
    { name: '企业名称', value: '云岭建设' },
    { name: '统一社会信用代码', value: '91530100MA6K00001X' },
    { name: '注册资本', value: '1 亿元' },
    { name: '注册地址', value: '昆明' },
    { name: '投标总价', value: '100' },
    { name: '成立日期', value: '2021-05-01' },
  ]
  const manager: LibraryEntry = {
    ...{ id: 'li', kind: 'person', title: '李明远', files: [] },
    fields: [
      { name: '职务', value: '项目经理' },
      { name: '注册资本', value: 'not the company’s' },
    ],
  }

  it('matches names, titles and the usual other words; leaves amounts, misfits and what is filled alone', () => {
    const { values: found, misfits } = fillFromLibrary(form, new Map([['注册 地址：', '昆明市盘龙区']]), [company])
    expect([...found]).toEqual([
      ['bidder', '云岭建设'],
      ['统一社会信用代码（18 位）', '91530100MA6K00001X'],
      ['注册资金', '1 亿元'],
    ])
    expect(misfits).toEqual(['成立日期'])
  })

  it('takes a person’s name for the post they hold, before what the company says', () => {
    const sources = librarySources({ company, entries: [manager] }, manager)
    const { values: found } = fillFromLibrary(form, new Map(), sources)
    expect(found.get('项目经理')).toBe('李明远')
    expect(found.get('注册资金')).toBe('not the company’s')
    expect(found.get('bidder')).toBe('云岭建设')
  })
})

describe('numbers of people', () => {
  it('are told by their form and check digit, and shown in part', () => {
    expect(isIdentityNumber('11010519491231002X')).toBe(true)
    expect(['110105194912310021', '11010519491331002X', '91530100MA6K00001X', '123'].map(isIdentityNumber)).toEqual(
      Array(4).fill(false),
    )
    expect(['13800138000', '+86 138-0013-8000', '138 0013 8000'].map(isMobileNumber)).toEqual(Array(3).fill(true))
    expect(['12800138000', '0871-65000000', '1380013800'].map(isMobileNumber)).toEqual(Array(3).fill(false))
    expect(masked('11010519491231002X')).toBe('110105********002X')
    expect(masked('13800138000')).toBe('138****8000')
    expect(masked('云岭建设')).toBe('云岭建设')
  })
})
