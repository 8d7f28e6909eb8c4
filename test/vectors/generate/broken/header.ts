import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { forge, type Header } from '../forge.ts'
import { collect } from '../vector.ts'
import { bytesFor } from '../world.ts'

// Check 2, the fields of seal.json: each missing, each of another form. Everything is signed.

type Fields = Readonly<Record<string, unknown>>

/** Vectors of the header's fields. */
export async function headerVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const add = from(await baseNamed('bidder'))
  const refuse = async (name: string, comment: string, header: (header: Header) => object, base = 'bidder' as const) =>
    add(`header-${name}`, 'seal.header', comment, forge(await baseNamed(base), { header }))

  for (const field of ['format', 'suite', 'sealId', 'tender', 'bidder', 'signer', 'keyPolicy', 'parts', 'recipients']) {
    await refuse(`without-${field}`, `${field} is missing`, header => without(header, field))
  }
  for (const field of ['platform', 'tenderId', 'lotId', 'projectCode', 'packageDigest', 'deadline', 'openingTime']) {
    await refuse(`without-tender-${field}`, `tender.${field} is missing`, header => ({
      ...header,
      tender: without(header.tender, field),
    }))
  }
  for (const field of ['name', 'creditCode']) {
    await refuse(`without-bidder-${field}`, `bidder.${field} is missing`, header => ({
      ...header,
      bidder: without(header.bidder, field),
    }))
  }
  for (const field of ['name', 'size', 'sealedSize', 'salt', 'root', 'keyCommitment']) {
    await refuse(
      `without-part-${field}`,
      `parts[].${field} is missing`,
      mapParts(part => without(part, field)),
    )
  }
  for (const field of [
    'id',
    'role',
    'subject',
    'issuer',
    'serial',
    'notAfter',
    'certificateDigest',
    'publicKeyDigest',
    'envelopes',
  ]) {
    await refuse(
      `without-recipient-${field}`,
      `recipients[].${field} is missing`,
      mapRecipients(each => without(each, field)),
    )
  }
  await refuse('without-signer-digest', 'signer.certificateDigest is missing', header => ({ ...header, signer: {} }))
  await refuse(
    'without-envelope-part',
    'an envelope without its part',
    mapEnvelopes(each => without(each, 'part')),
  )
  await refuse(
    'without-envelope-digest',
    'an envelope without its digest',
    mapEnvelopes(each => without(each, 'digest')),
  )

  const set = (name: string, comment: string, fields: Fields) =>
    refuse(name, comment, header => ({ ...header, ...fields }))
  const setPart = (name: string, comment: string, fields: Fields) =>
    refuse(
      name,
      comment,
      mapParts(part => ({ ...part, ...fields })),
    )
  const setRecipient = (name: string, comment: string, fields: Fields) =>
    refuse(
      name,
      comment,
      mapRecipients(each => ({ ...each, ...fields })),
    )
  const setTender = (name: string, comment: string, fields: Fields) =>
    refuse(name, comment, header => ({ ...header, tender: { ...header.tender, ...fields } }))

  await set('type-sign-in', 'a sign-in document as a seal', { type: 'bidseal/1 signIn' })
  await set('type-bid', 'a bid document as a seal', { type: 'bidseal/1 bid' })
  await set('type-version-2', 'another version in the type', { type: 'bidseal/2 seal' })
  await set('type-longer', 'a type that only begins right', { type: 'bidseal/1 seals' })
  await set('format-2', 'format 2', { format: 2 })
  await set('format-string', 'format as a string', { format: '1' })
  await set('suite-unknown', 'a suite nobody knows', { suite: 'intl-2' })
  await set('seal-id-capitals', 'sealId in capitals', { sealId: '0B9F6C1E-7A4D-4E0A-9B1C-2D3E4F506172' })
  await set('seal-id-no-uuid', 'sealId is no UUID', { sealId: 'bid-1' })
  await set('created-at-null', 'an optional field that is null', { createdAt: null })
  await set('created-at-offset', 'a time with an offset', { createdAt: '2026-03-02T09:00:00+08:00' })
  await set('created-at-local', 'a time without Z', { createdAt: '2026-03-02T09:00:00' })
  await set('created-at-date', 'the 30th of February', { createdAt: '2026-02-30T01:00:00Z' })
  await set('created-at-leap-second', 'a leap second', { createdAt: '2026-06-30T23:59:60Z' })
  await set('created-at-lower-case', 't and z in small letters', { createdAt: '2026-03-02t01:00:00z' })
  await set('clock-number', 'clock is a number', { clock: 1 })
  await set('key-policy-unknown', 'a key policy nobody knows', { keyPolicy: 'platform' })
  await set('replaces-short', 'replaces is no digest', { replaces: 'ab' })
  await set('traces-object', 'traces is no list', { traces: {} })
  await set('remedy-unknown', 'a remedy nobody knows', { remedy: { kind: 'reopen' } })
  await set('remedy-without-kind', 'a remedy without its kind', { remedy: {} })
  await set('parts-none', 'no parts', { parts: [] })
  await refuse('parts-three', 'three parts', header => ({
    ...header,
    parts: [...header.parts, ...header.parts.slice(0, 1)],
  }))
  await set('bidder-string', 'bidder is a string', { bidder: 'x' })

  await setTender('nul-in-lot', 'a value of the context with a NUL', { lotId: '0\u0000' })
  await setTender('nul-in-tender-id', 'another value of the context with a NUL', { tenderId: 'a\u0000b' })
  await setTender('lot-null', 'lotId is null', { lotId: null })
  await setTender('package-digest-capitals', 'a digest in capitals', { packageDigest: 'AA'.repeat(32) })
  await setTender('deadline-no-time', 'deadline is no time', { deadline: 'tomorrow' })
  await refuse('nul-in-credit-code', 'a credit code with a NUL', header => ({
    ...header,
    bidder: { ...header.bidder, creditCode: '9\u0000' },
  }))

  await setPart('part-unknown', 'a part that no bid has', { name: 'prices' })
  await setPart('size-string', 'a size as a string', { size: '65536' })
  await setPart('size-negative', 'a negative size', { size: -65_536 })
  await setPart('salt-short', 'a salt of 15 bytes', { salt: '00'.repeat(15) })
  await setPart('salt-long', 'a salt of 17 bytes', { salt: '00'.repeat(17) })
  await setPart('salt-capitals', 'a salt in capitals', { salt: 'AA'.repeat(16) })
  await setPart('root-63', 'a root of 63 digits', { root: '0'.repeat(63) })
  await setPart('root-not-hex', 'a root that is not hex', { root: 'g'.repeat(64) })
  await setPart('key-commitment-16', 'a commitment of 16 bytes', { keyCommitment: '00'.repeat(16) })
  await setPart('share-commitment-without-b', 'a share commitment of one side', {
    shareCommitment: { a: '00'.repeat(32) },
  })

  await setRecipient('role-unknown', 'a role nobody knows', { role: 'operator' })
  await setRecipient('id-long', 'a recipient id of 18 digits', { id: '00'.repeat(9) })
  await setRecipient('id-recovery', 'the id of a recovery code on a lock', { id: 'recovery' })
  await setRecipient('subject-not-hex', 'a subject that is not hex', { subject: 'CN=x' })
  await setRecipient('serial-empty', 'an empty serial number', { serial: '' })
  await setRecipient('label-long', 'a label of 201 characters', { label: 'x'.repeat(201) })
  await setRecipient('certificate-digest-short', 'a certificate digest of 31 bytes', {
    certificateDigest: '00'.repeat(31),
  })
  await setRecipient('not-after-no-time', 'notAfter is no time', { notAfter: '2036' })
  await refuse(
    'envelope-digest-short',
    'an envelope digest of 31 bytes',
    mapEnvelopes(each => ({ ...each, digest: '00'.repeat(31) })),
  )
  await refuse('recipients-seventeen', 'seventeen recipients', header => ({
    ...header,
    recipients: Array.from({ length: 17 }, (_, index) => ({
      ...header.recipients[0],
      id: Buffer.from(bytesFor(`recipient ${index}`, 8)).toString('hex'),
    })),
  }))
  await refuse('twin-under-another-remedy', 'a plain twin where the remedy is none', header => ({
    ...header,
    remedy: { kind: 'none', plainTwin: header.parts.map(({ name, root }) => ({ name, root })) },
  }))

  const recovery = await baseNamed('recovery')
  const onRecovery = from(recovery)
  const withField = (name: string, comment: string, fields: Fields) =>
    onRecovery(
      `header-${name}`,
      'seal.header',
      comment,
      forge(recovery, {
        header: header => ({
          ...header,
          recipients: header.recipients.map(each => (each.role === 'recovery' ? { ...each, ...fields } : each)),
        }),
      }),
    )
  await withField('recovery-with-certificate', 'a recovery code with a certificate', {
    certificateDigest: '00'.repeat(32),
  })
  await withField('recovery-with-subject', 'a recovery code with a subject', { subject: '3000' })
  await withField('recovery-another-id', 'a recovery code of another id', { id: '00'.repeat(8) })
  return vectors
}

function without(fields: object, name: string): object {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name))
}

function mapParts(change: (part: Header['parts'][number]) => object): (header: Header) => object {
  return header => ({ ...header, parts: header.parts.map((part, index) => (index === 0 ? change(part) : part)) })
}

function mapRecipients(change: (recipient: Header['recipients'][number]) => object): (header: Header) => object {
  return header => ({
    ...header,
    recipients: header.recipients.map((each, index) => (index === 0 ? change(each) : each)),
  })
}

function mapEnvelopes(change: (envelope: object) => object): (header: Header) => object {
  return mapRecipients(each => ({
    ...each,
    envelopes: each.envelopes.map((envelope, index) => (index === 0 ? change(envelope) : envelope)),
  }))
}
