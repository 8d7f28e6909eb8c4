import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { contextTag, readDer, tags } from '../../../crypto/der/reader.ts'
import { octetString, oidString } from '../../../crypto/der/values.ts'
import { displayWidth } from '../../../main/cli/wording.ts'
import { setTimeout as wait } from 'node:timers/promises'
import { runCli, objectOf, startCli, type CliOptions, type CliRun } from '../../fixtures/cli.ts'
import { blankPages, madePdf } from '../../fixtures/pdf-made.ts'
import { deskPin, makeSigningDesk, type SigningDesk } from '../../fixtures/signing-desk.ts'
import { startTimeStampServer, type TimeStampServerRig } from '../../fixtures/time-stamp-server.ts'
import { withOpenssl } from '../../fixtures/openssl.ts'

// Every command is a process of its own, and some tests run a dozen.
vi.setConfig({ testTimeout: 90_000 })

let desk: SigningDesk
let tsa: TimeStampServerRig
let count = 0

beforeAll(async () => {
  desk = await makeSigningDesk()
  tsa = await startTimeStampServer()
})

afterAll(async () => {
  await tsa.close()
  desk.remove()
})

const run = (args: readonly string[], options: CliOptions = {}): Promise<CliRun> =>
  runCli(['--home', desk.path('home'), ...args], { env: { BIDSEAL_PIN: deskPin }, cwd: desk.folder, ...options })
const ask = async (args: readonly string[], options: CliOptions = {}) => {
  const ended = await run(['--json', ...args], options)
  return { code: ended.code, said: objectOf(ended) }
}
const folder = (): string => {
  const name = `out-${(count += 1)}`
  mkdirSync(desk.path(name))
  return name
}
const judge = (command: string, ...args: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(command, args, { cwd: desk.folder, encoding: 'utf8' })
  return stdout + stderr
}

describe('three locks one after another', () => {
  test('leave three signatures that pdfsig calls valid, and a file that qpdf has nothing against', async () => {
    const [one, two] = [folder(), folder()]
    const name = basename(desk.pdf('技术方案.pdf', 4))
    const seal = ['--seal', desk.seal]
    const first = await ask(['sign', name, '--token', desk.bidder, ...seal, '--across', '--out', one])
    expect(first).toMatchObject({ code: 0, said: { ok: true, kind: 'pdf', signed: 1, files: [{ markedPages: 24 }] } })
    const every = ['--every-page', '--at', '1,-10,-10,25', '--out', two]
    expect((await ask(['sign', `${one}/${name}`, '--token', desk.rival, ...seal, ...every])).code).toBe(0)
    const text = [
      '--text',
      '--at',
      'last,20,20',
      '--in-place',
      '--reason',
      '公证',
      '--location',
      '昆明',
      '--tsa',
      tsa.url,
    ]
    expect((await ask(['sign', `${two}/${name}`, '--token', desk.notice, ...text])).code).toBe(0)

    const judged = judge('pdfsig', `${two}/${name}`)
    expect(judged.match(/Signature Validation: Signature is Valid\./g)).toHaveLength(3)
    expect(judged.match(/Signature Type: ETSI\.CAdES\.detached/g)).toHaveLength(3)
    expect(judged.match(/ - Total document signed/g)).toHaveLength(1)
    for (const signer of ['云岭建设集团有限公司', '滇池水务工程有限公司', '标封演练平台 公告'])
      expect(judged).toContain(signer)
    expect(judge('qpdf', '--check', `${two}/${name}`)).toContain('No syntax or stream encoding errors found')

    const { code, said } = await ask(['verify', `${two}/${name}`, '--trust', desk.root])
    expect(code).toBe(0)
    expect(said).toMatchObject({
      ok: true,
      isWhollySigned: true,
      signatures: [
        { holds: true, signer: { subject: expect.stringContaining('云岭') }, covers: { kind: 'revision' } },
        { holds: true, signer: { subject: expect.stringContaining('滇池') }, covers: { changes: ['signatures'] } },
        {
          holds: true,
          covers: { kind: 'whole-file' },
          claims: { reason: '公证', location: '昆明', time: expect.stringMatching(/Z$/) },
          timestamp: { verdict: 'valid', authority: '标封演练时间戳', chain: { ok: true } },
        },
      ],
    })
  })
})

describe('a signature with a time stamp', () => {
  test('holds a token over it that openssl ts verifies', () =>
    withOpenssl(async bench => {
      const out = folder()
      const name = basename(desk.pdf('投标函.pdf'))
      const { said } = await ask(['sign', name, '--token', desk.bidder, '--tsa', tsa.url, '--out', out])
      expect(said).toMatchObject({ ok: true, files: [{ level: 'B-T', timestamp: expect.stringMatching(/Z$/) }] })
      const { signature, token } = stampIn(readFileSync(desk.path(`${out}/${name}`)))
      bench.put('signature', signature)
      bench.put('token', token)
      const digest = createHash('sha256').update(signature).digest('hex')
      const how = ['-in', 'token', '-token_in', '-CAfile', desk.root]
      for (const what of [
        ['-data', 'signature'],
        ['-digest', digest],
      ]) {
        const judged = bench.run('ts', '-verify', ...what, ...how)
        expect(judged.ok, judged.stderr).toBe(true)
      }
      bench.put('other', Buffer.from('other'))
      expect(bench.run('ts', '-verify', '-data', 'other', ...how).ok).toBe(false)
    }))

  test('is not made when the server refuses: the server’s words are told', async () => {
    const name = basename(desk.pdf('refused.pdf'))
    const args = ['sign', name, '--token', desk.bidder, '--tsa', tsa.url, '--tsa-policy', '1.2.3.4.9']
    const { code, said } = await ask(args)
    expect(code).toBe(4)
    expect(said).toMatchObject({
      ok: false,
      code: 'platform.refused',
      files: [{ outcome: 'failed', platformSays: expect.stringContaining('olicy') }],
    })
    const zh = await run(['--lang', 'zh', ...args])
    expect(zh.stdout).toContain('时间戳服务器没有给出可用的时间戳')
    expect(existsSync(desk.path('refused-signed.pdf'))).toBe(false)
  })
})

describe('a batch', () => {
  test('of fifty documents takes one line of PINs, and goes on after one that cannot be signed', async () => {
    const names = Array.from({ length: 50 }, (_none, index) => `batch-${index}.pdf`)
    for (const name of names) writeFileSync(desk.path(name), madePdf(blankPages(1)))
    writeFileSync(desk.path('batch-7.pdf'), 'no pdf')
    const out = folder()
    const args = ['sign', ...names, '--token', desk.bidder, '--out', out, '--pin-stdin']
    const { code, said } = await ask(args, { env: {}, input: `${deskPin}\n` })
    expect(code).toBe(2)
    expect(said).toMatchObject({ ok: false, code: 'input.unreadable', signed: 49 })
    expect(readdirSync(desk.path(out))).toHaveLength(49)
    const judged = judge('pdfsig', `${out}/batch-49.pdf`)
    expect(judged).toContain('Signature is Valid')
    const stopped = await ask([...args, '--on-error', 'stop'], { env: {}, input: `${deskPin}\n` })
    expect(stopped.said).toMatchObject({ signed: 0, ok: false })
    const again = await ask(args, { env: {}, input: '' })
    expect((again.said['files'] as { outcome: string }[]).filter(({ outcome }) => outcome === 'standing')).toHaveLength(
      49,
    )
  })

  test('that is killed leaves whole documents or none, and is finished by the same command', async () => {
    const names = Array.from({ length: 30 }, (_none, index) => `killed-${index}.pdf`)
    for (const [index, name] of names.entries()) desk.pdf(name, (index % 5) + 1)
    const out = folder()
    const args = ['--home', desk.path('home'), 'sign', ...names, '--token', desk.bidder, '--out', out]
    const running = startCli(args, { env: { BIDSEAL_PIN: deskPin }, cwd: desk.folder })
    const isWhole = (name: string): boolean => name.endsWith('.pdf')
    const deadline = Date.now() + 20_000
    while (readdirSync(desk.path(out)).filter(isWhole).length < 5 && Date.now() < deadline) await wait(2)
    running.child.kill('SIGKILL')
    await running.ended
    const there = readdirSync(desk.path(out)).filter(isWhole)
    expect(there.length).toBeGreaterThanOrEqual(5)
    expect(there.length).toBeLessThan(30)
    const paths = there.map(name => `${out}/${name}`)
    expect(await ask(['sign', '--verify', ...paths, '--trust', desk.root])).toMatchObject({ code: 0 })
    expect(await ask(args.slice(2))).toMatchObject({ code: 0, said: { ok: true, signed: 30 - there.length } })
    expect(readdirSync(desk.path(out)).sort()).toEqual([...names].sort())
  })

  test('is told line by line, at eighty columns, in both languages', async () => {
    const names = ['说明书 第一卷 技术标（施工组织设计与进度计划）.pdf', 'plain.pdf', 'text.pdf']
    for (const name of names.slice(0, 2)) writeFileSync(desk.path(name), madePdf(blankPages(2)))
    writeFileSync(desk.path('text.pdf'), 'no pdf')
    for (const language of ['zh', 'en'] as const) {
      const out = folder()
      const ended = await run(['--lang', language, 'sign', ...names, '--token', desk.bidder, '--out', out])
      expect(ended.code).toBe(2)
      expect(ended.stdout).toContain(language === 'zh' ? '已签名 2，不能签 1' : '2 signed, 1 refused')
      const verified = await run(['--lang', language, 'verify', `${out}/plain.pdf`, '--trust', desk.root])
      expect(verified.stdout).toContain(language === 'zh' ? '验签通过' : 'Holds')
      expect(verified.stdout).toContain('云岭建设集团有限公司')
      for (const line of (ended.stdout + verified.stdout + ended.stderr).split('\n')) {
        expect(displayWidth(line), line).toBeLessThanOrEqual(80)
      }
    }
  })

  test('says what is missing or wrong in the command', async () => {
    const name = basename(desk.pdf('wrong.pdf'))
    const bad = async (...args: readonly string[]): Promise<void> => {
      expect(await ask(['sign', name, ...args]), args.join(' ')).toMatchObject({
        code: 2,
        said: { code: 'arguments.bad' },
      })
    }
    await bad()
    const token = ['--token', desk.bidder]
    await bad(...token, '--at', '1,2,3')
    await bad(...token, '--in-place', '--out', '.')
    await bad(...token, '--text', '--every-page', '--across')
    await bad(...token, '--tsa', 'nowhere')
    await bad(...token, '--tsa-policy', '1.2.3')
    await bad(...token, '--on-error', 'guess')
    await bad('--token', desk.sm2, '--text')
    expect(await ask(['sign', name, ...token, '--seal', desk.root])).toMatchObject({
      code: 2,
      said: { code: 'input.unreadable' },
    })
    expect(await ask(['sign', name, ...token], { env: { BIDSEAL_PIN: 'wrong' } })).toMatchObject({
      code: 3,
      said: { code: 'token.pin-incorrect' },
    })
    expect(readdirSync(desk.folder).filter(each => each.startsWith('wrong'))).toEqual([name])
  })
})

describe('verification', () => {
  test('says what was changed, what is not trusted, and what nobody has signed', async () => {
    const name = basename(desk.pdf('checked.pdf'))
    const trust = ['--trust', desk.root]
    expect(await ask(['verify', name, ...trust])).toMatchObject({
      code: 1,
      said: { ok: false, signatures: [], message: expect.any(String) },
    })
    await ask(['sign', name, '--token', desk.bidder])
    expect((await ask(['verify', 'checked-signed.pdf', ...trust])).code).toBe(0)
    expect(await ask(['verify', 'checked-signed.pdf', '--trust', desk.gmRoot])).toMatchObject({
      code: 1,
      said: {
        ok: false,
        signatures: [{ holds: false, verdict: 'valid', chain: { ok: false, code: 'cert.untrusted' } }],
      },
    })
    const bytes = readFileSync(desk.path('checked-signed.pdf'))
    bytes[Math.floor(statSync(desk.path(name)).size / 2)] = 0x20
    writeFileSync(desk.path('changed.pdf'), bytes)
    expect(await ask(['verify', 'changed.pdf', ...trust])).toMatchObject({
      code: 1,
      said: { ok: false, code: 'document.signature', signatures: [{ holds: false, verdict: 'changed' }] },
    })
    const zh = await run(['--lang', 'zh', 'verify', 'changed.pdf', ...trust])
    expect(zh.stdout).toContain('签名后内容被改动')
    const both = await ask(['sign', '--verify', 'checked-signed.pdf', 'changed.pdf', ...trust])
    expect(both).toMatchObject({ code: 1, said: { ok: false, files: [{ ok: true }, { ok: false }] } })
  })

  test('of what an SM2 lock signed beside the document needs the document’s own bytes', async () => {
    const name = basename(desk.pdf('国密.pdf'))
    const { said } = await ask(['sign', name, '--token', desk.sm2])
    expect(said).toMatchObject({ ok: true, kind: 'detached', files: [{ signature: desk.path('国密.pdf.p7s') }] })
    const trust = ['--trust', desk.gmRoot]
    expect(await ask(['verify', name, ...trust])).toMatchObject({
      code: 0,
      said: { ok: true, signatures: [{ kind: 'detached', holds: true, signer: { algorithm: 'SM2' } }] },
    })
    copyFileSync(desk.path(name), desk.path('moved.pdf'))
    expect((await ask(['verify', 'moved.pdf', ...trust])).code).toBe(1)
    copyFileSync(desk.path('国密.pdf.p7s'), desk.path('moved.pdf.p7s'))
    expect((await ask(['verify', 'moved.pdf', ...trust])).code).toBe(0)
    writeFileSync(desk.path('moved.pdf'), Buffer.concat([readFileSync(desk.path(name)), Buffer.from(' ')]))
    expect(await ask(['verify', 'moved.pdf', ...trust])).toMatchObject({
      code: 1,
      said: { signatures: [{ holds: false }] },
    })
  })
})

/** The signature octets of the last signature in a PDF and its time-stamp token, taken out without our reader of PDFs. */
function stampIn(pdf: Buffer): { readonly signature: Uint8Array; readonly token: Uint8Array } {
  const text = pdf.toString('latin1')
  const hex = /\/Contents\s*<([0-9A-Fa-f]+)>/.exec(text.slice(text.lastIndexOf('/ByteRange') - 60_000))?.[1] ?? ''
  const padded = Buffer.from(hex, 'hex')
  const length = padded.readUInt16BE(2) + 4
  const body =
    readDer(new Uint8Array(padded.subarray(0, length)))
      .children()[1]
      ?.only(tags.sequence)
      .children() ?? []
  const info = body.at(-1)?.only(tags.sequence).children() ?? []
  const signature = octetString(info.find(({ tag }) => tag === tags.octetString) ?? nothing())
  const attributes = info.find(({ tag }) => tag === contextTag(1))?.children() ?? []
  const [type, values] = attributes[0]?.children() ?? []
  if (type === undefined || values === undefined) return nothing()
  expect(oidString(type)).toBe('1.2.840.113549.1.9.16.2.14')
  return { signature, token: values.only(tags.sequence).raw }
}

function nothing(): never {
  throw new Error('no time stamp in it')
}
