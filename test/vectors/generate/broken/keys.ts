import type { PartName } from '../../../../crypto/envelope/header.ts'
import {
  deriveKeyCommitment,
  deriveShareCommitment,
  deriveStreamKey,
} from '../../../../crypto/envelope/key-schedule.ts'
import { tenderReferenceOf } from '../../../../crypto/envelope/checks/tender.ts'
import { toHex } from '../../../../crypto/json/hex.ts'
import { at, derTree, edited } from '../../../fixtures/der-edit.ts'
import type { BrokenVector } from '../../library.ts'
import { baseNamed } from '../bids.ts'
import { envelopeTo, recipient, tag } from '../envelopes.ts'
import { type Base, type Changes, derivationOf, entryNamed, forge, type Header } from '../forge.ts'
import { setContent } from '../signatures.ts'
import { tenderNamed } from '../tenders.ts'
import { twoKeyChunk } from '../two-key.ts'
import { collect } from '../vector.ts'
import { bytesFor, people, rival } from '../world.ts'

// Check 8: commitments. Everything up to check 7 holds.

const code = 'seal.key-mismatch'
type From = ReturnType<typeof collect>['from']

/** Vectors of keys, shares and commitments. */
export async function keysVectors(): Promise<readonly BrokenVector[]> {
  const { vectors, from } = collect()
  await envelopes(from)
  await contexts(from)
  await shares(from)
  const base = await baseNamed('bidder')
  await from(base)(
    'keys-two-keys',
    code,
    'one ciphertext that two part keys open, both tags hold: the main lock is given one, the backup lock the other; opened with the backup lock',
    twoKeyBid(base),
    { open: ['bidder-backup'] },
  )
  return vectors
}

/** The second part key of the bid with two keys. */
export const secondPartKey = bytesFor('second part key', 32)

/** A bid whose body two keys decrypt; the header commits to the first, the backup lock is given the second. */
export function twoKeyBid(base: Base): Promise<Uint8Array> {
  const backup = base.header.recipients.find(each => each.role === 'backup')?.id ?? ''
  const derivation = derivationOf(base.header, 'body')
  return forge(base, {
    chunk: (part, _index, { streamKey, nonce, plaintext, sealed }) => {
      if (part !== 'body') return sealed
      // Both blocks lie inside the last document, whose content is free.
      const document = Buffer.from(plaintext).indexOf('xxxxxxxxxxxxxxxx') + 32
      return twoKeyChunk({
        suite: base.suite,
        firstKey: streamKey,
        secondKey: deriveStreamKey(derivation, secondPartKey),
        nonce,
        plaintext,
        messageBlock: document >> 4,
        message: Buffer.from('98,000,000.00 CN'),
        freeBlock: (document >> 4) + 4,
      })
    },
    envelopes: { [`keys/body.${backup}.p7m`]: envelopeTo('second key', people['bidder-backup'], secondPartKey) },
  })
}

async function envelopes(from: From): Promise<void> {
  const base = await baseNamed('bidder')
  const add = from(base)
  const main = people['bidder-decrypt']
  const entry = (part: PartName, role = 'main') =>
    `keys/${part}.${base.header.recipients.find(each => each.role === role)?.id ?? ''}.p7m`
  const body = entryNamed(base.entries, entry('body'))
  const refuse = (name: string, comment: string, changes: Changes, open?: readonly string[]) =>
    add(`keys-${name}`, code, comment, forge(base, changes), open === undefined ? {} : { open })
  const replaced = (envelope: Uint8Array): Changes => ({ envelopes: { [entry('body')]: envelope } })
  await refuse(
    'another-key',
    'an envelope of another key',
    replaced(envelopeTo('other key', main, bytesFor('other key', 32))),
  )
  await refuse(
    'key-of-another-part',
    'the key of the opening data in the envelope of the body',
    replaced(envelopeTo('opening key', main, base.partKeys.get('opening') ?? new Uint8Array())),
  )
  await refuse(
    'backup-another-key',
    'the backup lock is given another key; opened with it',
    {
      envelopes: {
        [entry('body', 'backup')]: envelopeTo('backup key', people['bidder-backup'], bytesFor('backup key', 32)),
      },
    },
    ['bidder-backup'],
  )
  await refuse(
    'bad-oaep',
    'a transported key that is no OAEP block',
    replaced(edited(body, [...recipient, 3], setContent(Uint8Array.of(1, ...bytesFor('bad oaep', 255))))),
  )
  await refuse(
    'bad-envelope-tag',
    "a tag of the envelope that doesn't hold",
    replaced(edited(body, tag, setContent(bytesFor('bad tag', 16)))),
  )
  await refuse(
    'padding-swapped',
    'a PKCS#1 v1.5 block under the name of OAEP',
    replaced(
      edited(
        envelopeTo('pkcs1', main, base.partKeys.get('body') ?? new Uint8Array(), 'pkcs1'),
        [...recipient, 2],
        node => {
          node.children = at(derTree(body), [...recipient, 2]).children
        },
      ),
    ),
  )
  const recovery = await baseNamed('recovery')
  const slot = `keys/body.${recovery.header.recipients.find(each => each.role === 'main')?.id ?? ''}.p7m`
  await from(recovery)(
    'keys-bad-pkcs1',
    code,
    'a transported key that is no PKCS#1 v1.5 block',
    forge(recovery, {
      envelopes: {
        [slot]: edited(
          entryNamed(recovery.entries, slot),
          [...recipient, 3],
          setContent(Uint8Array.of(1, ...bytesFor('bad pkcs1', 255))),
        ),
      },
    }),
  )
  const setBody = (name: string, comment: string, change: (part: Header['parts'][number]) => object) =>
    refuse(name, comment, {
      header: header => ({
        ...header,
        parts: header.parts.map(part => (part.name === 'body' ? { ...part, ...change(part) } : part)),
      }),
    })
  await setBody('commitment', 'another key commitment', () => ({ keyCommitment: toHex(bytesFor('commitment', 32)) }))
  await setBody('salt', 'another salt', () => ({ salt: toHex(bytesFor('salt', 16)) }))
  const label = (name: string, comment: string, info: string) =>
    setBody(name, comment, () => ({ keyCommitment: toHex(derived(base, info)) }))
  await label('commitment-label', 'a commitment derived like a stream key', 'bidseal/1 stream\0body\0')
  await label('commitment-part', 'a commitment derived for the other part', 'bidseal/1 commit\0opening\0')
  await refuse(
    'parts-swapped',
    'opening data and body exchanged, with their keys, salts and commitments: the commitments name the part',
    swapParts(base),
  )
}

/** Both parts under each other's name, everything around them moved too. */
export function swapParts(base: Base): Changes {
  const [opening, body] = base.header.parts
  const entries = base.header.recipients.flatMap(({ id }) => [
    [`keys/opening.${id}.p7m`, entryNamed(base.entries, `keys/body.${id}.p7m`)] as const,
    [`keys/body.${id}.p7m`, entryNamed(base.entries, `keys/opening.${id}.p7m`)] as const,
  ])
  return {
    envelopes: Object.fromEntries(entries),
    header: header => ({
      ...header,
      parts: [
        { ...body, name: 'opening' },
        { ...opening, name: 'body' },
      ],
    }),
    entries: {
      'parts/opening.enc': entryNamed(base.entries, 'parts/body.enc'),
      'parts/body.enc': entryNamed(base.entries, 'parts/opening.enc'),
    },
  }
}

/** The parts under another header: whatever binds them is another one. */
async function contexts(from: From): Promise<void> {
  const base = await baseNamed('recovery')
  const refuse = (name: string, comment: string, changes: Changes) =>
    from(base)(`keys-${name}`, code, comment, forge(base, changes))
  await refuse('another-seal-id', 'the parts under another sealId', {
    header: header => ({ ...header, sealId: '0b9f6c1e-7a4d-4e0a-9b1c-2d3e4f506172' }),
  })
  const digest = (person: 'rival-sign' | 'bidder-sign-renewed') => ({
    certificateDigest: toHex(derivationOf(base.header, 'body').suite.digest(people[person].certificate)),
  })
  await refuse('renewed-signer', "the parts under a header signed with the bidder's renewed certificate", {
    header: header => ({ ...header, signer: digest('bidder-sign-renewed') }),
    signer: people['bidder-sign-renewed'].signer(),
  })
  await refuse('copied-bid', 'a copied bid under a second signer, with its name and credit code', {
    header: header => ({ ...header, bidder: rival, signer: digest('rival-sign') }),
    signer: people['rival-sign'].signer(),
  })
  const separate = await baseNamed('bidder')
  const lot = await tenderNamed('other-lot')
  await from(separate)(
    'keys-another-lot',
    code,
    "the parts under the header of another lot, held against that lot's package",
    forge(separate, {
      header: header => ({ ...header, tender: tenderReferenceOf(lot.tender) }),
    }),
    { tender: 'other-lot' },
  )
}

async function shares(from: From): Promise<void> {
  const base = await baseNamed('split')
  const wrong = bytesFor('wrong share', 32)
  const entry = (role: string) => `keys/body.${base.header.recipients.find(each => each.role === role)?.id ?? ''}.p7m`
  const refuse = (name: string, comment: string, changes: Changes) =>
    from(base)(`keys-${name}`, code, comment, forge(base, changes))
  const committed = (which: 'a' | 'b', share: Uint8Array) => (header: Header) => ({
    ...header,
    parts: header.parts.map(part =>
      part.name === 'body'
        ? {
            ...part,
            shareCommitment: {
              ...part.shareCommitment,
              [which]: toHex(deriveShareCommitment(derivationOf(base.header, 'body'), share, which)),
            },
          }
        : part,
    ),
  })
  const b = envelopeTo('wrong b', people.agency, wrong)
  const a = envelopeTo('wrong a', people['bidder-decrypt'], wrong)
  await refuse('wrong-b', 'the agency is given another B', { envelopes: { [entry('agency')]: b } })
  await refuse(
    'wrong-b-committed',
    'the agency is given another B, to which the header commits: A and B do not make the key',
    {
      envelopes: { [entry('agency')]: b },
      header: committed('b', wrong),
    },
  )
  await refuse('wrong-a', 'the lock is given another A', { envelopes: { [entry('main')]: a } })
  await refuse('wrong-a-committed', 'the lock is given another A, to which the header commits', {
    envelopes: { [entry('main')]: a },
    header: committed('a', wrong),
  })
  await refuse('part-key-to-agency', 'the agency is given the part key itself', {
    envelopes: {
      [entry('agency')]: envelopeTo('part key', people.agency, base.partKeys.get('body') ?? new Uint8Array()),
    },
  })
  await refuse('share-commitments-exchanged', 'the commitments of A and B exchanged', {
    header: header => ({
      ...header,
      parts: header.parts.map(part => ({
        ...part,
        shareCommitment: { a: part.shareCommitment?.b, b: part.shareCommitment?.a },
      })),
    }),
  })
  await refuse('key-commitment-split', 'another key commitment; both shares match theirs', {
    header: header => ({
      ...header,
      parts: header.parts.map(part => ({
        ...part,
        keyCommitment: toHex(deriveKeyCommitment(derivationOf(base.header, part.name), wrong)),
      })),
    }),
  })
}

function derived(base: Base, label: string): Uint8Array {
  const { suite, salt, context } = derivationOf(base.header, 'body')
  const info = Buffer.concat([Buffer.from(label), context])
  return suite.hkdf(base.partKeys.get('body') ?? new Uint8Array(), salt, info, 32)
}
