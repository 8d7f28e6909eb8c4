import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { type Changes, forge } from '../forge.ts'
import { editBid, replaced } from '../inner.ts'
import { collect } from '../vector.ts'
import { twoKeyBid } from './keys.ts'

// Check 11: every document's digest, none missing or unlisted.

const code = 'seal.document'
type Listed = Readonly<Record<string, unknown>>

/** Vectors of the documents. */
export async function documentVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const refuse = async (name: string, comment: string, changes: Changes | Promise<Changes>) =>
    from(base)(`document-${name}`, code, comment, forge(base, await changes))
  const list = (name: string, comment: string, change: (documents: readonly Listed[]) => readonly object[]) =>
    refuse(
      name,
      comment,
      editBid(base, { fields: fields => ({ ...fields, documents: change(fields['documents'] as readonly Listed[]) }) }),
    )
  const first = (fields: Listed) => (documents: readonly Listed[]) =>
    documents.map((each, index) => (index === 0 ? { ...each, ...fields } : each))
  await list('digest', 'another digest', first({ digest: '00'.repeat(32) }))
  await list('size-larger', 'a size one larger than the document', documents =>
    first({ size: Number(documents[0]?.['size']) + 1 })(documents),
  )
  await list('size-smaller', 'a size one smaller than the document', documents =>
    first({ size: Number(documents[0]?.['size']) - 1 })(documents),
  )
  await list('size-zero', 'a document that is there, listed as empty', first({ size: 0 }))
  await list('unlisted', 'a document more than bid.json lists', documents => documents.slice(0, 2))
  await list('none-listed', 'documents, none of them listed', () => [])
  await list('missing', 'a listed document is missing', documents => [
    ...documents,
    { ...documents[0], id: 'd4', name: '缺.pdf' },
  ])
  await list('order', 'bid.json lists the documents in another order', documents => [...documents].reverse())
  await refuse('missing-last', 'the last document taken out', {
    inner: { body: entries => entries.filter(([name]) => name !== 'documents/0003') },
  })
  await refuse('byte', 'a byte of a document', {
    inner: {
      body: entries => {
        const bytes = Buffer.from(entries.find(([name]) => name === 'documents/0003')?.[1] ?? [])
        bytes[0] = 0x41
        return replaced(entries, { 'documents/0003': bytes })
      },
    },
  })
  await from(base)(
    'document-two-keys',
    code,
    'the bid that two keys open, with the key the header commits to: the block that made the tags equal spoils a document',
    twoKeyBid(base),
  )
  return vectors
}
