import { posix, win32 } from 'node:path'
import type { Language } from '../contract/guards.ts'
import { isLanguage, isPlatformAddress } from '../contract/guards.ts'
import type { ModuleReference } from '../services/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../store/index.ts'

/** What the window remembers of one home. */
export interface WindowSettings {
  /** Null while the user has not chosen. */
  readonly language: Language | null
  /** Drivers and soft locks the user added, by the native dialog. */
  readonly modules: readonly ModuleReference[]
  /** Where the platform of a tender is reached, by packageDigest. */
  readonly platforms: Readonly<Record<string, string>>
}

export interface Settings {
  readonly current: WindowSettings
  /** Changes what is given and writes it down. Throws `output.*`. */
  save(change: Partial<WindowSettings>): Promise<void>
}

const nothing: WindowSettings = { language: null, modules: [], platforms: {} }

/** The settings in a file; one that is damaged or missing counts as empty. */
export async function openSettings(path: string): Promise<Settings> {
  let current = settingsOf(await readJsonIfThere(path).catch(() => null))
  return {
    get current() {
      return current
    },
    async save(change) {
      current = { ...current, ...change }
      await writeJsonAtomic(path, current, 0o600)
    },
  }
}

function settingsOf(value: unknown): WindowSettings {
  if (typeof value !== 'object' || value === null) return nothing
  const { language, modules, platforms } = value as Readonly<Record<string, unknown>>
  return {
    language: isLanguage(language) ? language : null,
    modules: Array.isArray(modules) ? modules.filter(isModule) : [],
    platforms:
      typeof platforms === 'object' && platforms !== null
        ? Object.fromEntries(
            Object.entries(platforms).filter((entry): entry is [string, string] => isPlatformAddress(entry[1])),
          )
        : {},
  }
}

/**
 * Whether a path names a module wherever the app was started: absolute, on Windows with its drive or server. SECURITY: A9,
 * what the settings hold may have been written by another program.
 */
export function isModulePath(path: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'win32') return posix.isAbsolute(path)
  return win32.isAbsolute(path) && /^(?:[a-z]:|[\\/]{2}[^\\/])/i.test(path)
}

function isModule(value: unknown): value is ModuleReference {
  if (typeof value !== 'object' || value === null) return false
  const { kind, path } = value as Readonly<Record<string, unknown>>
  return (kind === 'pkcs11' || kind === 'skf' || kind === 'soft') && typeof path === 'string' && isModulePath(path)
}
