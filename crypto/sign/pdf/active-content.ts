import { allObjects } from './all-objects.ts'
import type { PdfDocument } from './document.ts'
import { is, isName, type PdfDictionary, type PdfObject } from './objects.ts'

/** What a document could do besides being read, and what it carries. */
export interface ActiveContent {
  /** Scripts, wherever they hang. */
  readonly hasJavaScript: boolean
  /** Actions that start a program, send or fetch data. */
  readonly hasLaunchActions: boolean
  /** Embedded files, by count. */
  readonly embeddedFiles: number
  /** Films, sounds, 3D. */
  readonly hasMedia: boolean
}

const launching: ReadonlySet<string> = new Set(['Launch', 'SubmitForm', 'ImportData', 'GoToE'])
const media: ReadonlySet<string> = new Set(['RichMedia', 'Movie', 'Sound', 'Screen', '3D'])

/**
 * Looks through every object the cross-reference names, reachable or not: a script hangs in a dozen places, and hidden
 * ones are no better. Streams' data are not looked at.
 */
export async function findActiveContent(document: PdfDocument): Promise<ActiveContent> {
  const found = { hasJavaScript: false, hasLaunchActions: false, embeddedFiles: 0, hasMedia: false }
  for await (const object of allObjects(document)) look(object, found)
  return found
}

function look(object: PdfObject, found: { -readonly [key in keyof ActiveContent]: ActiveContent[key] }): void {
  if (is(object, 'array')) for (const item of object.items) look(item, found)
  const isStream = is(object, 'stream')
  const dictionary: PdfDictionary | null = isStream ? object.dictionary : is(object, 'dictionary') ? object : null
  if (dictionary === null) return
  const { entries } = dictionary
  const action = entries.get('S')
  if (isName(action, 'JavaScript') || entries.has('JS')) found.hasJavaScript = true
  if (isName(action) && launching.has(action.name)) found.hasLaunchActions = true
  if (isStream && (isName(entries.get('Type'), 'EmbeddedFile') || entries.has('Params'))) found.embeddedFiles += 1
  const subtype = entries.get('Subtype')
  if (isName(subtype) && media.has(subtype.name)) found.hasMedia = true
  for (const value of entries.values()) look(value, found)
}
