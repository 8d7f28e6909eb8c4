import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { exportedNames } from '../../../../main/services/tokens/library-exports.ts'
import { interfacesOf, readLibraryFile } from '../../../../main/services/tokens/library-file.ts'
import { readHeader } from '../../../../main/services/tokens/library-headers.ts'
import { driverOf, requireLoadable } from '../../../../main/services/tokens/loadable.ts'
import { buildSoftSkf } from '../../../fakes/skf/build.ts'
import { libraryBytes } from '../../../fixtures/library-files.ts'
import { softHsmModule } from '../../../fixtures/softhsm.ts'

const folder = mkdtempSync(join(tmpdir(), 'bidseal-library-file-'))
let count = 0

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(bytes: Uint8Array | string): string {
  const path = join(folder, `library-${(count += 1)}`)
  writeFileSync(path, bytes)
  return path
}
const { elf, pe, mach, fat } = libraryBytes
const linux = { platform: 'linux', arch: 'x64' } as const

/** What a refusal says, or that there was none. */
function verdict(bytes: Uint8Array | string, host: { platform: NodeJS.Platform; arch: string } = linux): string {
  try {
    requireLoadable(file(bytes), host)
    return 'fits'
  } catch (error) {
    return error instanceof Error ? error.message : 'something else'
  }
}

describe('the header of a library', () => {
  test.each([
    ['x86-64 Linux', elf(62), { system: 'linux', word: 64, processor: 'x64' }],
    ['32-bit x86 Linux', elf(3, { word: 32 }), { system: 'linux', word: 32, processor: 'ia32' }],
    ['ARM64 Linux', elf(183), { system: 'linux', word: 64, processor: 'arm64' }],
    ['LoongArch', elf(258), { system: 'linux', word: 64, processor: 'loong64' }],
    ['big-endian', elf(22, { big: true }), { system: 'linux', word: 64, processor: 's390x' }],
    ['little-endian MIPS', elf(8, { word: 32 }), { system: 'linux', word: 32, processor: 'mipsel' }],
    ['a processor nobody knows', elf(0x1234), { system: 'linux', word: 64, processor: 'other' }],
    ['64-bit Windows', pe(0x8664), { system: 'win32', word: 64, processor: 'x64' }],
    ['32-bit Windows', pe(0x14c, { word: 32 }), { system: 'win32', word: 32, processor: 'ia32' }],
    ['Windows on ARM', pe(0xaa64), { system: 'win32', word: 64, processor: 'arm64' }],
    ['macOS on Apple silicon', mach(0x0100000c), { system: 'darwin', word: 64, processor: 'arm64' }],
    ['a macOS bundle', mach(0x01000007, { type: 8 }), { system: 'darwin', word: 64, processor: 'x64' }],
  ])('tells what it was built for: %s', (_, bytes, build) => {
    expect(readHeader(bytes)).toEqual({ is: 'library', builds: [build] })
  })

  test('tells every slice of a fat file', () => {
    expect(readHeader(fat([0x01000007, 0x0100000c, 7]))).toMatchObject({
      builds: [
        { word: 64, processor: 'x64' },
        { word: 64, processor: 'arm64' },
        { word: 32, processor: 'ia32' },
      ],
    })
  })

  test.each([
    ['an ELF program', elf(62, { type: 2 })],
    ['a Windows program', pe(0x8664, { library: false })],
    ['a macOS program', mach(0x01000007, { type: 2 })],
    ['a Java class', Buffer.from('cafebabe00000041', 'hex')],
    ['nothing known', Buffer.from('!<arch>\n')],
    ['no byte', Buffer.alloc(0)],
  ])('is none in %s', (_, bytes) => {
    expect(readHeader(bytes)).toEqual({ is: 'other' })
  })

  test('ends before the file does, however short the file is, and is never read beyond it', () => {
    for (const whole of [elf(62), elf(3, { word: 32 }), pe(0x8664), mach(0x0100000c), fat([7, 12])]) {
      for (let length = 0; length < whole.length; length += 1) {
        const { is } = readHeader(whole.subarray(0, length))
        expect(['library', 'damaged', 'other']).toContain(is)
      }
    }
    expect(readHeader(elf(62).subarray(0, 12))).toEqual({ is: 'damaged' })
    expect(readHeader(pe(0x8664).subarray(0, 0x90))).toEqual({ is: 'damaged' })
  })
})

describe('what stands under the name of a driver', () => {
  test('is read without loading it', () => {
    const { state, ...rest } = readLibraryFile(softHsmModule)
    expect(state).toBe('library')
    expect(rest).toMatchObject({ builds: [{ system: process.platform, processor: process.arch }] })
  })

  test('may be nothing, a folder, a loop of links, a text, something else, or half a library', () => {
    const loop = join(folder, 'loop')
    symlinkSync(loop, loop)
    mkdirSync(join(folder, 'folder'))
    const faults = {
      [join(folder, 'nothing.so')]: 'missing',
      [join(file('x'), 'below-a-file.so')]: 'missing',
      [join(folder, 'folder')]: 'not-a-file',
      [loop]: 'loop',
      [file('')]: 'empty',
      [file('<html><body>404 未找到</body></html>\n')]: 'text',
      [file('INPUT(/usr/lib/real.so)')]: 'text',
      [file(Buffer.from('504b0304000000', 'hex'))]: 'not-a-library',
      [file(elf(62).subarray(0, 17))]: 'damaged',
    }
    for (const [path, fault] of Object.entries(faults)) {
      expect([path, readLibraryFile(path)]).toEqual([path, { state: 'unusable', fault }])
    }
  })

  test('may be out of this user’s reach', () => {
    const path = file(elf(62))
    chmodSync(path, 0)
    // The system refuses root nothing.
    const readable = process.platform === 'win32' || process.getuid?.() === 0
    expect(readLibraryFile(path)).toMatchObject(
      readable ? { state: 'library' } : { state: 'unusable', fault: 'unreadable' },
    )
  })
})

describe('a driver’s interface', () => {
  test('is told by what an ELF library exports, not by what it wants from others or merely speaks of', () => {
    expect([...interfacesOf(softHsmModule)]).toEqual(['pkcs11'])
    expect([...interfacesOf(buildSoftSkf('packed'))]).toEqual(['skf'])
    const source = join(folder, 'wants.c')
    const library = join(folder, 'wants.so')
    writeFileSync(
      source,
      'extern int SKF_EnumDev(void); const char *word = "C_GetFunctionList"; int use(void) { return SKF_EnumDev(); }',
    )
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source])
    expect(readFileSync(library).includes('SKF_EnumDev\0')).toBe(true)
    expect([...interfacesOf(library)]).toEqual([])
  })

  test('is told by the export table of a Windows library of either word size', () => {
    const names = ['DllMain', 'SKF_EnumDev', 'SKF_ConnectDev']
    expect([...interfacesOf(file(pe(0x14c, { word: 32, exports: names })))]).toEqual(['skf'])
    const both = pe(0x8664, { exports: ['C_GetFunctionList', 'SKF_EnumDev'] })
    expect([...interfacesOf(file(both))].sort()).toEqual(['pkcs11', 'skf'])
    const mentioned = Buffer.concat([pe(0x8664, { exports: ['other'] }), Buffer.from('\0SKF_EnumDev\0')])
    expect([...interfacesOf(file(mentioned))]).toEqual([])
  })

  test('is looked for in the bytes where the table leads outside the file', () => {
    const broken = pe(0x8664, { exports: ['SKF_EnumDev'] })
    broken.writeUInt32LE(0x7fffffff, 0x400 + 32)
    expect([...exportedNames(broken, 'win32', ['SKF_EnumDev'])]).toEqual(['SKF_EnumDev'])
    const symbols = Buffer.concat([mach(0x0100000c), Buffer.from('\0_SKF_EnumDev\0')])
    expect([...exportedNames(symbols, 'darwin', ['SKF_EnumDev', 'C_GetFunctionList'])]).toEqual(['SKF_EnumDev'])
  })
})

describe('before a library is loaded', () => {
  test.each([
    [elf(62), 'fits'],
    [
      pe(0x14c, { word: 32 }),
      'token.driver-bitness: the file is a 32-bit Windows library; this program is 64-bit Linux',
    ],
    [elf(3, { word: 32 }), 'token.driver-bitness: the file is a 32-bit Linux library; this program is 64-bit Linux'],
    [elf(183), 'token.driver-bitness: the file is a 64-bit Linux library for ARM64; this program is for x86-64'],
    [mach(0x0100000c), 'token.driver-bitness: the file is a 64-bit macOS library; this program is 64-bit Linux'],
    ['no library\n', 'token.driver-unavailable: the file is a text, no library'],
  ])('one for another system, word size or processor is told apart', (bytes, expected) => {
    expect(verdict(bytes)).toBe(expected)
  })

  test('one slice of a fat file that fits is enough', () => {
    const both = fat([0x01000007, 0x0100000c])
    expect(verdict(both, { platform: 'darwin', arch: 'arm64' })).toBe('fits')
    expect(verdict(fat([7]), { platform: 'darwin', arch: 'arm64' })).toContain('32-bit macOS library')
    expect(verdict(fat([0x01000007]), { platform: 'darwin', arch: 'arm64' })).toContain(
      'for x86-64; this program is for ARM64',
    )
  })

  test('no process is started for one that cannot be loaded', () => {
    let started = 0
    const hosts = {
      driver: () => {
        started += 1
        throw new Error('started')
      },
      close: () => Promise.resolve(),
    }
    expect(() => driverOf(hosts, { kind: 'skf', path: file(pe(0x14c, { word: 32 })) })).toThrow('token.driver-bitness')
    expect(started).toBe(0)
    expect(() => driverOf(hosts, { kind: 'soft', path: file('a soft lock') })).toThrow('started')
  })
})
