import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import ts from 'typescript'
import { parse, visitAll, type Source } from './source.ts'

/**
 * What a file imports: files of ours as paths from the top of the project, packages by name, Node's modules with `node:`.
 * An import whose target is computed comes back as `computed` and fits no layer.
 */
export function importsOf(source: Source): readonly string[] {
  const targets = new Set<string>()
  visitAll(parse(source), node => {
    const specifier = specifierOf(node)
    if (specifier !== null) targets.add(resolve(source.file, specifier))
  })
  return [...targets]
}

/** What stands for an import that can't be read from the source. */
export const computed = 'computed'

const ourFolders = new Set(['main', 'renderer', 'crypto', 'test', 'build'])

function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node)) return literal(node.moduleSpecifier)
  if (ts.isExportDeclaration(node)) return node.moduleSpecifier === undefined ? null : literal(node.moduleSpecifier)
  if (ts.isExternalModuleReference(node)) return literal(node.expression)
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : computed
  if (!ts.isCallExpression(node)) return null
  if (isLoader(node.expression)) return literal(node.arguments[0])
  return isBackDoor(node) ? computed : null
}

/** `import(…)`, `require(…)` and `createRequire(…)(…)`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true
  return isCalled('require', callee) || (ts.isCallExpression(callee) && isCalled('createRequire', callee.expression))
}

/** Ways to come by a module past every import; `createRequire(…)` too when it is kept to be called later. */
function isBackDoor(call: ts.CallExpression): boolean {
  const callee = call.expression
  if (isCalled('createRequire', callee)) return !(ts.isCallExpression(call.parent) && call.parent.expression === call)
  return ts.isPropertyAccessExpression(callee) && ['getBuiltinModule', 'binding'].includes(callee.name.text)
}

function isCalled(name: string, callee: ts.Expression): boolean {
  return ts.isIdentifier(callee) && callee.text === name
}

function literal(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : computed
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(file), specifier))
  // A package, or Node's module without `node:`, that is called like a folder of ours is not that folder.
  const first = specifier.split('/')[0] ?? ''
  return ourFolders.has(first) || builtinModules.includes(first) ? `package ${specifier}` : specifier
}
