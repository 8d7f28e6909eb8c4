import ts from 'typescript'
import { lineOf, parse, visitAll, type Source, type Violation } from './source.ts'

const longestFile = 500
// Put together here so that this file does not hold what it looks for.
const laterMarks = new RegExp(`\\b(${['TO|DO', 'FIX|ME', 'XX|X'].map(mark => mark.replace('|', '')).join('|')})\\b`)
const testFunctions = new Set(['test', 'it', 'describe', 'suite', 'bench'])
const switchedOff = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails'])
const switchedOffNames = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe'])

/** A file that is too long holds more than one concept. */
export function lengthViolations({ file, text }: Source): readonly Violation[] {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  return lines > longestFile ? [{ file, what: `has ${lines} lines, more than ${longestFile}` }] : []
}

/** `any` switches the compiler off. */
export function anyViolations(source: Source): readonly Violation[] {
  return found(source, node => (node.kind === ts.SyntaxKind.AnyKeyword ? 'uses `any`' : null))
}

/** Work that is left for later belongs into a list of work, not into the source. */
export function laterViolations({ file, text }: Source): readonly Violation[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      laterMarks.test(line) ? [{ file, what: `line ${index + 1}: leaves work for later` }] : [],
    )
}

/** A test that is switched off, or that switches the others off, says nothing and looks green. */
export function switchedOffViolations(source: Source): readonly Violation[] {
  return found(source, node => {
    if (ts.isIdentifier(node) && switchedOffNames.has(node.text)) return `uses ${node.text}`
    if (!ts.isPropertyAccessExpression(node) || !switchedOff.has(node.name.text)) return null
    return testFunctions.has(firstName(node.expression)) ? `uses .${node.name.text}` : null
  })
}

/** A test may leave itself out only through test/setup, where the reason is printed at the end of the run. */
export function leftOutViolations(source: Source): readonly Violation[] {
  if (source.file.startsWith('test/setup/')) return []
  return found(source, node => {
    if (!ts.isCallExpression(node)) return null
    const called = node.expression
    if (ts.isIdentifier(called) && called.text === 'skip') return 'leaves a test out by itself'
    if (!ts.isPropertyAccessExpression(called) || called.name.text !== 'skip') return null
    return /^(context|ctx|task)$/.test(firstName(called.expression)) ? 'leaves a test out by itself' : null
  })
}

/** Ways around the compiler, the clock and the dice that no file of ours needs. */
export function powerViolations(source: Source): readonly Violation[] {
  return found(source, node => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'eval')
      return 'calls eval'
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Function') {
      return 'makes a function of text'
    }
    const random = ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random'
    return random ? 'uses Math.random: randomness comes in as a port' : null
  })
}

/** crypto/ reaches no network; `fetch` needs no import, so the layers do not see it. */
export function fetchViolations(source: Source): readonly Violation[] {
  return found(source, node => {
    const called = ts.isCallExpression(node) ? node.expression : null
    return called !== null && /^(globalThis\.)?fetch$/.test(called.getText()) ? 'calls fetch' : null
  })
}

/** The name a chain of properties and calls begins with: `test` in `test.each(rows).skip`. */
function firstName(expression: ts.Expression): string {
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return firstName(expression.expression)
  return ts.isIdentifier(expression) ? expression.text : ''
}

function found(source: Source, fault: (node: ts.Node) => string | null): readonly Violation[] {
  const tree = parse(source)
  const violations: Violation[] = []
  visitAll(tree, node => {
    const what = fault(node)
    if (what !== null) violations.push({ file: source.file, what: `line ${lineOf(tree, node)}: ${what}` })
  })
  return violations
}
