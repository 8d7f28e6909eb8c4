import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import yazl from 'yazl'
import { shippedVersion } from '../../../build/runtime/installed.mjs'
import { releaseUrl } from '../../../build/runtime/official.mjs'
import { NoRuntime, resolveRuntime } from '../../../build/runtime/resolve.mjs'

// A system that no other place has a runtime for, so that what is tested is the place in question.
const elsewhere = { platform: 'freebsd', arch: 'x64' } as const
const nobody = 'http://127.0.0.1:9/'

let scratch = ''
let mirror: Server | null = null

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'bidseal-runtime-'))
})

afterEach(async () => {
  mirror?.close()
  mirror = null
  await rm(scratch, { recursive: true })
})

test('takes the folder that ELECTRON_OVERRIDE_DIST_PATH names before any other', async () => {
  await writeFile(join(scratch, 'electron'), '')
  await writeFile(join(scratch, 'version'), 'v25.1.1\n')
  const said: string[] = []
  const env = { ELECTRON_OVERRIDE_DIST_PATH: scratch }
  const runtime = await resolveRuntime({ ...elsewhere, env, say: line => said.push(line) })
  expect(runtime).toEqual({ path: join(scratch, 'electron'), kind: 'override', version: '25.1.1', forRealBids: false })
  expect(said.join()).toContain('DO NOT use it for real bids')
})

test('says when the named folder holds no runtime', async () => {
  const said: string[] = []
  const env = { ELECTRON_OVERRIDE_DIST_PATH: scratch, ELECTRON_MIRROR: nobody, XDG_CACHE_HOME: scratch }
  await expect(resolveRuntime({ ...elsewhere, env, say: line => said.push(line) })).rejects.toThrow(NoRuntime)
  expect(said).toEqual([expect.stringContaining('ELECTRON_OVERRIDE_DIST_PATH has no runtime')])
})

test('gives one reason for each place when there is none, and leaves a dead server alone for a while', async () => {
  const env = { ELECTRON_MIRROR: nobody, XDG_CACHE_HOME: scratch }
  const first = await reasons(env)
  expect(first).toHaveLength(4)
  expect(first[2]).toContain('127.0.0.1:9')
  expect((await reasons(env))[2]).toContain('within the last hour')
})

test('downloads the pinned release from a mirror and keeps it', async () => {
  const version = await shippedVersion()
  const env = {
    ...process.env,
    ...(await startMirror(version, zip => sha256(zip))),
    XDG_CACHE_HOME: join(scratch, 'cache'),
  }
  const runtime = await resolveRuntime({ ...elsewhere, env })
  expect(runtime).toMatchObject({ kind: 'official', version, forRealBids: true })
  expect(await readFile(runtime.path, 'utf8')).toBe('#!/bin/false\n')
  mirror?.close()
  expect(await resolveRuntime({ ...elsewhere, env })).toEqual(runtime)
  expect(await readdir(join(scratch, 'cache/bidseal'))).toHaveLength(1)
})

test('refuses a download whose checksum is wrong and leaves nothing of it', async () => {
  const version = await shippedVersion()
  const env = {
    ...process.env,
    ...(await startMirror(version, () => '0'.repeat(64))),
    XDG_CACHE_HOME: join(scratch, 'cache'),
  }
  const [, , reason] = await reasons(env)
  expect(reason).toContain('official download')
  expect(await readdir(join(scratch, 'cache/bidseal'))).toEqual(['official-download-failed'])
})

test('builds the address from the mirror variables', () => {
  const release = { version: '45.4.1', platform: 'linux', arch: 'x64' }
  expect(releaseUrl({ ...release, env: {} })).toBe(
    'https://github.com/electron/electron/releases/download/v45.4.1/electron-v45.4.1-linux-x64.zip',
  )
  const env = { ELECTRON_MIRROR: 'https://mirror.example/electron/', ELECTRON_CUSTOM_DIR: '{{ version }}' }
  expect(releaseUrl({ ...release, env })).toBe('https://mirror.example/electron/45.4.1/electron-v45.4.1-linux-x64.zip')
})

async function reasons(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const failure: unknown = await resolveRuntime({ ...elsewhere, env }).catch((error: unknown) => error)
  if (!(failure instanceof NoRuntime)) throw new Error('a runtime was found')
  return failure.reasons
}

/** A mirror with a release of two small files; the checksum is what `checksum` says of the archive. */
async function startMirror(version: string, checksum: (zip: Uint8Array) => string): Promise<NodeJS.ProcessEnv> {
  const name = `electron-v${version}-freebsd-x64.zip`
  const zip = await releaseZip(version)
  const files = new Map<string, Uint8Array>([
    [`/v${version}/${name}`, zip],
    [`/v${version}/SHASUMS256.txt`, Buffer.from(`${checksum(zip)} *${name}\n`)],
  ])
  mirror = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    response.writeHead(file === undefined ? 404 : 200, { connection: 'close' })
    response.end(file)
  })
  mirror.listen(0, '127.0.0.1')
  await once(mirror, 'listening')
  const { port } = mirror.address() as AddressInfo
  return {
    ELECTRON_MIRROR: `http://127.0.0.1:${port}/`,
    electron_use_remote_checksums: '1',
    electron_config_cache: join(scratch, 'downloads'),
  }
}

async function releaseZip(version: string): Promise<Uint8Array> {
  const zip = new yazl.ZipFile()
  zip.addBuffer(Buffer.from('#!/bin/false\n'), 'electron', { mode: 0o100755 })
  zip.addBuffer(Buffer.from(version), 'version')
  zip.end()
  return buffer(zip.outputStream)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
