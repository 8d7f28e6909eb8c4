import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../project.mjs'

/**
 * Where the executable stands inside an unpacked Electron.
 * @param {NodeJS.Platform} platform
 */
export function executableName(platform) {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}

/**
 * The Electron version of an unpacked runtime, from its `version` file or, when it has none, by asking it.
 * @param {string} dist the unpacked folder
 * @param {string} executable
 * @returns {Promise<string | null>} null when this is not a runtime that starts here
 */
export async function versionOf(dist, executable) {
  const written = await readFile(join(dist, 'version'), 'utf8').catch(() => '')
  if (written.trim() !== '') return written.trim().replace(/^v/, '')
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const asked = await run(executable, ['-p', 'process.versions.electron'], { env, output: 'capture', limitMs: 20_000 })
  return asked.code === 0 ? asked.output.trim() : null
}
