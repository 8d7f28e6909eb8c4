import { copyFile, link, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { inProject, projectRoot } from '../project.mjs'

/**
 * How to start the app on a runtime.
 * @typedef {object} Start
 * @property {string} executable
 * @property {readonly string[]} args what comes before the app's own arguments
 */

/**
 * Makes a runtime ready to run an app. One that takes an app as its argument is used where it stands; one without
 * `default_app` runs what lies at `resources/app`, so it gets a twin (hard links, no space) in `out/`.
 * @param {import('../runtime/resolve.mjs').Runtime} runtime
 * @param {string} [app] a folder with a package.json; this checkout unless told otherwise
 * @returns {Promise<Start>}
 */
export async function prepareRuntime(runtime, app = projectRoot) {
  const dist = dirname(runtime.path)
  if (process.platform !== 'linux' || (await exists(join(dist, 'resources/default_app.asar')))) {
    return { executable: runtime.path, args: [app] }
  }
  const twin = inProject('out/electron', app === projectRoot ? runtime.version : `${runtime.version}-${basename(app)}`)
  const executable = join(twin, basename(runtime.path))
  if (!(await isTwin(executable, runtime.path))) {
    await rm(twin, { recursive: true, force: true })
    await linkedCopy(dist, twin)
  }
  await pointTo(join(twin, 'resources/app'), app)
  return { executable, args: [] }
}

/**
 * A copy of a folder in one step: hard links where the file system can, else copies.
 * @param {string} from
 * @param {string} to
 */
export async function linkedCopy(from, to) {
  const draft = `${to}.${process.pid}-${randomBytes(4).toString('hex')}.part`
  await fill(from, draft)
  await rename(draft, to).catch(async error => {
    await rm(draft, { recursive: true, force: true })
    // Another command was faster.
    if (!(await exists(to))) throw error
  })
}

/**
 * @param {string} from
 * @param {string} to
 */
async function fill(from, to) {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) await fill(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else await link(source, target).catch(() => copyFile(source, target))
  }
}

/**
 * @param {string} copy
 * @param {string} original
 */
async function isTwin(copy, original) {
  const [a, b] = await Promise.all([copy, original].map(path => stat(path).catch(() => null)))
  return a?.size !== undefined && a.size === b?.size
}

/**
 * @param {string} path
 * @param {string} target
 */
async function pointTo(path, target) {
  if ((await readlink(path).catch(() => '')) === target) return
  await rm(path, { recursive: true, force: true })
  await symlink(target, path).catch(async error => {
    if ((await readlink(path).catch(() => '')) !== target) throw error
  })
}

/** @param {string} path */
function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}
