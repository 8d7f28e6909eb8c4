import { expect, test } from 'vitest'
import { exportsOf, passedOn, undocumented } from './rules/documentation.ts'
import { readText, sourcesUnder } from './rules/source.ts'

const exports = sourcesUnder('main', 'crypto').flatMap(exportsOf)

test('every export of the contract says what it is for', () => {
  expect(undocumented(exports.filter(({ file }) => file.startsWith('main/contract/')))).toEqual([])
})

test('everything that crypto/index.ts passes on says what it is for', () => {
  const file = 'crypto/index.ts'
  const passed = passedOn({ file, text: readText(file) })
  const isPassedOn = (file: string, name: string): boolean =>
    passed.some(each => each.file === file && (each.name === '*' || each.name === name))
  expect(passed.length).toBeGreaterThan(0)
  expect(undocumented(exports.filter(({ file, name }) => isPassedOn(file, name)))).toEqual([])
})

test('more than four fifths of all exports say what they are for', () => {
  const documented = exports.filter(each => each.documented)
  expect(documented.length / exports.length).toBeGreaterThan(0.8)
})

test('finds exports without a doc comment, and what an index passes on', () => {
  const file = 'crypto/sample/index.ts'
  const text = [
    '/** Says one. */\nexport const one = 1',
    'export const two = 2',
    'const three = 3',
    '// three plus one\nexport function four(): number { return three + 1 }',
    "export { six as sieben } from '../six.ts'",
    "export * from './eight.ts'",
  ].join('\n')
  expect(undocumented(exportsOf({ file, text })).map(({ what }) => what)).toEqual([
    'line 3: two has no doc comment',
    'line 6: four has no doc comment',
  ])
  expect(passedOn({ file, text })).toEqual([
    { file: 'crypto/six.ts', name: 'six' },
    { file: 'crypto/sample/eight.ts', name: '*' },
  ])
})
