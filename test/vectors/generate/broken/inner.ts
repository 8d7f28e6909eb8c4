import { blockSize } from '../../../../crypto/envelope/archive.ts'
import { oids } from '../../../../crypto/der/oids.ts'
import { context, octetString, oid, sequence } from '../../../../crypto/der/writer.ts'
import { derTree, edited } from '../../../fixtures/der-edit.ts'
import type { Entries } from '../../../fixtures/forged-bid.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { type Base, type Changes, entryNamed, forge, innerEntries, plaintextOf } from '../forge.ts'
import { editBid, editOpening, type InnerEdit, replaced } from '../inner.ts'
import { body as signedData, signatureOf } from '../signatures.ts'
import { collect } from '../vector.ts'
import { people, rival } from '../world.ts'

// Check 10: the archives inside the parts, the signatures of opening.json and bid.json, and what they are bound to.

const code = 'seal.inner'
type Refuse = (name: string, comment: string, changes: Changes | Promise<Changes>) => Promise<void>
type Fields = Readonly<Record<string, unknown>>

/** Vectors of what is inside the parts. */
export async function innerVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const refuse: Refuse = async (name, comment, changes) =>
    from(base)(`inner-${name}`, code, comment, forge(base, await changes))
  await bindings(base, refuse)
  await contents(base, refuse)
  await archives(refuse)
  const whole = await baseNamed('recovery')
  const refuseWhole: Refuse = async (name, comment, changes) =>
    from(whole)(`inner-${name}`, code, comment, forge(whole, await changes))
  await refuseWhole('whole-without-opening', 'sealed whole, without the opening data', {
    inner: { body: entries => entries.filter(([name]) => !name.startsWith('opening')) },
  })
  await refuseWhole('whole-opening-behind', 'sealed whole, the opening data behind bid.json', {
    inner: { body: entries => [...entries.slice(2, 4), ...entries.slice(0, 2), ...entries.slice(4)] },
  })
  const twin = await baseNamed('plain-twin')
  await from(twin)(
    'inner-plain-twin',
    code,
    'a plain twin whose root is of another plaintext',
    forge(twin, {
      header: header => ({
        ...header,
        remedy: {
          ...header.remedy,
          plainTwin: header.remedy?.plainTwin?.map(each => ({ ...each, root: '00'.repeat(32) })),
        },
      }),
    }),
  )
  await from(twin)(
    'inner-plain-twin-of-ciphertext',
    code,
    'a plain twin whose root is the one of the sealed part',
    forge(twin, {
      header: header => ({
        ...header,
        remedy: { ...header.remedy, plainTwin: header.parts.map(({ name, root }) => ({ name, root })) },
      }),
    }),
  )
  return vectors
}

async function bindings(base: Base, refuse: Refuse): Promise<void> {
  const both = async (name: string, comment: string, edit: InnerEdit) => {
    await refuse(`opening-${name}`, `opening.json: ${comment}`, editOpening(base, edit))
    await refuse(`bid-${name}`, `bid.json: ${comment}`, editBid(base, edit))
  }
  const set = (fields: Fields): InnerEdit => ({ fields: before => ({ ...before, ...fields }) })
  await both('seal-id', 'of another sealId', set({ sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172' }))
  await both('credit-code', "another bidder's credit code", set({ creditCode: rival.creditCode }))
  for (const [field, value] of Object.entries({
    platform: 'x',
    tenderId: 'x',
    lotId: '02',
    projectCode: 'x',
    packageDigest: '00'.repeat(32),
    deadline: '2026-03-02T08:00:01Z',
    openingTime: '2026-03-02T08:30:01Z',
  })) {
    await both(`tender-${field}`, `another tender.${field}`, {
      fields: before => ({ ...before, tender: { ...(before['tender'] as Fields), [field]: value } }),
    })
  }
  await both('another-signer', 'signed by another bidder', { signer: people['rival-sign'].signer() })
  await both('renewed-signer', "signed with the bidder's renewed certificate, not the header's signer", {
    signer: people['bidder-sign-renewed'].signer(),
  })
  await both('not-signed', 'changed after it was signed', {
    text: text => text.replace('"nonce":"', '"nonce":"0').replace(/([0-9a-f]{64})[0-9a-f]"/, '$1"'),
    sign: () => entryNamedBytes(base),
  })
  await both('embedded-content', 'the content inside its signature', {
    sign: bytes =>
      edited(signatureOf(bytes), [...signedData, 2], node => {
        node.children.push(derTree(context(0, octetString(bytes))))
      }),
  })
  await both('sha-1', 'signed with SHA-1', {
    sign: bytes => signatureOf(bytes, { hash: 'sha1', digestAlgorithm: sequence(oid(oids.sha1)) }),
  })
  await both('root-missing-intermediate', 'a signature without the intermediate certificate', {
    sign: bytes => signatureOf(bytes, { listed: [] }),
  })
  await refuse(
    'opening-digest',
    'bid.json names other opening data',
    editBid(base, set({ openingDigest: '00'.repeat(32) })),
  )
}

function entryNamedBytes(base: Base): Uint8Array {
  return entryNamed(base.entries, 'META-INF/seal.p7s')
}

async function contents(base: Base, refuse: Refuse): Promise<void> {
  const both = async (name: string, comment: string, edit: InnerEdit) => {
    await refuse(`opening-${name}`, `opening.json: ${comment}`, editOpening(base, edit))
    await refuse(`bid-${name}`, `bid.json: ${comment}`, editBid(base, edit))
  }
  const opening = (name: string, comment: string, fields: (before: Fields) => object) =>
    refuse(name, comment, editOpening(base, { fields }))
  const bid = (name: string, comment: string, fields: (before: Fields) => object) =>
    refuse(name, comment, editBid(base, { fields }))
  await both('unknown-field', 'a field that is not known', { fields: before => ({ ...before, priority: 1 }) })
  await both('unknown-field-in-tender', 'a field that is not known, in tender', {
    fields: before => ({ ...before, tender: { ...(before['tender'] as Fields), x: 1 } }),
  })
  await both('duplicate-name', 'a name twice', { text: text => `${text.slice(0, -1)},"forms":[]}` })
  await both('line-end', 'a line end', { text: text => `${text}\n` })
  await both('another-type', 'the type of another document', {
    text: text => text.replace(/bidseal\/1 (opening|bid)/, 'bidseal/1 submit'),
  })
  await both('nonce-missing', 'no nonce', {
    fields: before => Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'nonce')),
  })
  await both('nonce-short', 'a nonce of 31 bytes', { fields: before => ({ ...before, nonce: '00'.repeat(31) }) })
  await both('forms-missing', 'no forms', {
    fields: before => Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'forms')),
  })
  const ofOpening = innerEntries(plaintextOf(base, 'opening'))
  await refuse('opening-as-bid', 'opening.json and its signature in the place of bid.json', {
    inner: {
      body: entries =>
        replaced(entries, {
          'bid.json': entryNamed(ofOpening, 'opening.json'),
          'bid.p7s': entryNamed(ofOpening, 'opening.p7s'),
        }),
    },
  })
  const forms = [{ id: 'opening', fields: [{ name: '投标总价', value: '1.00' }] }]
  await opening('amount-number', 'an amount as a number', before => ({
    ...before,
    forms: [{ id: 'opening', fields: [{ name: '投标总价', value: 1 }] }],
  }))
  await opening('form-twice', 'a form twice in the opening data', before => ({
    ...before,
    forms: [...forms, ...forms],
  }))
  await opening('form-field-twice', 'a field twice in a form: two prices', before => ({
    ...before,
    forms: [
      {
        id: 'opening',
        fields: [
          { name: '投标总价', value: '1.00' },
          { name: '投标总价', value: '2.00' },
        ],
      },
    ],
  }))
  await opening('unknown-field-in-form', 'a field that is not known, in a form', before => ({
    ...before,
    forms: [{ ...forms[0], x: 1 }],
  }))
  await bid('form-in-both-parts', 'a form in the opening data and again in the body: two prices', before => ({
    ...before,
    forms,
  }))
  const listed = (before: Fields) => before['documents'] as readonly Fields[]
  const change = (name: string, comment: string, fields: Fields) =>
    bid(`document-${name}`, comment, before => ({
      ...before,
      documents: listed(before).map((each, index) => (index === 0 ? { ...each, ...fields } : each)),
    }))
  await change('id-twice', 'two documents of one id', { id: 'd2' })
  await change('name-twice', 'two documents of one name', { name: '空 文件.txt' })
  await change('name-parent', 'a document called ..', { name: '..' })
  await change('name-dot', 'a document called .', { name: '.' })
  await change('name-slash', 'a name that leads out of its folder', { name: '../../home/.profile' })
  await change('name-backslash', 'a name with a backslash', { name: '..\\x' })
  await change('name-empty', 'an empty name', { name: '' })
  await change('name-control', 'a name with a line end', { name: 'a\u000ab' })
  await change('name-del', 'a name with DEL', { name: 'a\u007fb' })
  await change('name-c1', 'a name with a C1 control character', { name: 'a\u0085b' })
  await change('name-long', 'a name of 256 bytes', { name: '标'.repeat(85) + 'x' })
  await change('size-string', 'a size as a string', { size: '1' })
  await change('digest-short', 'a digest of 31 bytes', { digest: '00'.repeat(31) })
  await change('media-type', 'a media type that is none', { mediaType: 'pdf' })
  await change('unknown-field', 'a field that is not known, in a document', { path: '/x' })
}

async function archives(refuse: Refuse): Promise<void> {
  const entries = (name: string, comment: string, change: (entries: Entries) => Entries) =>
    refuse(name, comment, { inner: { body: change } })
  const bytes = (name: string, comment: string, change: (plaintext: Uint8Array) => void) =>
    refuse(name, comment, {
      plaintext: {
        body: before => {
          const copy = Uint8Array.from(before)
          change(copy)
          return copy
        },
      },
    })
  await bytes('mtime', 'another mtime inside the body', plaintext => {
    plaintext.set(Buffer.from('00000000001'), 136)
    sumAnew(plaintext.subarray(0, blockSize))
  })
  await bytes('padding', 'padding that is not zero', plaintext => {
    plaintext[Buffer.from(plaintext).indexOf('documents/0001') - 1] = 1
  })
  await bytes('pad-not-zero', 'a byte in the pad', plaintext => {
    plaintext[plaintext.length - 3000] = 1
  })
  await bytes('end-not-zero', 'a byte in the zero blocks at the end', plaintext => {
    plaintext[plaintext.length - 1] = 1
  })
  const pad = (plaintext: Uint8Array) => Buffer.from(plaintext).lastIndexOf('pad\0\0')
  await bytes('pad-name', 'a pad of another name', plaintext => {
    const at = pad(plaintext)
    plaintext.set(Buffer.from('fill'), at)
    sumAnew(plaintext.subarray(at, at + blockSize))
  })
  await bytes('pad-one-less', 'a pad one byte shorter, the archive as long', plaintext =>
    resizePad(plaintext, pad(plaintext), -1),
  )
  await bytes('pad-one-more', 'a pad one byte longer, the archive as long', plaintext =>
    resizePad(plaintext, pad(plaintext), 1),
  )
  await refuse('pad-64-kib-more', 'a pad longer than it need be by 65,536', {
    plaintext: {
      body: before => {
        const longer = Buffer.concat([before, new Uint8Array(65_536)])
        resizePad(longer, pad(before), 65_536)
        return longer
      },
    },
  })
  await refuse('without-pad', 'no pad', {
    plaintext: {
      body: before => Buffer.concat([before.subarray(0, pad(before)), new Uint8Array(before.length - pad(before))]),
    },
  })
  await refuse('empty-archive', 'nothing but zeros', {
    plaintext: { opening: before => new Uint8Array(before.length) },
  })
  await entries('bid-json-missing', 'no bid.json', list => list.filter(([name]) => name !== 'bid.json'))
  await entries('bid-p7s-missing', 'no bid.p7s', list => list.filter(([name]) => name !== 'bid.p7s'))
  await entries('signature-first', 'bid.p7s before bid.json', list => [
    ...list.slice(1, 2),
    ...list.slice(0, 1),
    ...list.slice(2),
  ])
  await entries('documents-first', 'the documents before bid.json', list => [...list.slice(2), ...list.slice(0, 2)])
  await entries('documents-order', 'the second document before the first', list => [
    ...list.slice(0, 2),
    ...list.slice(3, 4),
    ...list.slice(2, 3),
    ...list.slice(4),
  ])
  await entries('document-number', 'a document called documents/1', list =>
    list.map(([name, content]) => [name === 'documents/0001' ? 'documents/1' : name, content]),
  )
  await entries('hidden-entry', 'an entry that no body has', list => [
    ...list,
    ['documents/note', Buffer.from('hidden')],
  ])
  await entries('entry-twice', 'bid.json twice', list => [...list.slice(0, 1), ...list])
  await entries('opening-in-body', 'opening data in the body of a bid of two parts', list => [
    ['opening.json', Buffer.from('{}')],
    ['opening.p7s', Buffer.from('')],
    ...list,
  ])
  await refuse('document-in-opening', 'a document in the opening data', {
    inner: { opening: list => [...list, ['documents/0001', Buffer.from('x')]] },
  })
}

function resizePad(plaintext: Uint8Array, at: number, by: number): void {
  const block = plaintext.subarray(at, at + blockSize)
  const size = Number.parseInt(Buffer.from(block.subarray(124, 135)).toString(), 8) + by
  block.set(Buffer.from(size.toString(8).padStart(11, '0')), 124)
  sumAnew(block)
}

function sumAnew(block: Uint8Array): void {
  block.set(Buffer.from('        '), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `, 'latin1'), 148)
}
