import { lstat, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { AppFailure } from '../../contract/failure.ts'
import type { SignOutput } from './sign-request.ts'

/** One document of a batch and where it goes. */
export interface SignTarget {
  /** As it was named. */
  readonly file: string
  /** The document that is read; links are followed only where it is written over. */
  readonly path: string
  /** The signed document. */
  readonly output: string
  /** Whether the output is the document itself. */
  readonly inPlace: boolean
}

/**
 * Where every document goes. Nothing is written. A detached signature leaves its document as it is, so that only a folder
 * makes it another file. Throws `arguments.bad` for a document named twice and for two that would have the same name,
 * `output.unwritable` for a folder that is a file.
 */
export async function targetsOf(
  files: readonly string[],
  output: SignOutput,
  kind: 'pdf' | 'detached',
): Promise<readonly SignTarget[]> {
  if (output.kind === 'folder') await requireFolder(output.path)
  const targets = await Promise.all(files.map(file => targetOf(file, output, kind)))
  requireDistinct(
    await Promise.all(targets.map(({ path }) => realpath(path).catch(() => path))),
    'a document is named twice',
  )
  requireDistinct(
    targets.map(target => target.output),
    'two documents would be written under one name; sign them into different folders',
  )
  return targets
}

async function targetOf(file: string, output: SignOutput, kind: 'pdf' | 'detached'): Promise<SignTarget> {
  const path = resolve(file)
  if (output.kind === 'folder') {
    const into = join(resolve(output.path), basename(path))
    const [from, to] = await Promise.all([path, into].map(one => realpath(one).catch(() => one)))
    // A folder that holds the document is no leave to write over it.
    if (from === to && kind === 'pdf')
      throw new AppFailure('arguments.bad', 'the folder holds the documents themselves')
    return { file, path, output: into, inPlace: from === to }
  }
  if (kind === 'detached') return { file, path, output: path, inPlace: true }
  if (output.kind === 'in-place') {
    // A link keeps pointing where it does; what it points to is signed.
    const real = await realpath(path).catch(() => path)
    return { file, path: real, output: real, inPlace: true }
  }
  const extension = extname(path)
  return { file, path, output: join(dirname(path), `${basename(path, extension)}-signed${extension}`), inPlace: false }
}

/** Whether anything stands under a name, a dangling link too. */
export function isTaken(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory() === false) throw new AppFailure('output.unwritable', 'the output is no folder')
}

function requireDistinct(paths: readonly string[], detail: string): void {
  // Names that differ in case alone are one file on most desks.
  if (new Set(paths.map(path => path.toLowerCase())).size < paths.length) throw new AppFailure('arguments.bad', detail)
}
