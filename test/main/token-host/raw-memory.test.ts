import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRawLibrary } from '../../../crypto/token/raw/library.ts'
import { rawPkcs11, rawSkf } from '../../../crypto/token/raw/index.ts'
import { codeOf } from '../../fixtures/refusals.ts'

let folder: string
let path: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-overrun-'))
  path = join(folder, 'overrun.so')
  const source = fileURLToPath(new URL('../../fixtures/overrun.c', import.meta.url))
  execFileSync('gcc', ['-shared', '-fPIC', '-Wall', '-O0', '-o', path, source])
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') Reflect.apply(collect, undefined, [])
}

describe('the memory of a raw call', () => {
  it('shows what a library writes behind its buffer, and that others write nothing there', async () => {
    const p11 = rawPkcs11(openRawLibrary({ kind: 'pkcs11', path }))
    const signed = await p11.sign('1', new Uint8Array(32), 64)
    expect([signed.code, signed.overrun, signed.bytes.length]).toEqual([0, true, 64])
    const random = await p11.random('1', 64)
    expect([random.overrun, random.bytes]).toEqual([false, new Uint8Array(64).fill(0x5a)])
  })

  it('shows what a library writes before its buffer', async () => {
    const p11 = rawPkcs11(openRawLibrary({ kind: 'pkcs11', path }))
    const read = await p11.attributes('1', '2', [{ type: 0, value: null, room: 8 }])
    expect([read.overrun, read.attributes[0]?.bytes]).toEqual([true, new Uint8Array(8).fill(0xa5)])
  })

  it('shows a length of eight bytes where SKF has four', async () => {
    const skf = rawSkf(openRawLibrary({ kind: 'skf', path }))
    const listed = await skf.enumDev(true, null)
    expect([listed.overrun, listed.length]).toEqual([true, 2])
    expect((await skf.random('1', 16)).overrun).toBe(false)
  })

  it('leaves what a function did not write as it was', async () => {
    const p11 = rawPkcs11(openRawLibrary({ kind: 'pkcs11', path }))
    expect(await p11.login('1', 1, '123456')).toMatchObject({ code: 0xa0, overrun: false })
    const raw = openRawLibrary({ kind: 'pkcs11', path })
    const { answers } = await raw.call('C_GenerateRandom', [
      ...[{ kind: 'number', value: 1 } as const, { kind: 'room', length: 8 } as const],
      { kind: 'number', value: 3 },
    ])
    expect(answers).toEqual([null, Uint8Array.of(0x5a, 0x5a, 0x5a, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5), null])
  })

  it('keeps the library when everything else has been collected', async () => {
    const p11 = rawPkcs11(openRawLibrary({ kind: 'pkcs11', path }))
    // What a collected object holds is let go in a later turn of the loop.
    for (let turn = 0; turn < 3; turn += 1) {
      collectGarbage()
      await setImmediate()
    }
    expect(readFileSync('/proc/self/maps', 'utf8')).toContain(path)
    expect((await p11.random('1', 8)).code).toBe(0)
  })

  it('has only functions that the list points to, and takes no address from outside', async () => {
    const raw = openRawLibrary({ kind: 'pkcs11', path })
    expect(raw.functions).toEqual(['C_Login', 'C_GetAttributeValue', 'C_Sign', 'C_GenerateRandom'])
    const address = { kind: 'handle', value: '4096' } as const
    const one = { kind: 'number', value: 1 } as const
    expect(await codeOf(() => raw.call('C_GenerateRandom', [one, address, one]))).toBe('arguments.bad')
    expect(await codeOf(() => raw.call('C_GenerateRandom', [one, one, one]))).toBe('arguments.bad')
    expect(await codeOf(() => raw.call('C_GenerateRandom', [one, { kind: 'room', length: -1 }, one]))).toBe(
      'arguments.bad',
    )
  })

  it('says what is missing in a file that is no library, and takes no relative path', async () => {
    expect(await codeOf(async () => openRawLibrary({ kind: 'pkcs11', path: __filename }))).toBe(
      'token.driver-unavailable',
    )
    expect(await codeOf(async () => openRawLibrary({ kind: 'skf', path: 'overrun.so' }))).toBe('arguments.bad')
  })
})
