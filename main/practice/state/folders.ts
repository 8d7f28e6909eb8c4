import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../../store/index.ts'

/** Where the practice platform keeps what. All under the folder it was given, but for what it has opened. */
export interface PracticeFolders {
  readonly root: string
  /** Private keys (mode 0600) and certificates. */
  readonly keys: string
  /** `<packageDigest>.tender` */
  readonly tenders: string
  /** Signed notices: `<packageDigest>.<number>.json` */
  readonly notices: string
  /** Nonces that have been used: `<nonce>.json` */
  readonly nonces: string
  /** `<sealDigest>.json`: what has become of each bid. */
  readonly bids: string
  /** `<sealDigest>.header`: header archives, written before the bid's file. */
  readonly headers: string
  /** The encrypted parts, under their upload ids; they stay there. */
  readonly uploads: string
  /** `<openingId>.json` */
  readonly openings: string
  /** `<sealDigest>.json`: sign-in, challenge and releases of one bid. */
  readonly attendances: string
  /** Confirmations and objections. */
  readonly responses: string
  /** `<sealId>/documents/…`: what was decrypted after the close. */
  readonly opened: string
}

/** Files of the uploads folder that are nobody's bid: what a plain PUT has left. A start removes them. */
export const scratchPrefix = 'scratch.'

/** Makes the folders that are missing and removes what a killed run has left half written. */
export async function prepareFolders(root: string, opened?: string): Promise<PracticeFolders> {
  const folders: PracticeFolders = {
    root,
    keys: join(root, 'keys'),
    tenders: join(root, 'tenders'),
    notices: join(root, 'notices'),
    nonces: join(root, 'nonces'),
    bids: join(root, 'bids'),
    headers: join(root, 'headers'),
    uploads: join(root, 'uploads'),
    openings: join(root, 'openings'),
    attendances: join(root, 'attendances'),
    responses: join(root, 'responses'),
    opened: opened ?? join(root, 'opened'),
  }
  for (const folder of Object.values(folders) as readonly string[]) await mkdir(folder, { recursive: true })
  await syncFolder(root)
  const written = [folders.keys, folders.tenders, folders.notices, folders.nonces, folders.bids, folders.headers]
  for (const folder of [root, ...written, folders.openings, folders.attendances, folders.responses]) {
    for (const name of await readdir(folder)) {
      if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true })
    }
  }
  for (const name of await readdir(folders.uploads)) {
    if (name.startsWith(scratchPrefix)) await rm(join(folders.uploads, name), { force: true })
  }
  return folders
}

/** The names in a folder that end so, without the ending, sorted. */
export async function namesIn(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length))
    .sort()
}
