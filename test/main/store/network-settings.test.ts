import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { networkSettings, usualNetworkSettings, type NetworkSettings } from '../../../main/store/index.ts'
import { codeOf } from '../../fixtures/practice-platform.ts'

let root: string
const file = (): string => join(root, 'network.json')

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bidseal-network-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const whole: NetworkSettings = {
  proxy: { mode: 'url', url: 'http://proxy.example:3128', user: 'zhang' },
  authorities: [join(tmpdir(), 'own-root.pem')],
  timeStamps: { url: 'http://tsa.example/stamp', policy: '1.2.3.4' },
  uploadLimit: 100_000,
}

describe('network settings', () => {
  it('are the usual ones while there is no file', async () => {
    expect(await networkSettings({ root }).read()).toEqual(usualNetworkSettings)
  })

  it('are read as they were saved, in a file nobody else may read', async () => {
    await networkSettings({ root }).save(whole)
    expect(await networkSettings({ root }).read()).toEqual(whole)
    if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(root)).toEqual(['network.json'])
  })

  it.each([
    ['a user in the address of the proxy', { proxy: { mode: 'url', url: 'http://a:b@proxy:3128' } }],
    ['a proxy of another kind', { proxy: { mode: 'url', url: 'socks5://proxy:1080' } }],
    ['a path behind the proxy', { proxy: { mode: 'url', url: 'http://proxy:3128/path' } }],
    ['a user with a colon', { proxy: { mode: 'url', url: 'http://proxy:3128', user: 'a:b' } }],
    ['a user with a line break', { proxy: { mode: 'url', url: 'http://proxy:3128', user: 'a\r\nX: y' } }],
    ['an unknown mode', { proxy: { mode: 'pac' } }],
    ['an authority by a relative path', { authorities: ['root.pem'] }],
    ['authorities that are no list', { authorities: 'root.pem' }],
    ['a time-stamp server on the disk', { timeStamps: { url: 'file:///etc/passwd' } }],
    ['a policy in words', { timeStamps: { url: 'http://tsa.example', policy: 'any' } }],
    ['a limit of nothing', { uploadLimit: 0 }],
    ['a list', []],
    ['nothing', null],
  ])('refuse %s, in the file and to be saved', async (_, value) => {
    writeFileSync(file(), JSON.stringify(value))
    expect(await codeOf(networkSettings({ root }).read())).toBe('input.unreadable')
    expect(await codeOf(networkSettings({ root }).save(value as never))).toBe('arguments.bad')
  })

  it('leave the old file when what is to be saved is refused', async () => {
    await networkSettings({ root }).save(whole)
    const before = readFileSync(file())
    await codeOf(networkSettings({ root }).save({ ...whole, uploadLimit: -1 }))
    expect(readFileSync(file())).toEqual(before)
  })

  it('are not read out of a file that is too long, damaged, or no file', async () => {
    writeFileSync(file(), ' '.repeat(70_000))
    expect(await codeOf(networkSettings({ root }).read())).toBe('input.unreadable')
    writeFileSync(file(), new Uint8Array([0x7b, 0xff, 0x7d]))
    expect(await codeOf(networkSettings({ root }).read())).toBe('input.unreadable')
    rmSync(file())
    if (process.platform === 'win32') return
    execFileSync('mkfifo', [file()])
    expect(await codeOf(networkSettings({ root }).read())).toBe('input.unreadable')
  })
})
