import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { AppFailure } from '../contract/failure.ts'
import { isMissing, writeJsonAtomic } from './atomic-file.ts'
import type { Home } from './home.ts'

/** How the platform and other servers are reached; kept in `network.json` of the home. Holds no password. */
export interface NetworkSettings {
  readonly proxy: ProxySettings
  /** PEM files with certificates of authorities that are trusted for TLS beside the system's. Absolute paths. */
  readonly authorities: readonly string[]
  /** The server that time stamps are asked of, where there is one. */
  readonly timeStamps?: TimeStampSettings
  /** Bytes a second that an upload may take at most; without it as many as the line gives. */
  readonly uploadLimit?: number
}

/**
 * The way out. `system` is what the system says: in the window its settings, on the command line HTTPS_PROXY, HTTP_PROXY
 * and NO_PROXY. Whatever the mode, this computer itself is never asked for through a proxy.
 */
export type ProxySettings =
  | { readonly mode: 'none' }
  | { readonly mode: 'system' }
  /** An `http:` or `https:` proxy, without a user in its address; `user` is told to it when it asks who is there. */
  | { readonly mode: 'url'; readonly url: string; readonly user?: string }

/** A time-stamp server (RFC 3161) and the policy asked of it. */
export interface TimeStampSettings {
  readonly url: string
  /** Dotted; the server's own when it is not told. */
  readonly policy?: string
}

/** The settings of one home. */
export interface NetworkSettingsFile {
  /** The settings, the usual ones where there is no file. Throws `input.unreadable` for a file that holds no settings. */
  read(): Promise<NetworkSettings>
  /** Writes them, whole or not at all. Throws `arguments.bad` for what {@link read} would not take back. */
  save(settings: NetworkSettings): Promise<void>
}

/** What holds until somebody says otherwise. */
export const usualNetworkSettings: NetworkSettings = { proxy: { mode: 'system' }, authorities: [] }

/** The network settings of a home. */
export function networkSettings(home: Pick<Home, 'root'>): NetworkSettingsFile {
  const path = join(home.root, 'network.json')
  return {
    async read() {
      const text = await readBounded(path)
      if (text === null) return usualNetworkSettings
      const settings = settingsOf(parse(text))
      if (typeof settings === 'string') throw new AppFailure('input.unreadable', `network.json: ${settings}`)
      return settings
    },
    async save(settings) {
      const checked = settingsOf(settings)
      if (typeof checked === 'string') throw new AppFailure('arguments.bad', checked)
      await writeJsonAtomic(path, checked, 0o600)
    },
  }
}

const maxFile = 64 * 1024
const maxAddress = 2048
const maxAuthorities = 50

/** Opening a pipe must not wait for whoever writes to it; Windows has no such flag, and no such pipes. */
const readingOnly = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK)

/** SECURITY: bounded before it is read, and a regular file: a pipe would be waited for, a device never ends. */
async function readBounded(path: string): Promise<string | null> {
  try {
    const file = await open(path, readingOnly)
    try {
      const status = await file.stat()
      if (!status.isFile() || status.size > maxFile) {
        throw new AppFailure('input.unreadable', 'network.json is no file of settings')
      }
      const bytes = new Uint8Array(maxFile)
      const { bytesRead } = await file.read(bytes, 0, maxFile, 0)
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return null
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'network.json cannot be read', { cause: error })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The settings in a value from outside, and nothing else of it; a text says what is wrong. */
function settingsOf(value: unknown): NetworkSettings | string {
  if (!isRecord(value)) return 'no settings'
  const { proxy = usualNetworkSettings.proxy, authorities = [], timeStamps, uploadLimit } = value
  const way = proxyOf(proxy)
  if (typeof way === 'string') return way
  if (!Array.isArray(authorities) || authorities.length > maxAuthorities) return 'authorities is no list of files'
  const files = authorities.filter(isFilePath)
  if (files.length < authorities.length) return 'a file of authorities is named by its whole path'
  if (uploadLimit !== undefined && !(isWhole(uploadLimit) && uploadLimit >= 1024)) {
    return 'a limit is a number of bytes a second, at least 1024'
  }
  const stamps = timeStamps === undefined ? null : timeStampsOf(timeStamps)
  if (typeof stamps === 'string') return stamps
  return {
    proxy: way,
    authorities: files,
    ...(stamps === null ? {} : { timeStamps: stamps }),
    ...(uploadLimit === undefined ? {} : { uploadLimit }),
  }
}

function proxyOf(value: unknown): ProxySettings | string {
  if (!isRecord(value)) return 'proxy is no setting'
  const { mode, url, user } = value
  if (mode === 'none' || mode === 'system') return { mode }
  if (mode !== 'url') return 'the mode of a proxy is none, system or url'
  const address = addressOf(url)
  if (address === null || address.pathname !== '/' || address.search !== '' || address.hash !== '') {
    return 'a proxy is an http or https address with its port and nothing behind it, and no user in it'
  }
  if (user !== undefined && !isUser(user)) return 'the user of a proxy is a name without a colon'
  return { mode, url: address.origin, ...(user === undefined ? {} : { user }) }
}

function timeStampsOf(value: unknown): TimeStampSettings | string {
  if (!isRecord(value)) return 'timeStamps is no setting'
  const { url, policy } = value
  const address = addressOf(url)
  if (address === null) return 'a time-stamp server is an http or https address without a user in it'
  if (policy === undefined) return { url: address.href }
  return typeof policy === 'string' && /^[0-2](\.(0|[1-9][0-9]{0,38})){1,30}$/.test(policy)
    ? { url: address.href, policy }
    : 'a policy of a time-stamp server is a dotted number'
}

function addressOf(value: unknown): URL | null {
  if (typeof value !== 'string' || value.length > maxAddress) return null
  try {
    const address = new URL(value)
    const plain = address.username === '' && address.password === ''
    return plain && /^https?:$/.test(address.protocol) ? address : null
  } catch {
    return null
  }
}

function isUser(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{Cc}:]{1,256}$/u.test(value)
}

function isFilePath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 4096 && isAbsolute(value) && !/\p{Cc}/u.test(value)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
