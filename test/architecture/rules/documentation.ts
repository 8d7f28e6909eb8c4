import { posix } from 'node:path'
import ts from 'typescript'
import { lineOf, parse, type Source, type Violation } from './source.ts'

/** Something a file offers to others. */
export interface Export {
  readonly file: string
  readonly line: number
  readonly name: string
  readonly documented: boolean
}

/** What a file declares and exports, with whether a doc comment says what it is for. */
export function exportsOf(source: Source): readonly Export[] {
  const tree = parse(source)
  return tree.statements.filter(isExported).flatMap(statement => {
    const documented = ts.getJSDocCommentsAndTags(statement).length > 0
    const line = lineOf(tree, statement)
    return namesOf(statement).map(name => ({ file: source.file, line, name, documented }))
  })
}

/** Exports without a doc comment, as violations. */
export function undocumented(exports: readonly Export[]): readonly Violation[] {
  return exports
    .filter(({ documented }) => !documented)
    .map(({ file, line, name }) => ({ file, what: `line ${line}: ${name} has no doc comment` }))
}

/** Which names of which files an index passes on; `*` for all of a file. */
export function passedOn(source: Source): readonly { readonly file: string; readonly name: string }[] {
  return parse(source).statements.flatMap(statement => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return []
    if (!ts.isStringLiteral(statement.moduleSpecifier)) return []
    const file = posix.join(posix.dirname(source.file), statement.moduleSpecifier.text)
    const clause = statement.exportClause
    if (clause === undefined || !ts.isNamedExports(clause)) return [{ file, name: '*' }]
    return clause.elements.map(element => ({ file, name: (element.propertyName ?? element.name).text }))
  })
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier }
  return name === undefined ? [] : [name.text]
}
