// `npm run pack`: packs a directory that starts, with the runtime that is found, and reads its fuses back.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, Platform } from 'electron-builder'
import { inProject, projectRoot, runTool } from '../project.mjs'
import { resolveRuntime } from '../runtime/resolve.mjs'
import { bundleApp, bundleDrivenMain } from './bundle-app.mjs'
import { readFuses } from './fuses.mjs'

/** The fuses of electron-builder.yml, by their place in the binary (Electron's `fuses.json` schema, version 1). */
const expectedFuses = [
  ...[false, true, false, false, true, true, false],
  // Absent in the older runtime.
  false,
]

/** The main program of the directory that tests drive. */
const drivenMain = 'out/main-driven'

/**
 * @typedef {object} Packed
 * @property {string} folder
 * @property {string} executable
 */

/**
 * Packs the app as it is built.
 * @param {{ forTests?: boolean, output?: string }} [options] `forTests` leaves one fuse and one door open, so that a driver
 *   may attach; such a directory is never given to anybody.
 * @returns {Promise<Packed>}
 */
export async function packApp({ forTests = false, output = 'out/pack' } = {}) {
  const runtime = await resolveRuntime({ say: line => console.error(line) })
  await (forTests ? bundleDrivenMain(drivenMain) : bundleApp())
  await rm(inProject(output), { recursive: true, force: true })
  const config = inProject('out', `${basename(output)}.yml`)
  await writeFile(config, await configFor(runtime, output, forTests))
  await build({ projectDir: projectRoot, targets: Platform.LINUX.createTarget('dir'), publish: 'never', config })
  const folder = inProject(output, 'linux-unpacked')
  const executable = join(folder, 'bidseal')
  await requireFuses(executable, forTests)
  return { folder, executable }
}

/**
 * `electron-builder.yml` as it stands, with what differs here.
 * @param {import('../runtime/resolve.mjs').Runtime} runtime
 * @param {string} output
 * @param {boolean} forTests
 */
async function configFor(runtime, output, forTests) {
  const written = await readFile(inProject('electron-builder.yml'), 'utf8')
  // The older runtime does not have this fuse, and the packer refuses to set one that is not there.
  const recent = Number(runtime.version.split('.')[0]) >= 29
  const lines = written
    .replace(/^ {2}output: .*$/m, `  output: ${output}`)
    .replace(/^ {2}grantFileProtocolExtraPrivileges: .*\n/m, line => (recent ? line : ''))
    .replace(/^ {2}- out\/main\/.*\n/m, line => (forTests ? '' : line))
    .replace(/^asar: /m, line => (forTests ? `  - from: ${drivenMain}\n    to: out/main\n${line}` : line))
    .replace(/^( {2}enableNodeCliInspectArguments:) .*$/m, `$1 ${forTests}`)
  return `${lines}electronVersion: ${runtime.version}\nelectronDist: ${JSON.stringify(dirname(runtime.path))}\n`
}

/**
 * SECURITY: S19, what the packer was told is what the binary has.
 * @param {string} executable
 * @param {boolean} forTests
 */
async function requireFuses(executable, forTests) {
  const found = await readFuses(executable)
  const expected = expectedFuses.map((on, index) => (forTests && index === 3 ? true : on))
  for (const [index, on] of found.entries()) {
    if (index < expected.length && on !== expected[index]) {
      throw new Error(`fuse ${index} of ${executable} is ${on ? 'on' : 'off'}`)
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { code } = await runTool(inProject('build/bundle.mjs'), ['--quiet'])
  if (code !== 0) process.exit(code)
  const { folder } = await packApp()
  console.log(folder)
}
