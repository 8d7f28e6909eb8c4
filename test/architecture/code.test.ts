import { expect, test } from 'vitest'
import {
  anyViolations,
  fetchViolations,
  laterViolations,
  leftOutViolations,
  lengthViolations,
  powerViolations,
  switchedOffViolations,
} from './rules/code.ts'
import { sourcesUnder } from './rules/source.ts'

const everything = sourcesUnder('main', 'renderer', 'crypto', 'test', 'build')
const product = everything.filter(({ file }) => !file.startsWith('test/') && !file.startsWith('build/'))
const tests = everything.filter(({ file }) => file.startsWith('test/'))
const inFile = (text: string) => ({ file: 'crypto/sample.ts', text })
const inTest = (text: string) => ({ file: 'test/crypto/sample.test.ts', text })

test('no file is longer than 500 lines', () => {
  expect(everything.flatMap(lengthViolations)).toEqual([])
  expect(lengthViolations(inFile('\n'.repeat(500)))).toEqual([])
  expect(lengthViolations(inFile('\n'.repeat(501)))).toHaveLength(1)
})

test('nothing is typed `any`', () => {
  expect(everything.flatMap(anyViolations)).toEqual([])
  expect(anyViolations(inFile('const a: any = 1\nconst b = 2 as any'))).toHaveLength(2)
  expect(anyViolations(inFile('// any\nconst any = "any"'))).toEqual([])
})

test('no work is left for later in a comment', () => {
  expect(everything.flatMap(laterViolations)).toEqual([])
  expect(laterViolations(inFile(`// ${'TO' + 'DO'}: finish`))).toHaveLength(1)
})

test('no test is switched off', () => {
  expect(tests.flatMap(switchedOffViolations)).toEqual([])
  for (const off of ['test.skip("x")', 'describe.only("x")', 'it.todo("x")', 'test.each([1]).skip("x")', 'xit("x")']) {
    expect(switchedOffViolations(inTest(off))).not.toEqual([])
  }
  expect(switchedOffViolations(inTest('source.skip(3); test("does not skip")'))).toEqual([])
})

test('a test leaves itself out only through test/setup', () => {
  expect(tests.flatMap(leftOutViolations)).toEqual([])
  expect(leftOutViolations(inTest('test("x", context => { context.skip() })'))).toHaveLength(1)
  expect(leftOutViolations(inTest('test("x", ({ skip }) => { skip() })'))).toHaveLength(1)
})

test('the product uses no eval and no dice of its own', () => {
  expect(product.flatMap(powerViolations)).toEqual([])
  expect(powerViolations(inFile('eval("1")'))).toHaveLength(1)
  expect(powerViolations(inFile('new Function("return 1")'))).toHaveLength(1)
  expect(powerViolations(inFile('const wait = Math.random() * 100'))).toHaveLength(1)
})

test('crypto/ reaches no network', () => {
  expect(product.filter(({ file }) => file.startsWith('crypto/')).flatMap(fetchViolations)).toEqual([])
  expect(fetchViolations(inFile('await fetch(url)'))).toHaveLength(1)
  expect(fetchViolations(inFile('await globalThis.fetch(url)'))).toHaveLength(1)
})
