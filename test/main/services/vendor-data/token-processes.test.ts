import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composePorts, siblingsIn } from '../../../../main/cli/compose.ts'
import { AppFailure } from '../../../../main/contract/failure.ts'
import { startTokenHost } from '../../../../main/token-host/index.ts'
import { inProject } from '../../../../build/project.mjs'
import { makeNssToken, type NssToken, nssTokenLabel } from '../../../fixtures/nss.ts'

let folder: string
let nss: NssToken

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bidseal-hosts-'))
  nss = makeNssToken({ pin: '123456', label: 'NSS', keys: [], intermediates: [] })
})

afterAll(() => {
  nss.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** The labels of the tokens a library shows when it is used with this profile. */
async function labels(name: string | undefined): Promise<readonly string[] | string> {
  const profile = name === undefined ? undefined : { name, modules: [nss.modulePath] }
  const ports = composePorts(join(folder, 'home'), siblingsIn(inProject('out')), { profile })
  try {
    const found = await ports.tokens.driver({ kind: 'pkcs11', path: nss.modulePath }).list()
    return found.map(({ label }) => label)
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  } finally {
    await ports.tokens.close()
  }
}

describe('the process of a library', () => {
  it('is told what the user’s profile says: NSS shows the token of that database', async () => {
    const profile = join(folder, 'nss.json')
    writeFileSync(profile, JSON.stringify({ parameters: nss.parameters }))
    expect(await labels(profile)).toContain(nssTokenLabel)
    expect(await labels(undefined)).not.toContain(nssTokenLabel)
  })

  it('is not started when its profile is of no use, and is asked about anew with the next call', async () => {
    let asked = 0
    const host = startTokenHost({
      module: () => {
        asked += 1
        return Promise.reject(new AppFailure('arguments.bad', 'not this one'))
      },
      startProcess: () => {
        throw new Error('a process was started')
      },
    })
    for (const count of [1, 2]) {
      await expect(host.list()).rejects.toThrow('arguments.bad')
      expect(asked).toBe(count)
    }
    await host.close()
    await expect(host.list()).rejects.toThrow('token.driver-unavailable')
    expect(asked).toBe(2)
  })
})
