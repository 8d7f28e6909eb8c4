import { describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { bytesSource, sha256Hex } from '../../../crypto/index.ts'
import type { SignedDocument } from '../../../crypto/index.ts'
import { readTenderPackage, writeTenderPackage } from '../../../main/platform/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'
import { makeTender } from '../../fixtures/sealed-bid.ts'

const plan = { path: 'attachments/图纸 第一册/总平面图.dwg', bytes: new Uint8Array(200_000).fill(7) }

async function tenderWith(attachments: readonly (typeof plan)[]): Promise<SignedDocument> {
  const listed = attachments.map(({ path, bytes }) => ({ path, size: bytes.length, digest: sha256Hex(bytes) }))
  return (await makeTender({ fields: { attachments: listed } })).document
}

interface Entry {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode?: number
}

async function zip(entries: readonly Entry[]): Promise<Uint8Array> {
  const file = new ZipFile()
  for (const { path, bytes, mode } of entries) {
    if (path.endsWith('/')) file.addEmptyDirectory(path)
    else file.addBuffer(Buffer.from(bytes), path, { mode: mode ?? 0o100644 })
  }
  file.end()
  const pieces: Uint8Array[] = []
  for await (const piece of file.outputStream) pieces.push(piece as Uint8Array)
  return new Uint8Array(Buffer.concat(pieces))
}

function entriesOf(document: SignedDocument): Entry[] {
  return [
    { path: 'tender.json', bytes: document.bytes },
    { path: 'META-INF/tender.p7s', bytes: document.signature },
  ]
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

const read = (bytes: Uint8Array): Promise<unknown> => readTenderPackage(bytesSource(bytes))

describe('a tender package', () => {
  it('is read as it was written, attachments included', async () => {
    const document = await tenderWith([plan])
    const bytes = await writeTenderPackage(document, [plan])
    const read = await readTenderPackage(bytesSource(bytes))
    expect(read.tender.packageDigest).toBe(sha256Hex(document.bytes))
    const pieces: Uint8Array[] = []
    for await (const piece of read.attachment(plan.path)) pieces.push(piece)
    expect(Buffer.compare(Buffer.concat(pieces), plan.bytes)).toBe(0)
  })

  it('is the same bytes each time', async () => {
    const document = await tenderWith([plan])
    expect(await writeTenderPackage(document, [plan])).toEqual(await writeTenderPackage(document, [plan]))
  })

  it('is refused with an attachment missing, changed, longer or not listed', async () => {
    const document = await tenderWith([plan])
    const fixed = entriesOf(document)
    const changed = Uint8Array.from(plan.bytes)
    changed[5] = 0
    expect(await codeOf(read(await zip(fixed)))).toBe('tender.invalid')
    expect(await codeOf(read(await zip([...fixed, { ...plan, bytes: changed }])))).toBe('tender.invalid')
    expect(await codeOf(read(await zip([...fixed, { ...plan, bytes: changed.subarray(1) }])))).toBe('tender.invalid')
    const extra = { path: 'attachments/extra.pdf', bytes: changed }
    expect(await codeOf(read(await zip([...fixed, plan, extra])))).toBe('tender.invalid')
    expect(await codeOf(read(await zip([...fixed, plan])))).toBe('')
  })

  it.each([
    ['an entry that does not belong', [{ path: 'readme.txt', bytes: new Uint8Array(1) }], 'does not belong'],
    ['a symbolic link', [{ path: 'attachments/l', bytes: Buffer.from('/etc'), mode: 0o120777 }], 'not a plain file'],
    ['two entries of one name', [plan, plan], 'same name'],
    ['two entries that differ only in case', [plan, { ...plan, path: plan.path.replace('dwg', 'DWG') }], 'same name'],
    ['a second tender.json', [{ path: 'tender.json', bytes: new Uint8Array(3) }], 'same name'],
    ['a name with a trailing dot', [{ path: 'attachments/a.', bytes: new Uint8Array(1) }], 'does not belong'],
    ['a name that reads backwards', [{ path: 'attachments/a\u202eb', bytes: new Uint8Array(1) }], 'does not belong'],
    ['a colon in a name', [{ path: 'attachments/c:d', bytes: new Uint8Array(1) }], 'does not belong'],
    ['a folder of another place', [{ path: 'bin/', bytes: new Uint8Array(0) }], 'a folder does not belong'],
  ])('is refused with %s', async (_, entries, detail) => {
    const document = await tenderWith([])
    const failure = await failureOf(read(await zip([...entriesOf(document), ...entries])))
    expect(failure).toMatchObject({
      code: 'tender.invalid',
      failure: { detail: expect.stringContaining(detail) as string },
    })
  })

  it('is refused with a name that leaves its folder, however it is spelled', async () => {
    const document = await tenderWith([])
    for (const name of ['attachments/../../x', '/etc/passwd0000000000', 'attachments\\..\\..\\x']) {
      const harmless = 'attachments/'.padEnd(name.length, 'x')
      const bytes = await zip([...entriesOf(document), { path: harmless, bytes: new Uint8Array(1) }])
      const text = Buffer.from(bytes).toString('latin1').replaceAll(harmless, name)
      const failure = await failureOf(read(Buffer.from(text, 'latin1')))
      expect(failure).toMatchObject({ code: 'tender.invalid', failure: { detail: 'not a readable ZIP archive' } })
    }
  })

  it('is refused when it unpacks to more than it says', async () => {
    const bomb = { path: plan.path, bytes: new Uint8Array(3_000_000) }
    const document = await tenderWith([{ ...bomb, bytes: bomb.bytes.subarray(0, 1000) }])
    const bytes = Buffer.from(await zip([...entriesOf(document), bomb]))
    const size = Buffer.alloc(4)
    size.writeUInt32LE(3_000_000)
    for (let at = bytes.indexOf(size); at >= 0; at = bytes.indexOf(size, at + 1)) bytes.writeUInt32LE(1000, at)
    expect(await codeOf(read(bytes))).toBe('tender.invalid')
  })

  it('is refused with too many entries', async () => {
    const document = await tenderWith([])
    const many = Array.from({ length: 1001 }, (_, index) => ({
      path: `attachments/${index}`,
      bytes: new Uint8Array(0),
    }))
    expect(await codeOf(read(await zip([...entriesOf(document), ...many])))).toBe('tender.invalid')
  })

  it('is refused without its signature, with another one, or when it is no ZIP', async () => {
    const document = await tenderWith([])
    const [first] = entriesOf(document)
    if (first === undefined) throw new Error('unreachable')
    expect(await codeOf(read(await zip([first])))).toBe('tender.invalid')
    const edited = Uint8Array.from(document.bytes)
    edited[edited.length - 5] = (edited[edited.length - 5] ?? 0) ^ 1
    expect(await codeOf(read(await writeTenderPackage({ ...document, bytes: edited }, [])))).toBe('tender.invalid')
    expect(await codeOf(read(new Uint8Array(500)))).toBe('tender.invalid')
    expect(await codeOf(read(new Uint8Array(0)))).toBe('tender.invalid')
  })

  it('never crashes on a package with any byte changed', async () => {
    const bytes = await writeTenderPackage(await tenderWith([]), [])
    for (let at = 0; at < bytes.length; at += 23) {
      const hurt = Uint8Array.from(bytes)
      hurt[at] = (hurt[at] ?? 0) ^ 0x21
      expect(['', 'tender.invalid']).toContain(await codeOf(read(hurt)))
    }
  })

  it('is not written with an attachment no system could store', async () => {
    const document = await tenderWith([])
    for (const path of ['x.pdf', 'attachments/', 'attachments/../x', 'attachments/a//b']) {
      expect(await codeOf(writeTenderPackage(document, [{ path, bytes: new Uint8Array(1) }]))).toBe('tender.invalid')
    }
  })
})
