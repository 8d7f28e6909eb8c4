import type { PdfDocument } from './document.ts'
import type { Form } from './fields.ts'
import { is, isName, type PdfDictionary } from './objects.ts'

/**
 * What earlier signers still allow (ISO 32000-1, 12.8.2.2; ISO 32000-2, 12.8.2.2 and the field lock's P): 1 nothing, 2
 * filling in forms and signing, 3 annotations too. Null: nobody has said anything.
 */
export type Permission = 1 | 2 | 3

/** The strictest of what the signatures in a document allow. */
export async function readPermission(document: PdfDocument, form: Form | null): Promise<Permission | null> {
  const found: Permission[] = []
  const permissions = await document.dictionaryAt((await document.catalog()).entries.get('Perms'))
  const certifying = await document.dictionaryAt(permissions?.entries.get('DocMDP'))
  if (certifying !== null) found.push((await docMdpOf(document, certifying)) ?? 2)
  for (const field of form?.fields ?? []) {
    if (field.type !== 'Sig' || !is(field.value, 'dictionary')) continue
    const own = await docMdpOf(document, field.value)
    if (own !== null) found.push(own)
    const lock = await document.dictionaryAt(field.dictionary.entries.get('Lock'))
    const locked = permissionOf(await document.resolve(lock?.entries.get('P')))
    if (locked !== null) found.push(locked)
  }
  return found.length === 0 ? null : found.reduce((a, b) => (a < b ? a : b))
}

/** What one signature's DocMDP transform allows; null when it has none. */
export async function docMdpOf(document: PdfDocument, signature: PdfDictionary): Promise<Permission | null> {
  const references = await document.arrayAt(signature.entries.get('Reference'))
  for (const item of (references?.items ?? []).slice(0, 16)) {
    const transform = await document.dictionaryAt(item)
    if (!isName(await document.resolve(transform?.entries.get('TransformMethod')), 'DocMDP')) continue
    const parameters = await document.dictionaryAt(transform?.entries.get('TransformParams'))
    return permissionOf(await document.resolve(parameters?.entries.get('P'))) ?? 2
  }
  return null
}

function permissionOf(value: unknown): Permission | null {
  return value === 1 || value === 2 || value === 3 ? value : null
}
