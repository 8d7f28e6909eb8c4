import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { type Changes, entryNamed, forge } from '../forge.ts'
import { editBid, editOpening } from '../inner.ts'
import { collect } from '../vector.ts'

// Two faults each: the earlier check answers.

/** Vectors of the order of checks. */
export async function orderVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = (name: string, code: string, comment: string, changes: Changes) =>
    from(base)(`order-${name}`, code, comment, forge(base, changes))
  const main = base.header.recipients.find(each => each.role === 'main')?.id ?? ''
  const body = entryNamed(base.entries, 'parts/body.enc')
  const flipped = Uint8Array.from(body, (byte, index) => (index === 5 ? byte ^ 1 : byte))
  const noEnvelope = { [`keys/body.${main}.p7m`]: Buffer.from('3000', 'hex') }
  const badPart = { 'parts/body.enc': flipped }
  await add('container-header', 'seal.container', 'no JSON in seal.json, and a missing mimetype', {
    entries: { 'META-INF/seal.json': Buffer.from('{'), mimetype: null },
  })
  await add('header-signature', 'seal.header', 'an unknown suite, and a signature of something else', {
    headerText: text => text.replace('"intl-1"', '"intl-2"'),
    sign: () => entryNamed(base.entries, 'META-INF/seal.p7s'),
  })
  await add('signature-tender', 'seal.signature', 'another lot, and a signature of something else', {
    header: header => ({ ...header, tender: { ...header.tender, lotId: '02' } }),
    sign: () => entryNamed(base.entries, 'META-INF/seal.p7s'),
  })
  await add('tender-entries', 'seal.tender', 'another lot, and a part missing', {
    header: header => ({ ...header, tender: { ...header.tender, lotId: '02' } }),
    entries: { 'parts/body.enc': null },
  })
  await add('entries-envelope', 'seal.entries', 'a part missing, and an envelope that is none', {
    entries: { 'parts/opening.enc': null, ...noEnvelope },
  })
  await add('envelope-root', 'seal.envelope', 'an envelope that is none, and a damaged part', {
    entries: { ...noEnvelope, ...badPart },
  })
  await add('root-key', 'seal.root', 'a damaged part, and another commitment', {
    header: header => ({ ...header, parts: header.parts.map(part => ({ ...part, keyCommitment: '00'.repeat(32) })) }),
    entries: badPart,
  })
  await add('key-chunk', 'seal.key-mismatch', 'another commitment, and a chunk whose tag does not hold', {
    header: header => ({ ...header, parts: header.parts.map(part => ({ ...part, keyCommitment: '00'.repeat(32) })) }),
    chunk: (_part, _index, { sealed }) => Buffer.concat([sealed.subarray(0, -16), new Uint8Array(16)]),
  })
  const noTag: Changes['chunk'] = (part, _index, { sealed }) =>
    part === 'body' ? Buffer.concat([sealed.subarray(0, -16), new Uint8Array(16)]) : sealed
  const anotherBid = { fields: (fields: object) => ({ ...fields, sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172' }) }
  await add(
    'chunk-inner',
    'seal.chunk',
    'opening data of another bid, and in the body, later, a tag that does not hold',
    {
      ...(await editOpening(base, anotherBid)),
      chunk: noTag,
    },
  )
  const wrongDigest = await editBid(base, {
    fields: fields => ({
      ...fields,
      documents: (fields['documents'] as readonly object[]).map(each => ({ ...each, digest: '00'.repeat(32) })),
    }),
  })
  await add('inner-document', 'seal.inner', 'other documents than listed, and behind them an end that is not zero', {
    ...wrongDigest,
    plaintext: {
      body: before => {
        const copy = Uint8Array.from(before)
        copy[copy.length - 1] = 1
        return copy
      },
    },
  })
  return vectors
}
