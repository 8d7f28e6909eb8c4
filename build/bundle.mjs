// Builds the programs that run outside Electron: plain CommonJS files in out/, and what they need beside them.
// Everything it says goes to stderr: `npm run -s demo -- --json` owes its caller a clean stdout.
import { copyFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { build } from 'esbuild'
import { bundleApp } from './app/bundle-app.mjs'
import { inProject, projectRoot } from './project.mjs'

const programs = [
  { entry: 'main/cli.ts', output: 'out/cli.cjs' },
  { entry: 'crypto/token/host/main.ts', output: 'out/token-host.cjs' },
  { entry: 'crypto/worker/main.ts', output: 'out/pipeline-worker.cjs' },
  { entry: 'main/practice/server-main.ts', output: 'out/practice.cjs' },
  { entry: 'main/services/bench/step-main.ts', output: 'out/bench-app/step.cjs' },
  { entry: 'main/shell/bench-main.ts', output: 'out/bench-app/main.cjs' },
]

/** What makes a folder an app, and tells the command line how it is started. */
const texts = [
  { path: 'out/bench-app/package.json', contents: { name: 'bidseal-bench', private: true, main: 'main.cjs' } },
  {
    path: 'out/bench-app/start.json',
    contents: { program: inProject('build/app/start-bench.mjs'), smCrypto: inProject('build/app/sm-crypto-gcm.mjs') },
  },
]

const assets = [
  {
    from: 'node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
    to: 'out/fonts/NotoSansSC_400Regular.ttf',
  },
]

const quiet = process.argv.includes('--quiet')
const started = performance.now()
// The commands that need no window (`--quiet`) are not kept waiting for it.
const window = quiet ? [] : [bundleApp()]
const results = await Promise.allSettled([
  ...programs.map(bundle),
  ...assets.map(copyAsset),
  ...texts.map(writeText),
  ...window,
])
const failures = results.filter(result => result.status === 'rejected')
for (const failure of failures) console.error(`build: ${failure.reason?.message ?? failure.reason}`)
if (failures.length > 0) process.exitCode = 1
else if (!quiet) console.error(`build: ${programs.length} programs in ${Math.round(performance.now() - started)} ms`)

/** @param {{ entry: string, output: string }} program */
async function bundle({ entry, output }) {
  if (!(await exists(inProject(entry)))) throw new Error(`${output} was not built: ${entry} is missing`)
  const result = await build({
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: output,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Node 18.15 is the Node inside Electron 25, the older of the two runtimes.
    target: 'node18.15',
    // Native modules and the runtime itself are found at run time, and may be absent.
    external: ['pkcs11js', 'koffi', 'electron'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  }).catch(error => {
    throw new Error(`${output} was not built\n${explain(error)}`)
  })
  for (const file of result.outputFiles) await replace(file.path, file.contents)
}

/** @param {{ errors?: readonly import('esbuild').Message[], message: string }} error */
function explain(error) {
  const lines = (error.errors ?? []).map(({ text, location }) =>
    location ? `  ${location.file}:${location.line}:${location.column} ${text}` : `  ${text}`,
  )
  return lines.length > 0 ? lines.join('\n') : error.message
}

/** @param {{ path: string, contents: object }} text */
async function writeText({ path, contents }) {
  await replace(inProject(path), Buffer.from(`${JSON.stringify(contents)}\n`))
}

/** @param {{ from: string, to: string }} asset */
async function copyAsset({ from, to }) {
  const source = await stat(inProject(from)).catch(() => {
    throw new Error(`${to} was not made: ${from} is missing (run npm ci)`)
  })
  const present = await stat(inProject(to)).catch(() => null)
  if (present?.size === source.size) return
  await mkdir(dirname(inProject(to)), { recursive: true })
  const draft = `${inProject(to)}.${process.pid}.part`
  await copyFile(inProject(from), draft)
  await rename(draft, inProject(to))
}

/**
 * Puts a built file in place in one step and only when it differs: another command may be reading it right now.
 * @param {string} path
 * @param {Uint8Array} contents
 */
async function replace(path, contents) {
  const present = await readFile(path).catch(() => null)
  if (present?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.part`
  await writeFile(draft, contents)
  await rename(draft, path)
}

/** @param {string} path */
async function exists(path) {
  return (await stat(path).catch(() => null)) !== null
}
