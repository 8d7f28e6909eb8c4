import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { formatTokenUri } from '../../../crypto/index.ts'
import type { JobControl, Suite } from '../../../crypto/index.ts'
import { practiceAdmin } from '../../practice/index.ts'
import type { SpawnedPlatform } from '../../practice/index.ts'
import type { Ports } from '../ports.ts'
import type { RehearsalFolders } from './folders.ts'
import { exists, prepareRehearsal, rehearsalFolders } from './folders.ts'
import { makeKit } from './kit.ts'

/** What somebody needs who wants to bid to the practice platform by hand. Paths are absolute. */
export interface PlatformKit {
  readonly trust: string
  readonly tender: string
  readonly lock: string
  readonly pinIn: string
}

/** What a new folder gets; one that is there keeps what it has. */
export interface NewPlatform {
  readonly suite: Suite
  /** Until the deadline and opening of its tender. */
  readonly minutes: number
}

export interface PreparedPlatform {
  /** The platform's own folder. */
  readonly platform: string
  /** Where it puts what it opens; null for its own default. */
  readonly opened: string | null
  /** Null for a platform folder without a rehearsal around it. */
  readonly kit: PlatformKit | null
  /** Has the platform, once it runs, list the tender. */
  publish(platform: SpawnedPlatform): Promise<void>
}

/**
 * Finds or makes what the practice platform runs on: a platform's folder, a rehearsal's folder (of `demo --dir` too), or
 * a new one with CA, lock and a tender that closes in so many minutes. Throws `output.exists` for any other folder.
 */
export async function preparePlatform(
  ports: Ports,
  dir: string,
  options: NewPlatform,
  control: JobControl,
): Promise<PreparedPlatform> {
  const root = resolve(dir)
  if (await exists(join(root, 'platform.json'))) return { platform: root, opened: null, kit: null, publish: nothing }
  const folders = rehearsalFolders(root)
  if (!(await exists(join(folders.platform, 'platform.json')))) await makeNew(ports, dir, options, control)
  const kit = await kitOf(folders)
  return {
    platform: folders.platform,
    opened: folders.opened,
    kit,
    async publish(platform) {
      // The same package again changes nothing.
      if (kit !== null) await practiceAdmin(platform, ports.http).publishPackage(await readFile(kit.tender))
    },
  }
}

async function makeNew(ports: Ports, dir: string, { suite, minutes }: NewPlatform, control: JobControl): Promise<void> {
  const openingTime = new Date(Math.ceil(ports.clock.now().getTime() / 60_000) * 60_000 + minutes * 60_000)
  const terms = { openingTime, keyPolicy: 'bidder', remedy: 'recovery-code', signed: false } as const
  const folders = await prepareRehearsal(dir)
  await makeKit(ports, folders, { suite, module: null, terms }, (_name, work) => work(), control)
}

async function kitOf(folders: RehearsalFolders): Promise<PlatformKit | null> {
  const [tender] = (await readdir(folders.tender).catch(() => [])).filter(name => name.endsWith('.tender'))
  if (tender === undefined) return null
  return {
    trust: join(folders.ca, 'root.pem'),
    tender: join(folders.tender, tender),
    lock: formatTokenUri({ kind: 'soft', path: join(folders.locks, 'bidder.p12') }),
    pinIn: join(folders.locks, 'README.txt'),
  }
}

function nothing(): Promise<void> {
  return Promise.resolve()
}
