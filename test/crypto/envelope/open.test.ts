import { beforeAll, describe, expect, it } from 'vitest'
import type { Tender } from '../../../crypto/documents/tender.ts'
import { openSealedBid } from '../../../crypto/envelope/open.ts'
import type { PartName } from '../../../crypto/envelope/header.ts'
import { padLength } from '../../../crypto/envelope/pad.ts'
import { treeLeaf, treeRoot } from '../../../crypto/envelope/tree.ts'
import { verifySealedBid } from '../../../crypto/envelope/verify.ts'
import { toHex } from '../../../crypto/json/hex.ts'
import { intl1 } from '../../../crypto/suites/intl-1.ts'
import {
  archiveOf,
  type Entries,
  forgeBid,
  forgeBidJson,
  forgeOpening,
  type ForgeOptions,
  innerArchive,
  listDocument,
  readEntries,
  resealHeader,
  signedEntries,
} from '../../fixtures/forged-bid.ts'
import { practiceCa } from '../../fixtures/practice-ca.ts'
import { codeOf, detailOf } from '../../fixtures/refusals.ts'
import { makeTender, memorySink, sealingTime } from '../../fixtures/sealed-bid.ts'

const ca = practiceCa()
const letter = Buffer.from('投标函')
const plan = Buffer.alloc(2 ** 20 + 5, 0x42)
const files: Entries = [
  ['documents/0001', letter],
  ['documents/0002', plan],
]
const listed = [listDocument('letter', letter), listDocument('plan', plan)]
const allZero = 'aa'.repeat(32)
let tender: Tender
let whole: Tender
let opening: Entries
let bid: Entries
beforeAll(async () => {
  tender = (await makeTender()).tender
  whole = (await makeTender({ parts: 'whole' })).tender
  opening = await forgeOpening(tender)
  bid = await forgeBidJson(tender, opening, listed)
})

interface Attempt extends Partial<ForgeOptions> {
  readonly opening?: Entries
  readonly body?: Entries
  readonly openingBytes?: Uint8Array
  readonly bodyBytes?: Uint8Array
}

async function attempt({
  opening: first = opening,
  body = [...bid, ...files],
  openingBytes,
  bodyBytes,
  ...rest
}: Attempt = {}) {
  const plaintexts: ForgeOptions['plaintexts'] = [
    ['opening', openingBytes ?? innerArchive(first)],
    ['body', bodyBytes ?? innerArchive(body)],
  ]
  const forged = await forgeBid({ tender, plaintexts, ...rest })
  const verified = await verifySealedBid(await readEntries(forged.entries), {
    anchors: tender.anchors,
    tender,
    at: sealingTime,
  })
  const sink = memorySink()
  return { opened: await openSealedBid(verified, forged.keys, sink), sink }
}
const refused = (options: Attempt) => codeOf(() => attempt(options))
const reasonOf = (options: Attempt) => detailOf(() => attempt(options))
const flipLast = (sealed: Uint8Array) => sealed.map((byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte))

describe('openSealedBid', () => {
  it('gives the documents in their order, whole, to the sink', async () => {
    const { opened, sink } = await attempt()
    expect(sink.entries.map(entry => entry.id)).toEqual(['letter', 'plan'])
    expect(Buffer.from(sink.received.get('plan.pdf') ?? []).equals(plan)).toBe(true)
    expect(opened.bid.documents).toEqual(listed)
    expect(opened.opening.sealId).toBe(opened.bid.sealId)
  })

  it('opens a bid without documents, with an empty one, and one sealed whole', async () => {
    const none = await forgeBidJson(tender, opening, [])
    expect((await attempt({ body: none })).opened.bid.documents).toEqual([])
    const empty = await forgeBidJson(tender, opening, [listDocument('e', new Uint8Array())])
    const { sink } = await attempt({ body: [...empty, ['documents/0001', new Uint8Array()]] })
    expect(sink.received.get('e.pdf')?.length).toBe(0)
    const first = await forgeOpening(whole)
    const body = innerArchive([...first, ...(await forgeBidJson(whole, first, listed)), ...files])
    const forged = await forgeBid({ tender: whole, plaintexts: [['body', body]] })
    const verified = await verifySealedBid(await readEntries(forged.entries), {
      anchors: whole.anchors,
      tender: whole,
      at: sealingTime,
    })
    expect((await openSealedBid(verified, forged.keys, memorySink())).bid.documents).toEqual(listed)
  })

  it('stops when asked to, closing the document it was writing', async () => {
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', innerArchive([...bid, ...files])],
      ],
    })
    const verified = await verifySealedBid(await readEntries(forged.entries), {
      anchors: tender.anchors,
      at: sealingTime,
    })
    const stop = new AbortController()
    let open = 0
    const sink = {
      document: () => {
        open += 1
        return Promise.resolve({
          write() {
            stop.abort()
            return Promise.resolve()
          },
          close: () => Promise.resolve(void (open -= 1)),
        })
      },
    }
    expect(await codeOf(() => openSealedBid(verified, forged.keys, sink, { signal: stop.signal }))).toBe('cancelled')
    expect(open).toBe(0)
  })

  it('passes on what the sink throws, and closes the document', async () => {
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', innerArchive([...bid, ...files])],
      ],
    })
    const verified = await verifySealedBid(await readEntries(forged.entries), {
      anchors: tender.anchors,
      at: sealingTime,
    })
    let closed = 0
    const sink = {
      document: () =>
        Promise.resolve({
          write: () => Promise.reject(new Error('no space')),
          close: () => Promise.resolve(void (closed += 1)),
        }),
    }
    await expect(openSealedBid(verified, forged.keys, sink)).rejects.toThrow('no space')
    expect(closed).toBe(1)
  })
})

describe('check 8, the keys', () => {
  it('refuses a wrong, short, missing or exchanged key before anything is decrypted', async () => {
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', innerArchive([...bid, ...files])],
      ],
    })
    const verified = await verifySealedBid(await readEntries(forged.entries), {
      anchors: tender.anchors,
      at: sealingTime,
    })
    const [one, other] = [...forged.keys.values()]
    const key = (name: PartName, bytes: Uint8Array) => new Map([...forged.keys, [name, bytes]])
    const sink = memorySink()
    for (const keys of [
      key('body', Buffer.alloc(32)),
      key('body', Buffer.alloc(31)),
      new Map([...forged.keys].slice(0, 1)),
      new Map<PartName, Uint8Array>([
        ['opening', other ?? Buffer.alloc(32)],
        ['body', one ?? Buffer.alloc(32)],
      ]),
    ]) {
      expect(await codeOf(() => openSealedBid(verified, keys, sink))).toBe('seal.key-mismatch')
    }
    expect(sink.entries).toEqual([])
  })

  it('refuses the parts under another header: bidder, lot, tender, policy or sealId', async () => {
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', innerArchive([...bid, ...files])],
      ],
    })
    const rival = toHex(intl1.digest(ca.rival.sign.certificate))
    for (const [change, signer] of [
      [
        { bidder: { name: ca.rival.name, creditCode: ca.rival.creditCode }, signer: { certificateDigest: rival } },
        ca.rival.sign,
      ],
      [{ sealId: '00000000-0000-4000-8000-000000000000' }, ca.bidder.sign],
    ] as const) {
      const copied = await resealHeader(forged.entries, header => ({ ...header, ...change }), signer.signer())
      const verified = await verifySealedBid(await readEntries(copied), { anchors: tender.anchors, at: sealingTime })
      expect(await codeOf(() => openSealedBid(verified, forged.keys, memorySink()))).toBe('seal.key-mismatch')
    }
  })
})

describe('check 9, the chunks', () => {
  it('refuses a chunk whose tag does not hold though the root is right, wherever it stands', async () => {
    for (const [part, index] of [
      ['opening', 0],
      ['body', 0],
      ['body', 1],
    ] as const) {
      const tamper: ForgeOptions['tamper'] = (name, at, sealed) =>
        name === part && at === index ? flipLast(sealed) : sealed
      expect(await refused({ tamper })).toBe('seal.chunk')
    }
  })

  it('comes before 10 and 11: a bad last chunk wins over a bad document and bad opening data', async () => {
    const tamper: ForgeOptions['tamper'] = (name, at, sealed) =>
      name === 'body' && at === 1 ? flipLast(sealed) : sealed
    const wrong: Entries = [
      ['documents/0001', Buffer.from('other!!!!')],
      ['documents/0002', plan],
    ]
    expect(await refused({ tamper, body: [...bid, ...wrong] })).toBe('seal.chunk')
    expect(await refused({ tamper, opening: await forgeOpening(tender, { creditCode: 'x' }) })).toBe('seal.chunk')
    expect(await refused({ tamper, openingBytes: Buffer.alloc(65_536) })).toBe('seal.chunk')
    const foreign = await forgeBidJson(tender, opening, listed, { creditCode: 'x' })
    expect(await refused({ tamper, body: [...foreign, ...files] })).toBe('seal.chunk')
    expect(await refused({ body: [...foreign, ...files] })).toBe('seal.inner')
  })

  it('refuses bytes that have changed since they were verified', async () => {
    const forged = await forgeBid({
      tender,
      plaintexts: [
        ['opening', innerArchive(opening)],
        ['body', innerArchive([...bid, ...files])],
      ],
    })
    const read = await readEntries(forged.entries)
    const verified = await verifySealedBid(read, { anchors: tender.anchors, at: sealingTime })
    const { source } = read
    const changed = {
      ...verified,
      bid: {
        ...read,
        partSource: (part: PartName) => {
          const inner = read.partSource(part)
          return {
            ...inner,
            async read(offset: number, into: Uint8Array) {
              await inner.read(offset, into)
              if (part === 'body' && offset > 0) into[0] = (into[0] ?? 0) ^ 1
            },
          }
        },
      },
    }
    expect(source.size).toBeGreaterThan(0)
    expect(await codeOf(() => openSealedBid(changed, forged.keys, memorySink()))).toBe('seal.root')
  })
})

describe('check 10, what is inside', () => {
  const rival = ca.rival.sign.signer()

  it('refuses inner documents of another signer, bid, bidder or tender', async () => {
    expect(await refused({ opening: await forgeOpening(tender, {}, rival) })).toBe('seal.inner')
    expect(await refused({ body: [...(await forgeBidJson(tender, opening, listed, {}, rival)), ...files] })).toBe(
      'seal.inner',
    )
    const renewed = ca.issue('bidder-sign', { profile: 'sign', creditCode: ca.bidder.creditCode }).signer()
    expect(await reasonOf({ opening: await forgeOpening(tender, {}, renewed) })).toMatch(/another signer/)
    const reference = (await attempt()).opened.bid.tender
    for (const change of [
      { sealId: '00000000-0000-4000-8000-000000000000' },
      { creditCode: ca.rival.creditCode },
      { tender: { ...reference, lotId: '02' } },
      { tender: { ...reference, deadline: '2026-03-02T08:00:00.0Z' } },
    ]) {
      expect(await refused({ opening: await forgeOpening(tender, change) })).toBe('seal.inner')
      expect(await refused({ body: [...(await forgeBidJson(tender, opening, listed, change)), ...files] })).toBe(
        'seal.inner',
      )
    }
  })

  it('refuses opening data that the body does not name, and a form that stands in both', async () => {
    expect(
      await refused({ body: [...(await forgeBidJson(tender, opening, listed, { openingDigest: allZero })), ...files] }),
    ).toBe('seal.inner')
    const form = { id: 'opening', fields: [{ name: '投标总价', value: '1' }] }
    const first = await forgeOpening(tender, { forms: [form] })
    expect(
      await refused({
        opening: first,
        body: [...(await forgeBidJson(tender, first, listed, { forms: [form] })), ...files],
      }),
    ).toBe('seal.inner')
    expect(await refused({ opening: await forgeOpening(tender, { forms: [form, form] }) })).toBe('seal.inner')
    const twice = { id: 'opening', fields: [...form.fields, ...form.fields] }
    expect(await refused({ opening: await forgeOpening(tender, { forms: [twice] }) })).toBe('seal.inner')
  })

  it('refuses documents of one id or one name', async () => {
    const same = [listDocument('letter', letter), { ...listDocument('letter', plan), name: 'other.pdf' }]
    expect(await refused({ body: [...(await forgeBidJson(tender, opening, same)), ...files] })).toBe('seal.inner')
    const name = [listDocument('letter', letter), { ...listDocument('plan', plan), name: 'letter.pdf' }]
    expect(await refused({ body: [...(await forgeBidJson(tender, opening, name)), ...files] })).toBe('seal.inner')
  })

  it('refuses a name that would leave its folder, an unknown field, another kind of document', async () => {
    const text = Buffer.from(bid[0]?.[1] ?? []).toString()
    for (const other of [
      text.replace('"letter.pdf"', '"../letter.pdf"'),
      text.replace('"letter.pdf"', '".."'),
      text.replace('"letter.pdf"', '"a\\\\b"'),
      text.replace('"role":"letter"', '"role":"letter","later":1'),
      text.replace('bidseal/1 bid', 'bidseal/1 opening'),
      '{}',
    ]) {
      expect(other).not.toBe(text)
      const body: Entries = [...(await signedEntries('bid', Buffer.from(other), ca.bidder.sign.signer())), ...files]
      expect(await refused({ body })).toBe('seal.inner')
    }
    expect(
      await refused({ opening: [...bid.map(([name, bytes]) => [name.replace('bid', 'opening'), bytes] as const)] }),
    ).toBe('seal.inner')
  })

  it('refuses inner archives that are not canonical', async () => {
    const good = innerArchive([...bid, ...files])
    const patch = (offset: number, text: string) => {
      const copy = Buffer.from(good)
      copy.write(text, offset, 'latin1')
      return copy
    }
    expect(await refused({ bodyBytes: patch(136, '00000000001') })).toBe('seal.inner')
    expect(await refused({ bodyBytes: patch(good.length - 1, 'x') })).toBe('seal.inner')
    expect(await refused({ bodyBytes: patch(good.length - 2000, 'x') })).toBe('seal.inner')
    expect(await refused({ bodyBytes: Buffer.concat([good, Buffer.alloc(65_536)]) })).toBe('seal.inner')
    expect(await refused({ bodyBytes: Buffer.alloc(65_536) })).toBe('seal.inner')
    expect(await refused({ body: [...bid, ['documents/0002', plan], ['documents/0001', letter]] })).toBe('seal.inner')
    expect(await refused({ body: [...files, ...bid] })).toBe('seal.inner')
    expect(await refused({ body: [...bid, ...files, ['extra', Buffer.alloc(1)]] })).toBe('seal.inner')
    expect(await refused({ opening: [...opening, ['extra', Buffer.alloc(1)]] })).toBe('seal.inner')
    expect(await refused({ opening: [] })).toBe('seal.inner')
  })

  it('refuses a pad that is too long by 64 KiB', async () => {
    const before = archiveOf(opening).length - 1024
    const longer = archiveOf([...opening, ['pad', Buffer.alloc(padLength(before) + 65_536)]])
    expect(longer.length % 65_536).toBe(0)
    expect(await refused({ openingBytes: longer })).toBe('seal.inner')
  })

  it('refuses a plain twin of other bytes and takes the right one', async () => {
    const twin = (bytes: Uint8Array) =>
      toHex(
        treeRoot(
          intl1,
          'plain',
          chunksOf(bytes).map(chunk => treeLeaf(intl1, 'plain', chunk)),
        ),
      )
    const bodyBytes = innerArchive([...bid, ...files])
    const withTwin = async (body: string) => {
      const plainTwin = [
        { name: 'opening' as const, root: twin(innerArchive(opening)) },
        { name: 'body' as const, root: body },
      ]
      const remedy = { kind: 'plain-twin' as const, plainTwin }
      const plaintexts: ForgeOptions['plaintexts'] = [
        ['opening', innerArchive(opening)],
        ['body', bodyBytes],
      ]
      const forged = await forgeBid({ tender, plaintexts, header: header => ({ ...header, remedy }) })
      const verified = await verifySealedBid(await readEntries(forged.entries), {
        anchors: tender.anchors,
        at: sealingTime,
      })
      return openSealedBid(verified, forged.keys, memorySink())
    }
    await withTwin(twin(bodyBytes))
    expect(await codeOf(() => withTwin(allZero))).toBe('seal.inner')
  })
})

describe('check 11, the documents', () => {
  it('refuses one that is missing, not listed, longer, shorter or another one', async () => {
    expect(await refused({ body: [...bid, ['documents/0001', letter]] })).toBe('seal.document')
    expect(await refused({ body: bid })).toBe('seal.document')
    expect(await refused({ body: [...bid, ...files, ['documents/0003', letter]] })).toBe('seal.document')
    expect(
      await refused({ body: [...bid, ['documents/0001', Buffer.from('投标函x')], ['documents/0002', plan]] }),
    ).toBe('seal.document')
    expect(await refused({ body: [...bid, ['documents/0001', Buffer.from('投标号')], ['documents/0002', plan]] })).toBe(
      'seal.document',
    )
    expect(await refused({ body: [...bid, ['documents/0001', letter], ['documents/0002', plan.subarray(1)]] })).toBe(
      'seal.document',
    )
  })

  it('comes after 10: a bad end of the archive wins over a bad document', async () => {
    const body = innerArchive([...bid, ['documents/0001', Buffer.from('投标号')], ['documents/0002', plan]])
    body[body.length - 1] = 1
    expect(await refused({ bodyBytes: body })).toBe('seal.inner')
  })
})

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 2 ** 20) chunks.push(bytes.subarray(at, at + 2 ** 20))
  return chunks
}
