import { describe, expect, it } from 'vitest'
import { groups, scenarios } from '../../../../main/services/workbench/case.ts'
import { caseTable } from '../../../../main/services/workbench/cases/index.ts'

describe('the table of cases', () => {
  const table = caseTable()

  it('gives each case an id of its own, by whom it is for', () => {
    const ids = table.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const kindsOf = { C: ['pkcs11', 'skf'], P: ['pkcs11'], S: ['skf'] }
    for (const { id, kinds } of table) {
      expect(id).toMatch(/^[CPS]-[A-Z]{3}-[0-9]{3}$/)
      expect([id, kinds]).toEqual([id, kindsOf[id[0] as keyof typeof kindsOf]])
    }
  })

  it('runs group by group', () => {
    const order = table.map(({ group }) => groups.indexOf(group))
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('tells of each case in both languages what it is, why it matters and what to do, and by which clause', () => {
    for (const { id, text, clause } of table) {
      for (const part of [text.title, text.purpose, text.why, text.remedy]) {
        expect([id, /\p{Script=Han}/u.test(part.zh)]).toEqual([id, true])
        expect([id, /^[^\p{Script=Han}]+$/u.test(part.en)]).toEqual([id, true])
      }
      expect([id, clause === '']).toEqual([id, false])
    }
  })

  it('has a case of the product for every scenario that is judged by itself', () => {
    const shown = new Set(table.filter(({ group }) => group === 'product').flatMap(each => each.scenarios ?? []))
    expect([...shown]).toEqual(expect.arrayContaining(scenarios.filter(name => name !== 'rehearsal')))
  })
})
