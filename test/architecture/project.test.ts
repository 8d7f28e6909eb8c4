import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { projectRoot } from '../../build/project.mjs'
import {
  dependenciesOf,
  dependencyViolations,
  lockViolations,
  machinePathViolations,
  staleRowViolations,
  topLevelViolations,
} from './rules/project.ts'
import { filesUnder, readText } from './rules/source.ts'

const readable = /\.(ts|tsx|mjs|cjs|js|json|md|yml|html|css|svg|txt)$|(^|\/)(run|\.gitignore|\.npmrc)$/

test('the top level holds only what it may', () => {
  expect(topLevelViolations(readdirSync(projectRoot))).toEqual([])
  expect(topLevelViolations(['crypto', 'src', 'vite.config.ts'])).toHaveLength(2)
})

test('every dependency is pinned, and the README says why it is there', () => {
  const dependencies = dependenciesOf(readText('package.json'))
  const readme = readText('README.md')
  expect(dependencyViolations(dependencies, readme)).toEqual([])
  expect(staleRowViolations(dependencies, readme)).toEqual([])
})

test('finds a dependency that floats, has no reason, or another version than the README says', () => {
  const readme = '## Dependencies\n\n| `yazl` | 3.3.1 | writes ZIP files |\n| `gone` | 1.0.0 | was needed once |\n'
  const one = (name: string, version: string) => [{ name, version }]
  expect(dependencyViolations(one('yazl', '3.3.1'), readme)).toEqual([])
  expect(dependencyViolations(one('yazl', '^3.3.1'), readme)).toHaveLength(1)
  expect(dependencyViolations(one('yazl', '3.4.0'), readme)).toHaveLength(1)
  expect(dependencyViolations(one('yauzl', '3.4.0'), readme)).toHaveLength(1)
  expect(staleRowViolations(one('yazl', '3.3.1'), readme)).toHaveLength(1)
})

test('the lock names no registry', () => {
  expect(lockViolations(readText('package-lock.json'))).toEqual([])
  expect(lockViolations('"resolved": "https://registry.example/a.tgz"')).toHaveLength(1)
})

test('no file names a path of one machine', () => {
  const texts = filesUnder('.').filter(file => readable.test(file) && file !== 'package-lock.json')
  expect(texts.length).toBeGreaterThan(40)
  expect(texts.flatMap(file => machinePathViolations({ file, text: readText(file) }))).toEqual([])
})

test.each([
  ['/ro', 'ot/.cache/x'],
  ['"/wo', 'rk/main"'],
  ['/ho', 'me/li/bids'],
  ['/Us', 'ers/li/bids'],
  ['C:\\Us', 'ers\\li'],
])('finds the machine path %s%s', (start, rest) => {
  expect(machinePathViolations({ file: 'crypto/sample.ts', text: start + rest })).toHaveLength(1)
})

test('takes no path of the system or of a server for a machine path', () => {
  const text =
    '/usr/lib/softhsm/libsofthsm2.so /tmp/x ~/work/x https://host/home/page ./root/x ${dir}/root/x ca/root.pem'
  expect(machinePathViolations({ file: 'crypto/sample.ts', text })).toEqual([])
})
