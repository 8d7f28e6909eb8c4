import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CryptoFailure, nodeFiles, verifyPdf } from '../../../../crypto/index.ts'
import type { Clock } from '../../../../crypto/index.ts'
import { composePorts, siblingsIn } from '../../../../main/cli/compose.ts'
import { openLocks, signFiles, verifyDocument } from '../../../../main/services/index.ts'
import type { Locks, Ports, SignControl, SignRequest } from '../../../../main/services/index.ts'
import { cliProgram } from '../../../fixtures/cli.ts'
import { gmCa } from '../../../fixtures/gm-ca.ts'
import { blankPages, madePdf } from '../../../fixtures/pdf-made.ts'
import { practiceCa } from '../../../fixtures/practice-ca.ts'
import { parseCertificate } from '../../../../crypto/cert/certificate.ts'
import { deskPin, makeSigningDesk, type SigningDesk } from '../../../fixtures/signing-desk.ts'
import { addSoftHsmLock, makeSoftHsm, softHsmModule } from '../../../fixtures/softhsm.ts'
import { startTimeStampServer } from '../../../fixtures/time-stamp-server.ts'

let desk: SigningDesk
let ports: Ports
let asked: number
let opened: Locks[]
let folder: string
let count = 0

beforeAll(async () => {
  desk = await makeSigningDesk()
  ports = composePorts(desk.path('home'), siblingsIn(dirname(cliProgram)))
})

beforeEach(() => {
  asked = 0
  opened = []
  folder = desk.path(`work-${(count += 1)}`)
  mkdirSync(folder)
})

afterEach(async () => {
  for (const locks of opened) await locks.close()
})

afterAll(async () => {
  await ports.tokens.close()
  desk.remove()
})

/** Locks whose PIN source counts. */
function locksOf(uri: string, pin = deskPin, modules: Parameters<typeof openLocks>[0]['modules'] = []): Locks {
  const locks = openLocks({
    hosts: ports.tokens,
    modules,
    order: [uri],
    askPin: () => {
      asked += 1
      return Promise.resolve({ pin })
    },
  })
  opened.push(locks)
  return locks
}

const request = (files: readonly string[], more: Partial<SignRequest> = {}): SignRequest => ({
  files,
  token: desk.bidder,
  look: null,
  output: { kind: 'beside' },
  onError: 'surroundings',
  ...more,
})

const sign = (files: readonly string[], more: Partial<SignRequest> = {}, control: SignControl = {}, use = ports) =>
  signFiles(use, locksOf(more.token ?? desk.bidder), request(files, more), control)

const inFolder = (name: string): string => join(folder, name)
const put = (name: string, pages = 2): string => {
  writeFileSync(inFolder(name), madePdf(blankPages(pages)))
  return inFolder(name)
}
const names = (): readonly string[] => readdirSync(folder).sort()
const anchors = [parseCertificate(practiceCa().root)]
const signersOf = async (path: string): Promise<readonly string[]> => {
  const { report } = await verifyDocument(ports, path, { anchors })
  return report.signatures.map(({ signer, holds }) => `${holds} ${signer?.subject.split(',')[0] ?? ''}`)
}
const bidderHolds = 'true CN=云岭建设集团有限公司'

describe('a batch', () => {
  test('of fifty documents asks for the PIN once, and every one is signed', async () => {
    const files = Array.from({ length: 50 }, (_none, index) => put(`${index}.pdf`))
    const told: number[] = []
    const { files: results, signer } = await sign(files, {}, { onFile: (_result, index) => told.push(index) })
    expect(asked).toBe(1)
    expect(results.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 50 }, () => 'signed'))
    expect(told).toEqual(files.map((_file, index) => index))
    expect(signer.subject).toContain('云岭建设集团有限公司')
    for (const index of [0, 24, 49]) expect(await signersOf(inFolder(`${index}-signed.pdf`))).toEqual([bidderHolds])
  })

  test('names documents that cannot be signed, and signs the others', async () => {
    const good = put('good.pdf')
    const encrypted = inFolder('encrypted.pdf')
    writeFileSync(encrypted, madePdf(blankPages(1), { trailer: '/Encrypt << /Filter /Standard /V 1 >>' }))
    writeFileSync(inFolder('text.pdf'), 'no pdf at all')
    put('taken.pdf')
    writeFileSync(inFolder('taken-signed.pdf'), 'precious')
    const files = [encrypted, good, inFolder('text.pdf'), inFolder('taken.pdf'), inFolder('none.pdf'), folder]
    const { files: results } = await sign(files)
    expect(results).toMatchObject([
      { outcome: 'refused', why: 'encrypted', failure: { code: 'input.unreadable' } },
      { outcome: 'signed', output: inFolder('good-signed.pdf'), level: 'B-B' },
      { outcome: 'refused', why: 'unreadable' },
      { outcome: 'refused', why: 'taken', failure: { code: 'output.exists' } },
      { outcome: 'refused', why: 'unreadable' },
      { outcome: 'refused', why: 'unreadable' },
    ])
    expect(asked).toBe(1)
    expect(readFileSync(inFolder('taken-signed.pdf'), 'utf8')).toBe('precious')
    expect(names().filter(name => name.includes('.part'))).toEqual([])
  })

  test('asks nobody for a PIN when nothing can be signed, or when one cannot be and it is to stop', async () => {
    writeFileSync(inFolder('text.pdf'), 'no pdf at all')
    await sign([inFolder('text.pdf')])
    const { files } = await sign([put('a.pdf'), inFolder('text.pdf'), put('b.pdf')], { onError: 'stop' })
    expect(files.map(({ outcome }) => outcome)).toEqual(['not-tried', 'refused', 'not-tried'])
    expect(asked).toBe(0)
    expect(names()).toEqual(['a.pdf', 'b.pdf', 'text.pdf'])
  })

  test('of which nothing is signed with a wrong PIN, which is asked for once', async () => {
    const files = [put('a.pdf'), put('b.pdf')]
    const signing = signFiles(ports, locksOf(desk.bidder, 'wrong'), request(files, { onError: 'continue' }))
    await expect(signing).rejects.toMatchObject({ code: 'token.pin-incorrect' })
    expect(asked).toBe(1)
    expect(names()).toEqual(['a.pdf', 'b.pdf'])
  })

  test('stops where the lock is the trouble, goes on when told to, and asks for no second PIN', async () => {
    const files = ['a.pdf', 'b.pdf', 'c.pdf'].map(name => put(name))
    const pulledOut = (locks: Locks): Locks => ({
      ...locks,
      async signer(uri) {
        const signer = await locks.signer(uri)
        let signatures = 0
        return {
          ...signer,
          sign(...how) {
            signatures += 1
            if (signatures === 2) return Promise.reject(new CryptoFailure('token.removed', 'the lock is gone'))
            return signer.sign(...how)
          },
        }
      },
    })
    const outcomes = async (onError: SignRequest['onError'], into: string) => {
      mkdirSync(inFolder(into))
      const output = { kind: 'folder', path: inFolder(into) } as const
      const report = await signFiles(ports, pulledOut(locksOf(desk.bidder)), request(files, { onError, output }))
      return report.files.map(({ outcome }) => outcome)
    }
    expect(await outcomes('surroundings', 'one')).toEqual(['signed', 'failed', 'not-tried'])
    expect(await outcomes('stop', 'two')).toEqual(['signed', 'failed', 'not-tried'])
    expect(await outcomes('continue', 'three')).toEqual(['signed', 'failed', 'signed'])
    expect(readdirSync(inFolder('three')).sort()).toEqual(['a.pdf', 'c.pdf'])
    expect(asked).toBe(3)
  })

  test('that is run again keeps what it has signed', async () => {
    const files = [put('a.pdf'), put('b.pdf')]
    await sign(files.slice(0, 1))
    const before = readFileSync(inFolder('a-signed.pdf'))
    expect((await sign(files)).files.map(({ outcome }) => outcome)).toEqual(['standing', 'signed'])
    expect(readFileSync(inFolder('a-signed.pdf')).equals(before)).toBe(true)
    // Another lock's signature, or one of another document, is nothing of ours.
    const other = await sign(files, { token: desk.rival })
    expect(other.files).toMatchObject([
      { outcome: 'refused', why: 'taken' },
      { outcome: 'refused', why: 'taken' },
    ])
    appendFileSync(inFolder('a.pdf'), '% later\n')
    expect((await sign(files)).files).toMatchObject([{ outcome: 'refused', why: 'taken' }, { outcome: 'standing' }])
  })

  test('that is stopped says what was signed, and leaves nothing half-written', async () => {
    const stop = new AbortController()
    const files = ['a.pdf', 'b.pdf', 'c.pdf'].map(name => put(name))
    const onFile = (): void => {
      stop.abort()
    }
    const report = await sign(files, {}, { signal: stop.signal, onFile })
    expect(report.cancelled).toBe(true)
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['signed', 'not-tried', 'not-tried'])
    expect(names()).toEqual(['a-signed.pdf', 'a.pdf', 'b.pdf', 'c.pdf'])
    await expect(sign(files, {}, { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('takes no document twice, no two that would bear one name, and no folder that is a file', async () => {
    const a = put('a.pdf')
    mkdirSync(inFolder('sub'))
    writeFileSync(inFolder('sub/a.pdf'), madePdf(blankPages(1)))
    symlinkSync(a, inFolder('link.pdf'))
    const output = { kind: 'folder', path: inFolder('out') } as const
    const bad = { code: 'arguments.bad' }
    await expect(sign([a, a])).rejects.toMatchObject(bad)
    await expect(sign([a, inFolder('link.pdf')])).rejects.toMatchObject(bad)
    await expect(sign([a, inFolder('sub/a.pdf')], { output })).rejects.toMatchObject(bad)
    await expect(sign([a], { output: { kind: 'folder', path: folder } })).rejects.toMatchObject(bad)
    await expect(sign([])).rejects.toMatchObject(bad)
    const file = { kind: 'folder', path: a } as const
    await expect(sign([a], { output: file })).rejects.toMatchObject({ code: 'output.unwritable' })
    expect((await sign([a], { output })).files).toMatchObject([{ outcome: 'signed', output: inFolder('out/a.pdf') }])
  })

  test('refuses a certificate that is not valid today before any PIN', async () => {
    const late: Clock = { now: () => new Date('2037-01-01T00:00:00Z') }
    const signing = sign([put('a.pdf')], {}, {}, { ...ports, clock: late })
    await expect(signing).rejects.toMatchObject({ code: 'cert.expired' })
    expect(asked).toBe(0)
  })
})

describe('a place', () => {
  const box = { x: 10, y: 10, width: 50, height: 50, from: 'lower-right' } as const
  const look = (place: NonNullable<SignRequest['look']>['place']) => ({
    place,
    image: Uint8Array.from(readFileSync(desk.seal)),
  })

  test('is counted from the first page or the last, and has to be there', async () => {
    const marked = async (page: number) => {
      const output = { kind: 'folder', path: inFolder(`p${page}`) } as const
      const [result] = (await sign([put('a.pdf', 3)], { look: look({ kind: 'page', page, box }), output })).files
      return result
    }
    expect(await marked(-1)).toMatchObject({ outcome: 'signed', markedPages: 1 })
    expect(await marked(3)).toMatchObject({ outcome: 'signed' })
    expect(await marked(4)).toMatchObject({ outcome: 'refused', why: 'page' })
    expect(await marked(-4)).toMatchObject({ outcome: 'refused', why: 'page' })
  })

  test('may be every page or across them, which needs two', async () => {
    const across = look({ kind: 'across-pages', width: 100, height: 100 })
    const files = [put('one.pdf', 1), put('three.pdf', 3)]
    expect((await sign(files, { look: across })).files).toMatchObject([
      { outcome: 'refused', why: 'page' },
      { outcome: 'signed', markedPages: 3 },
    ])
    const every = look({ kind: 'every-page', box })
    expect((await sign([files[0] ?? ''], { look: every })).files).toMatchObject([{ outcome: 'signed', markedPages: 1 }])
  })

  test('outside the page is refused before any PIN', async () => {
    const outside = look({ kind: 'page', page: 1, box: { ...box, x: 580 } })
    expect((await sign([put('a.pdf')], { look: outside })).files).toMatchObject([{ outcome: 'refused', why: 'page' }])
    const large = look({ kind: 'every-page', box: { ...box, width: 700 } })
    expect((await sign([put('b.pdf')], { look: large })).files).toMatchObject([{ outcome: 'refused', why: 'page' }])
    expect(asked).toBe(0)
  })

  test('shows each document its own lines', async () => {
    const font = new Uint8Array(readFileSync(join(dirname(cliProgram), 'fonts', 'NotoSansSC_400Regular.ttf')))
    const said: string[] = []
    const lines = (name: string, time: Date): readonly string[] => {
      said.push(`${name} ${time.toISOString()}`)
      return [name]
    }
    const at = { kind: 'page', page: 1, box: { ...box, width: 200 } } as const
    await sign([put('a.pdf'), put('b.pdf')], { look: { place: at, text: { font, lines } } })
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/^云岭建设集团有限公司 20/)
  })
})

describe('in place', () => {
  test('the document itself becomes the signed one, with its permissions, through a link', async () => {
    const real = put('real.pdf')
    chmodSync(real, 0o640)
    symlinkSync(real, inFolder('link.pdf'))
    const output = { kind: 'in-place' } as const
    expect((await sign([inFolder('link.pdf')], { output })).files).toMatchObject([{ outcome: 'signed', output: real }])
    expect(statSync(real).mode & 0o777).toBe(0o640)
    expect(names()).toEqual(['link.pdf', 'real.pdf'])
    await sign([real], { output, token: desk.rival })
    expect(await signersOf(real)).toEqual([bidderHolds, 'true CN=滇池水务工程有限公司'])
  })

  test('a document that was changed meanwhile is not overwritten', async () => {
    const real = put('real.pdf')
    const meddling: Ports = {
      ...ports,
      files: {
        ...nodeFiles,
        create(path, size) {
          appendFileSync(real, '% somebody else\n')
          return nodeFiles.create(path, size)
        },
      },
    }
    const report = await sign([real], { output: { kind: 'in-place' } }, {}, meddling)
    expect(report.files).toMatchObject([{ outcome: 'failed', failure: { code: 'input.changed' } }])
    expect(readFileSync(real, 'utf8')).toContain('somebody else')
    expect(names()).toEqual(['real.pdf'])
  })
})

describe('a time-stamp server', () => {
  test('makes it B-T; when it refuses, the run stops and nothing is written', async () => {
    const server = await startTimeStampServer()
    try {
      const files = [put('a.pdf'), put('b.pdf')]
      const timeStamps = { url: server.url }
      const { files: results } = await sign(files.slice(0, 1), { timeStamps })
      expect(results).toMatchObject([{ outcome: 'signed', level: 'B-T', timestamp: expect.stringMatching(/Z$/) }])
      const source = await nodeFiles.open(inFolder('a-signed.pdf'))
      const [signature] = (await verifyPdf(source, { anchors })).signatures
      await source.close()
      expect(signature).toMatchObject({ verdict: { timestamp: { kind: 'valid', trust: { kind: 'trusted' } } } })
      const other = { timeStamps: { ...timeStamps, policy: '1.2.3.4.9' } }
      const refused = await sign([files[1] ?? '', put('c.pdf')], other)
      expect(refused.files).toMatchObject([
        { outcome: 'failed', failure: { code: 'platform.refused', platformSays: expect.stringContaining('olicy') } },
        { outcome: 'not-tried' },
      ])
      expect(existsSync(inFolder('b-signed.pdf'))).toBe(false)
      // Without a time stamp it is not what was asked for now.
      await sign([put('d.pdf')])
      expect((await sign([inFolder('d.pdf')], { timeStamps })).files).toMatchObject([
        { outcome: 'refused', why: 'taken' },
      ])
    } finally {
      await server.close()
    }
  })
})

describe('an SM2 lock', () => {
  test('signs beside the document, whose bytes stay, with one PIN for all', async () => {
    const files = [put('a.pdf'), put('b.pdf'), desk.pdf('large.pdf', 4)]
    const before = files.map(file => readFileSync(file))
    const report = await sign(files, { token: desk.sm2 })
    expect(report.kind).toBe('detached')
    expect(report.files).toMatchObject(
      files.map(file => ({ outcome: 'signed', output: file, signature: `${file}.p7s` })),
    )
    expect(asked).toBe(1)
    expect(files.map(file => readFileSync(file))).toEqual(before)
    expect((await sign(files, { token: desk.sm2 })).files.map(({ outcome }) => outcome)).toEqual(
      files.map(() => 'standing'),
    )
    expect(asked).toBe(1)
  })

  test('puts the document beside its signature in another folder', async () => {
    const output = { kind: 'folder', path: inFolder('out') } as const
    await sign([put('a.pdf')], { token: desk.sm2, output })
    expect(readFileSync(inFolder('out/a.pdf')).equals(readFileSync(inFolder('a.pdf')))).toBe(true)
    const { report } = await verifyDocument(ports, inFolder('out/a.pdf'), {
      anchors: [parseCertificate(gmCa().root)],
    })
    expect(report).toMatchObject({
      failure: null,
      isWhollySigned: true,
      signatures: [{ kind: 'detached', holds: true }],
    })
    appendFileSync(inFolder('out/a.pdf'), ' ')
    const changed = await verifyDocument(ports, inFolder('out/a.pdf'), { anchors })
    expect(changed.report).toMatchObject({
      failure: { code: 'document.signature' },
      signatures: [{ verdict: 'broken', holds: false }],
    })
  })

  test('cannot be seen in it, nor stamped, nor written over it, which is said before any PIN', async () => {
    const bad = { code: 'arguments.bad' }
    const file = put('a.pdf')
    const place = { kind: 'across-pages', width: 9, height: 9 } as const
    await expect(sign([file], { token: desk.sm2, look: { place } })).rejects.toMatchObject(bad)
    await expect(sign([file], { token: desk.sm2, reason: 'x' })).rejects.toMatchObject(bad)
    const timeStamps = { url: 'http://127.0.0.1:1/' }
    await expect(sign([file], { token: desk.sm2, timeStamps })).rejects.toMatchObject(bad)
    await expect(sign([file], { token: desk.sm2, output: { kind: 'in-place' } })).rejects.toMatchObject(bad)
    expect(asked).toBe(0)
  })

  test('leaves alone what is no signature of the document', async () => {
    const file = put('a.pdf')
    writeFileSync(`${file}.p7s`, 'mine')
    expect((await sign([file], { token: desk.sm2 })).files).toMatchObject([{ outcome: 'refused', why: 'taken' }])
    expect(readFileSync(`${file}.p7s`, 'utf8')).toBe('mine')
    rmSync(`${file}.p7s`)
  })
})

describe('a PKCS#11 token', () => {
  test('signs a batch with one PIN', async () => {
    const hsm = makeSoftHsm()
    process.env['SOFTHSM2_CONF'] = hsm.environment.SOFTHSM2_CONF
    const own = composePorts(desk.path('home'), siblingsIn(dirname(cliProgram)))
    try {
      const lock = addSoftHsmLock(hsm)
      const locks = openLocks({
        hosts: own.tokens,
        modules: [{ kind: 'pkcs11', path: softHsmModule }],
        order: [lock.uri],
        askPin: () => {
          asked += 1
          return Promise.resolve({ pin: lock.pin })
        },
      })
      opened.push(locks)
      const files = ['a.pdf', 'b.pdf', 'c.pdf'].map(name => put(name))
      const report = await signFiles(own, locks, request(files, { token: lock.uri }))
      expect(report.files.map(({ outcome }) => outcome)).toEqual(['signed', 'signed', 'signed'])
      expect(asked).toBe(1)
      expect(await signersOf(inFolder('c-signed.pdf'))).toEqual([bidderHolds])
      await locks.close()
    } finally {
      await own.tokens.close()
      Reflect.deleteProperty(process.env, 'SOFTHSM2_CONF')
      hsm.remove()
    }
  })
})
