import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { projectRoot } from '../../../build/project.mjs'

/** One file of the project as the rules see it. */
export interface Source {
  /** Its path from the top of the project, with `/`. */
  readonly file: string
  readonly text: string
}

/** Something a rule found: where, and what is wrong. */
export interface Violation {
  readonly file: string
  readonly what: string
}

const code = /\.(ts|tsx|mts|mjs|cts|cjs|js)$/
const notOurs = new Set(['node_modules', 'out', 'test-results', '.git'])

/** Every file under the given folders of the project, those that exist, but for what is installed or built. */
export function filesUnder(...folders: readonly string[]): readonly string[] {
  return folders.flatMap(folder => (existsSync(join(projectRoot, folder)) ? walk(folder) : [])).sort()
}

/** The source code under the given folders. */
export function sourcesUnder(...folders: readonly string[]): readonly Source[] {
  return filesUnder(...folders)
    .filter(file => code.test(file))
    .map(file => ({ file, text: readText(file) }))
}

/** The text of a file of the project. */
export function readText(file: string): string {
  return readFileSync(join(projectRoot, file), 'utf8')
}

/** The syntax tree of a source file, with parents. */
export function parse({ file, text }: Source): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
}

/** Calls `visit` for a node and everything in it. */
export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, child => {
    visitAll(child, visit)
  })
}

/** The line of a node, counted from 1. */
export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

function walk(folder: string): readonly string[] {
  const entries = readdirSync(join(projectRoot, folder), { withFileTypes: true })
  return entries.flatMap(entry => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : walk(path)
    return entry.isFile() ? [path] : []
  })
}
