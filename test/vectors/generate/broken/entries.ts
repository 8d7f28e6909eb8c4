import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo } from '../envelopes.ts'
import { entryNamed, forge, type Header } from '../forge.ts'
import { recipientOf } from '../recipients.ts'
import { collect } from '../vector.ts'
import { people } from '../world.ts'

// Check 5: parts, recipients and entries one to one; sizes; the key policy.

const code = 'seal.entries'

/** Vectors of what belongs together. */
export async function entriesVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  await parts(from)
  await recipients(from)
  await policies(from)
  return vectors
}

type From = ReturnType<typeof collect>['from']
type Part = Header['parts'][number]

async function parts(from: From): Promise<void> {
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, header: (header: Header) => object) =>
    add(`entries-${name}`, code, comment, forge(base, { header }))
  const setBody = (name: string, comment: string, change: (part: Part) => object) =>
    refuse(name, comment, header => ({
      ...header,
      parts: header.parts.map(part => (part.name === 'body' ? { ...part, ...change(part) } : part)),
    }))
  for (const name of ['opening', 'body'] as const) {
    await add(
      `entries-part-missing-${name}`,
      code,
      `parts/${name}.enc is missing`,
      forge(base, { entries: { [`parts/${name}.enc`]: null } }),
    )
  }
  await refuse('part-twice', 'the header names body twice', header => ({
    ...header,
    parts: [bodyOf(header), bodyOf(header)],
  }))
  await refuse('parts-order', 'the header names body before opening', header => ({
    ...header,
    parts: [...header.parts].reverse(),
  }))
  await setBody('size-zero', 'a part of size 0', () => ({ size: 0, sealedSize: 16 }))
  await setBody('size-one-less', 'a size that is no multiple of 65,536, the sealed size following', part => ({
    size: part.size - 1,
    sealedSize: part.sealedSize - 1,
  }))
  await setBody('size-larger', 'a size 65,536 larger than the part', part => ({
    size: part.size + 65_536,
    sealedSize: part.sealedSize + 65_536,
  }))
  await setBody('sealed-size', 'a sealed size that does not follow from the size', part => ({
    sealedSize: part.sealedSize + 1,
  }))
  const opened = entryNamed(base.entries, 'parts/body.enc')
  await add(
    'entries-extra-empty-chunk',
    code,
    'an extra empty last chunk: 16 bytes more than the formula',
    forge(base, {
      entries: { 'parts/body.enc': Buffer.concat([opened, new Uint8Array(16)]) },
      header: header => ({
        ...header,
        parts: header.parts.map(part => (part.name === 'body' ? { ...part, sealedSize: part.sealedSize + 16 } : part)),
      }),
    }),
  )
  await add(
    'entries-part-longer',
    code,
    'a part with 512 bytes more than the header says',
    forge(base, {
      entries: { 'parts/body.enc': Buffer.concat([opened, new Uint8Array(512)]) },
    }),
  )
  await add(
    'entries-part-shorter',
    code,
    'a part without its last byte',
    forge(base, { entries: { 'parts/body.enc': opened.subarray(0, -1) } }),
  )
  const whole = await baseNamed('ec-recipient')
  await from(whole)(
    'entries-part-unnamed',
    code,
    'a part the header does not call for',
    forge(whole, {
      entries: { 'parts/opening.enc': new Uint8Array(16) },
    }),
  )
  await setBody('share-commitment-under-bidder', 'share commitments in policy bidder', () => ({
    shareCommitment: { a: '00'.repeat(32), b: '11'.repeat(32) },
  }))
  const split = await baseNamed('split')
  await from(split)(
    'entries-share-commitment-missing',
    code,
    'no share commitments in policy split',
    forge(split, {
      header: header => ({ ...header, parts: header.parts.map(part => withoutField(part, 'shareCommitment')) }),
    }),
  )
  const twin = await baseNamed('plain-twin')
  const twinOf = (name: string, comment: string, change: (list: readonly object[]) => readonly object[]) =>
    from(twin)(
      `entries-${name}`,
      code,
      comment,
      forge(twin, {
        header: header => ({
          ...header,
          remedy: { ...header.remedy, plainTwin: change(header.remedy?.plainTwin ?? []) },
        }),
      }),
    )
  await twinOf('twin-of-one-part', 'a plain twin of one part only', list => list.slice(1))
  await twinOf('twin-order', 'the parts of a plain twin in another order', list => [...list].reverse())
}

async function recipients(from: From): Promise<void> {
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, header: (header: Header) => object) =>
    add(`entries-${name}`, code, comment, forge(base, { header }))
  const mapFirst = (change: (recipient: Header['recipients'][number]) => object) => (header: Header) => ({
    ...header,
    recipients: header.recipients.map((each, index) => (index === 0 ? change(each) : each)),
  })
  const [main, backup] = base.header.recipients
  await add(
    'entries-envelope-missing',
    code,
    'an envelope the header calls for is missing',
    forge(base, { entries: { [`keys/body.${main?.id ?? ''}.p7m`]: null } }),
  )
  const extra = envelopeTo('extra', people['rival-decrypt'], new Uint8Array(32))
  await add(
    'entries-envelope-unnamed',
    code,
    "an envelope for somebody the header doesn't name: a silent recipient",
    forge(base, {
      entries: recipientOf(base.suite, people['rival-decrypt'].certificate, 'backup', [['body', extra]]).entries,
    }),
  )
  await refuse(
    'recipient-without-envelopes',
    'a recipient without envelopes',
    mapFirst(each => ({ ...each, envelopes: [] })),
  )
  await refuse(
    'recipient-with-one-envelope',
    'a recipient with an envelope of one part only',
    mapFirst(each => ({ ...each, envelopes: each.envelopes.slice(0, 1) })),
  )
  await refuse(
    'envelopes-order',
    "a recipient's envelopes in another order than the parts",
    mapFirst(each => ({ ...each, envelopes: [...each.envelopes].reverse() })),
  )
  await refuse(
    'envelope-part-twice',
    "a recipient's envelopes of one part twice",
    mapFirst(each => ({ ...each, envelopes: [each.envelopes[0], each.envelopes[0]] })),
  )
  await refuse('recipient-twice', 'one recipient twice: equal ids', header => ({
    ...header,
    recipients: [header.recipients[0], ...header.recipients],
  }))
  await refuse('recipient-not-in-archive', 'a recipient whose envelopes are not there', header => ({
    ...header,
    recipients: [...header.recipients, { ...main, id: '00'.repeat(8), certificateDigest: '00'.repeat(32) }],
  }))
  await add(
    'entries-recipient-id',
    code,
    'a recipient id that is not the beginning of the certificate digest; its envelopes are named after it',
    forge(base, {
      header: mapFirst(each => ({ ...each, id: '00'.repeat(8) })),
      entries: Object.fromEntries(
        (['opening', 'body'] as const).flatMap(part => {
          const name = `keys/${part}.${main?.id ?? ''}.p7m`
          return [
            [name, null],
            [`keys/${part}.${'00'.repeat(8)}.p7m`, entryNamed(base.entries, name)],
          ]
        }),
      ),
    }),
  )
  await add(
    'entries-no-recipients',
    code,
    'nobody who could open it',
    forge(base, {
      header: header => ({ ...header, recipients: [] }),
      entries: Object.fromEntries(
        base.entries.filter(([name]) => name.startsWith('keys/')).map(([name]) => [name, null]),
      ),
    }),
  )
  await refuse('backup-dropped', 'a recipient dropped from the header, its envelopes left', header => ({
    ...header,
    recipients: header.recipients.filter(each => each.id !== backup?.id),
  }))
}

async function policies(from: From): Promise<void> {
  const base = await baseNamed('bidder')
  const agency = recipientOf(
    base.suite,
    people.agency.certificate,
    'agency',
    base.header.parts.map(({ name }) => [
      name,
      envelopeTo(`agency ${name}`, people.agency, base.partKeys.get(name) ?? new Uint8Array()),
    ]),
  )
  await from(base)(
    'entries-agency-under-bidder',
    code,
    'an agency under policy bidder: it could read before the opening',
    forge(base, {
      entries: agency.entries,
      header: header => ({ ...header, recipients: [...header.recipients, agency.described] }),
    }),
  )
  await from(base)(
    'entries-agency-alone-under-bidder',
    code,
    'an agency as the only recipient under policy bidder',
    forge(base, {
      entries: {
        ...Object.fromEntries(base.entries.filter(([name]) => name.startsWith('keys/')).map(([name]) => [name, null])),
        ...agency.entries,
      },
      header: header => ({ ...header, recipients: [agency.described] }),
    }),
  )
  const split = await baseNamed('split')
  const without = (role: string) => ({
    entries: Object.fromEntries(
      split.header.recipients
        .filter(each => each.role === role)
        .flatMap(({ id }) => split.header.parts.map(({ name }) => [`keys/${name}.${id}.p7m`, null])),
    ),
    header: (header: Header) => ({ ...header, recipients: header.recipients.filter(each => each.role !== role) }),
  })
  await from(split)(
    'entries-split-without-agency',
    code,
    'policy split without an agency',
    forge(split, without('agency')),
  )
  await from(split)(
    'entries-split-without-bidder',
    code,
    'policy split without a lock of the bidder',
    forge(split, without('main')),
  )
}

function bodyOf(header: Header): Part | undefined {
  return header.parts.find(part => part.name === 'body')
}

function withoutField(fields: object, name: string): object {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name))
}
