import { tenderReferenceOf } from '../../../../crypto/envelope/checks/tender.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo } from '../envelopes.ts'
import { forge, type Header } from '../forge.ts'
import { recipientOf } from '../recipients.ts'
import { tenderNamed, type TenderName } from '../tenders.ts'
import { collect } from '../vector.ts'
import { people } from '../world.ts'

// Check 4: what the header says of the tender is what the package says.

const code = 'seal.tender'

/** Vectors of the tender's fields. */
export async function tenderVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  const base = await baseNamed('bidder')
  const add = from(base)
  const refuse = (name: string, comment: string, header: (header: Header) => object, tender?: string) =>
    add(`tender-${name}`, code, comment, forge(base, { header }), tender === undefined ? {} : { tender })
  const fields = {
    platform: 'another.platform',
    tenderId: 'YN-2026-0303',
    lotId: '02',
    projectCode: 'E5301000076000002',
    packageDigest: '00'.repeat(32),
    deadline: '2026-03-02T08:00:01Z',
    openingTime: '2026-03-02T08:29:59Z',
  }
  for (const [field, value] of Object.entries(fields)) {
    await refuse(field, `another ${field}`, header => ({ ...header, tender: { ...header.tender, [field]: value } }))
  }
  await refuse('deadline-spelling', 'the same deadline spelled otherwise', header => ({
    ...header,
    tender: { ...header.tender, deadline: '2026-03-02T08:00:00.000Z' },
  }))
  await add('tender-another-lot', code, 'a sound bid held against the package of another lot', base.file, {
    tender: 'other-lot',
  })
  await add('tender-another-package', code, 'a sound bid held against another package of the same tender', base.file, {
    tender: 'split',
  })
  const moved = async (name: TenderName) => {
    const { tender } = await tenderNamed(name)
    return (header: Header) => ({ ...header, tender: tenderReferenceOf(tender) })
  }
  await refuse('suite', 'a suite that is not among the package’s', await moved('gm-only'), 'gm-only')
  await refuse('whole-asked', 'two parts where the package asks for one', await moved('whole'), 'whole')
  await refuse('split-asked', 'policy bidder where the package asks for split', await moved('split'), 'split')
  await refuse('remedy-not-asked', 'a remedy where the package has none', header => ({
    ...header,
    remedy: { kind: 'second-lock' },
  }))
  await refuse('bidder-asked', 'policy split where the package asks for bidder', header => ({
    ...header,
    keyPolicy: 'split',
  }))

  const whole = await baseNamed('ec-recipient')
  await from(whole)(
    'tender-remedy-missing',
    code,
    'no remedy where the package has one',
    forge(whole, { header: await moved('recovery') }),
    {
      tender: 'recovery',
    },
  )
  const separate = await tenderNamed('bidder')
  await from(whole)(
    'tender-separate-asked',
    code,
    'one part where the package asks for two',
    forge(whole, {
      header: header => ({ ...header, tender: tenderReferenceOf(separate.tender) }),
    }),
    { tender: 'bidder' },
  )
  const recovery = await baseNamed('recovery')
  await from(recovery)(
    'tender-recovery-not-allowed',
    code,
    'a recovery code where the package allows none',
    forge(recovery, {
      header: header => ({
        ...Object.fromEntries(Object.entries(header).filter(([name]) => name !== 'remedy')),
        tender: tenderReferenceOf(whole.tender),
      }),
    }),
    { tender: 'whole' },
  )

  const split = await baseNamed('split')
  const agency = split.header.recipients.find(each => each.role === 'agency')
  const unlisted = people['agency-unlisted']
  const { described, entries } = recipientOf(
    base.suite,
    unlisted.certificate,
    'agency',
    split.header.parts.map(({ name }) => [name, envelopeTo(`unlisted ${name}`, unlisted, new Uint8Array(32))]),
  )
  await from(split)(
    'tender-agency-unlisted',
    code,
    'an agency the package does not list',
    forge(split, {
      entries: {
        ...Object.fromEntries(split.header.parts.map(({ name }) => [`keys/${name}.${agency?.id ?? ''}.p7m`, null])),
        ...entries,
      },
      header: header => ({
        ...header,
        recipients: header.recipients.map(each => (each.role === 'agency' ? described : each)),
      }),
    }),
  )
  return vectors
}
