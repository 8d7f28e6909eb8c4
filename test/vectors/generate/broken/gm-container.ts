import { blockSize } from '../../../../crypto/envelope/archive.ts'
import { archiveOf } from '../../../fixtures/forged-bid.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { forge, withEntries } from '../forge.ts'
import { gmEnvelopeTo } from '../gm/envelopes.ts'
import { gmPeople } from '../gm/world.ts'
import { envelopeTo } from '../envelopes.ts'
import { recipientOf } from '../recipients.ts'
import { tenderNamed } from '../tenders.ts'
import { tenderReferenceOf } from '../../../../crypto/envelope/checks/tender.ts'
import { gm1 } from '../../../../crypto/suites/gm-1.ts'
import { collect } from '../vector.ts'
import { bytesFor, people } from '../world.ts'

// Checks 1, 2 and 4 in suite gm-1. The rules are those of intl-1, whose vectors have them all; here stands one of each.

/** Vectors of the container of a gm bid. */
export async function gmContainerVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const refuse = (name: string, comment: string, file: Uint8Array) =>
    from(base)(`gm-container-${name}`, 'seal.container', comment, file)
  await refuse('trailing-byte', 'a byte after the end', Buffer.concat([base.file, Uint8Array.of(0)]))
  await refuse('cut-short', 'the last block missing', base.file.subarray(0, -blockSize))
  await refuse(
    'hidden-entry',
    'an entry the format does not have',
    archiveOf([...base.entries, ['META-INF/manifest.xml', Buffer.from('<m/>')]]),
  )
  await refuse('no-signature', 'no seal.p7s', archiveOf(withEntries(base.entries, { 'META-INF/seal.p7s': null })))
  await refuse('time', 'a modification time other than zero, its sum right', withTime(base.file))
  return vectors
}

/** Vectors of the header of a gm bid. */
export async function gmHeaderVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('gm-whole')
  const suites = { unknown: 'gm-2', capitals: 'GM-1', blank: 'gm-1 ', empty: '' }
  for (const [name, suite] of Object.entries(suites)) {
    const changed = forge(base, { header: header => ({ ...header, suite }) })
    await from(base)(`gm-header-suite-${name}`, 'seal.header', `the suite "${suite}"`, changed)
  }
  return vectors
}

/** Vectors of a gm bid that is for another tender. */
export async function gmTenderVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const whole = await baseNamed('gm-whole')
  await from(whole)('gm-tender-other-lot', 'seal.tender', 'the bid is for another lot', whole.file, {
    tender: 'gm-other-lot',
  })
  const { tender } = await tenderNamed('gm-intl-only')
  await from(whole)(
    'gm-tender-suite',
    'seal.tender',
    'gm-1 is not among the suites of the package',
    forge(whole, { header: header => ({ ...header, tender: tenderReferenceOf(tender) }) }),
    { tender: 'gm-intl-only' },
  )
  const split = await baseNamed('gm-split')
  const share = bytesFor('share', 32)
  const { rival, parts } = { rival: gmPeople['gm-rival-decrypt'], parts: split.header.parts }
  const envelopes = parts.map(({ name }) => [name, gmEnvelopeTo(`unlisted ${name}`, rival, share)] as const)
  const stranger = recipientOf(gm1, rival.certificate, 'agency', envelopes)
  const agency = split.header.recipients.find(each => each.role === 'agency')?.id ?? ''
  const gone = Object.fromEntries(parts.map(({ name }) => [`keys/${name}.${agency}.p7m`, null]))
  await from(split)(
    'gm-tender-agency',
    'seal.tender',
    'share B goes to a certificate the package does not list as an agency',
    forge(split, {
      entries: { ...gone, ...stranger.entries },
      header: header => ({
        ...header,
        recipients: header.recipients.map(each => (each.role === 'agency' ? stranger.described : each)),
      }),
    }),
  )
  return vectors
}

/** An envelope of the other suite to the RSA agency the package lists too: the profile of gm-1 has none. */
export function rsaAgency(parts: readonly ('opening' | 'body')[]) {
  const share = bytesFor('share', 32)
  return recipientOf(
    gm1,
    people.agency.certificate,
    'agency',
    parts.map(name => [name, envelopeTo(`rsa agency ${name}`, people.agency, share)] as const),
  )
}

function withTime(base: Uint8Array): Uint8Array {
  const file = Uint8Array.from(base)
  const block = file.subarray(0, blockSize)
  block.set(Buffer.from('00000000001', 'latin1'), 136)
  block.set(Buffer.from('        ', 'latin1'), 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `, 'latin1'), 148)
  return file
}
