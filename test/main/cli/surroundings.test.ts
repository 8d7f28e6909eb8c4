import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askCli, cliProgram, objectOf, runCli } from '../../fixtures/cli.ts'
import { makeSealingRig, type SealingRig } from '../../fixtures/sealing-rig.ts'
import { makeSoftHsm, softHsmModule } from '../../fixtures/softhsm.ts'
import { runWatched } from '../../fixtures/write-watch.ts'

const mebibyte = 2 ** 20
let rig: SealingRig

beforeAll(async () => {
  rig = await makeSealingRig(3 * mebibyte)
}, 120_000)

afterAll(() => {
  rig.remove()
})

test('sealing and its self-test write the sealed file and the state of the home, and no plaintext anywhere', async () => {
  const output = join(rig.folder, '封好 的.sbid')
  const run = await runWatched([process.execPath, cliProgram, '--json', ...rig.seal(output)], {
    log: join(rig.folder, 'strace.log'),
    env: { ...process.env, ...rig.env },
  })
  expect(run.code).toBe(0)
  const home = join(rig.folder, 'home')
  const others = run.written
    .map(path => resolve(path))
    .filter(path => !path.startsWith(`${home}/`) && !/^\/(?:dev|proc)\//.test(path))
  expect(others).toEqual([`${output}.part`])
  const kept = readdirSync(home, { recursive: true, encoding: 'utf8' })
  expect(kept.filter(name => /\.(?:pdf|enc|part|tmp)$|documents/.test(name))).toEqual([])
}, 120_000)

test('a full disk is said with what is missing, and nothing is left on it', () => {
  const disk = join(rig.folder, 'full disk')
  mkdirSync(disk)
  const output = join(disk, 'out.sbid')
  // A disk of 2 MiB that only this command sees.
  const script =
    'mount -t tmpfs -o size=2m tmpfs "$1" && shift && disk=$1 && shift && { "$@"; code=$?; ls -A "$disk" >&2; exit $code; }'
  const namespace = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount']
  const command = [process.execPath, cliProgram, '--json', ...rig.seal(output)]
  const run = spawnSync('unshare', [...namespace, 'sh', '-c', script, 'sh', disk, disk, ...command], {
    env: { ...process.env, LANG: 'C.UTF-8', ...rig.env },
    encoding: 'utf8',
  })
  expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, code: 'output.disk-full', retriable: true })
  expect(run.status).toBe(1)
  expect(run.stderr).toBe('')
})

test('a token whose folder has gone has a failure of its own, and nothing is left behind', async () => {
  const hsm = makeSoftHsm()
  const demo = join(rig.folder, 'token demo')
  const env = { ...hsm.environment, BIDSEAL_PIN: '12345678' }
  await askCli(['demo', '--dir', demo, '--module', softHsmModule], { env })
  const listed = JSON.stringify(await askCli(['token', 'list', '--module', softHsmModule], { env }))
  const uri = /"(pkcs11:[^"]+)"/.exec(listed)?.[1] ?? ''
  const tender = join(demo, 'tender', readdirSync(join(demo, 'tender')).find(name => name.endsWith('.tender')) ?? '')
  const output = join(rig.folder, 'by token.sbid')
  const who = ['--tender', tender, '--trust', join(demo, 'ca', 'root.pem'), '--again', '--sign', uri, '-o', output]
  const args = ['--json', '--home', join(rig.folder, 'token home'), 'seal', join(demo, 'bid'), ...who]
  rmSync(hsm.tokensFolder, { recursive: true })
  writeFileSync(hsm.tokensFolder, '')
  const run = await runCli(args, { env })
  expect(run.code).toBe(3)
  expect(objectOf(run)['code']).toMatch(/^token\.(?:driver-unavailable|absent|removed)$/)
  expect(objectOf(run)['next']).toMatch(/\.$/)
  expect(readdirSync(rig.folder).filter(name => name.startsWith('by token'))).toEqual([])
}, 120_000)
