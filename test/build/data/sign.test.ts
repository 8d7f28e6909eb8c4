import { execFile } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inProject } from '../../../build/project.mjs'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-sign-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Run {
  readonly code: number
  readonly said: string
  readonly printed: string
}

function run(args: readonly string[], key?: string): Promise<Run> {
  const env = { ...process.env, BIDSEAL_PUBLISHER_KEY: key }
  return new Promise(resolve => {
    execFile(process.execPath, [inProject('build/data/sign.mjs'), ...args], { env }, (error, printed, said) => {
      resolve({ code: error === null ? 0 : 1, said, printed })
    })
  })
}

describe('the tool that signs vendor profiles and trust lists', () => {
  it('makes a key that only its owner can read, and prints what is to be pinned', async () => {
    const file = join(folder, 'key.pem')
    const { code, printed } = await run(['--new-key', file])
    expect(code).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const key = createPrivateKey(readFileSync(file))
    const info = createPublicKey(key).export({ format: 'der', type: 'spki' })
    expect(key.asymmetricKeyType).toBe('ed25519')
    expect(printed).toContain(`id: '${createHash('sha256').update(info).digest('hex')}'`)
    expect(printed).toContain(`publicKey: '${info.toString('base64')}'`)
    expect(printed).not.toContain('PRIVATE')
  })

  it('never writes a key over another, nor into the project', async () => {
    const file = join(folder, 'once.pem')
    await run(['--new-key', file])
    const before = readFileSync(file)
    expect((await run(['--new-key', file])).code).toBe(1)
    expect(readFileSync(file)).toEqual(before)
    for (const inside of ['key.pem', 'build/data/key.pem']) {
      const { code, said } = await run(['--new-key', inProject(inside)])
      expect(code).toBe(1)
      expect(said).toContain('does not belong into the project')
      expect(existsSync(inProject(inside))).toBe(false)
    }
  })

  it('does not sign with a key that no program would accept, nor without one', async () => {
    const file = join(folder, 'stranger.pem')
    await run(['--new-key', file])
    const output = join(folder, 'signed')
    const stranger = await run(['-o', output], file)
    expect([stranger.code, stranger.said]).toEqual([1, expect.stringContaining('is not pinned')])
    const none = await run(['-o', output])
    expect([none.code, none.said]).toEqual([1, expect.stringContaining('BIDSEAL_PUBLISHER_KEY')])
    expect(existsSync(output)).toBe(false)
  })
})

it('no private key lies in the tree', () => {
  const texts = ['build/data', 'crypto/token/profiles', 'crypto/token/profiles/data'].flatMap(place =>
    readdirSync(inProject(place), { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ name }) => readFileSync(inProject(place, name), 'utf8')),
  )
  expect(texts.length).toBeGreaterThan(10)
  for (const text of texts) expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/)
})
