// The window's programs: main process and preloads by esbuild, the pages by Vite. `node build/app/bundle-app.mjs`, and part
// of `npm run build`. What has not changed since the last time is not built again.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { inProject, projectRoot } from '../project.mjs'

/** What the two pages are made of. */
const pageSources = ['renderer', 'main/contract', 'build/app/vite.config.ts', 'package-lock.json']

/** Builds `out/main`, `out/preload` and `out/renderer`. */
export async function bundleApp() {
  await Promise.all([bundleMain('out/main', false), bundlePreloads(), bundlePages()])
}

/**
 * Builds the main program for a packed app that tests drive: it may be looked into, and the driver's own loader holds it
 * back until the driver is there.
 * @param {string} folder
 */
export function bundleDrivenMain(folder) {
  return bundleMain(folder, true)
}

/**
 * @param {string} folder
 * @param {boolean} driven
 */
async function bundleMain(folder, driven) {
  const manifest = JSON.parse(await readFile(inProject('package.json'), 'utf8'))
  const loader = inProject('node_modules/playwright-core/lib/server/electron/loader.js')
  await bundle({
    entryPoints: ['main/index.ts'],
    outdir: folder,
    define: {
      BIDSEAL_DEBUGGABLE: JSON.stringify(driven),
      BIDSEAL_VERSION: JSON.stringify(manifest.version),
      BIDSEAL_ELECTRON: JSON.stringify(manifest.devDependencies.electron),
    },
    inject: driven ? [loader] : [],
  })
}

async function bundlePreloads() {
  await bundle({ entryPoints: ['main/preload.ts', 'main/pin-preload.ts'], outdir: 'out/preload' })
}

/** @param {import('esbuild').BuildOptions} what */
async function bundle(what) {
  const { outputFiles = [] } = await build({
    ...what,
    absWorkingDir: projectRoot,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // Node 18.15 is the Node inside Electron 25, the older of the two runtimes.
    target: 'node18.15',
    external: ['electron', 'pkcs11js', 'koffi'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    write: false,
  })
  for (const { path, contents } of outputFiles) {
    const present = await readFile(path).catch(() => null)
    if (present?.equals(contents)) continue
    await mkdir(dirname(path), { recursive: true })
    const draft = `${path}.${process.pid}.part`
    await writeFile(draft, contents)
    await rename(draft, path)
  }
}

async function bundlePages() {
  const mark = inProject('out/renderer.built')
  await oneAtATime(inProject('out/renderer.lock'), async () => {
    const state = await stateOf(pageSources)
    const built = (await readFile(mark, 'utf8').catch(() => '')) === state
    if (built && (await exists(inProject('out/renderer/index.html')))) return
    const { build: buildPages } = await import('vite')
    await buildPages({ configFile: inProject('build/app/vite.config.ts'), logLevel: 'warn' })
    await writeFile(mark, state)
  })
}

/**
 * A digest of the contents of files and folders.
 * @param {readonly string[]} places
 */
async function stateOf(places) {
  const hash = createHash('sha256')
  for (const place of places) {
    const path = inProject(place)
    const files = (await stat(path)).isDirectory() ? await filesIn(path) : [path]
    for (const file of files) hash.update(file).update(await readFile(file))
  }
  return hash.digest('hex')
}

/** @param {string} folder */
async function filesIn(folder) {
  const entries = await readdir(folder, { withFileTypes: true })
  /** @type {string[]} */
  const files = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(await filesIn(path)))
    else files.push(path)
  }
  return files
}

/**
 * Two commands may build at once; one does, the other waits and finds it done. A lock left by a killed command is taken
 * over after two minutes.
 * @param {string} lock
 * @param {() => Promise<void>} work
 */
async function oneAtATime(lock, work) {
  await mkdir(dirname(lock), { recursive: true })
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  ) {
    const since = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (since > 120_000) await rm(lock, { recursive: true, force: true })
    else await wait(100)
  }
  try {
    await work()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

/** @param {string} path */
function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundleApp()
