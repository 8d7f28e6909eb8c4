import { lstat, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readFileIfThere, sweepTemporaries, writeFileAtomic } from '../../store/index.ts'
import { maxDraftBytes, parseDraft, stateDigest } from './draft-format.ts'
import type { BidDraft } from './draft.ts'

/** How many revisions before the present one stay readable and can be restored. */
export const keptRevisions = 50

/** How many bytes of documents that only earlier revisions name are kept; the oldest go first. */
export const keptBytes = 4 * 2 ** 30

/** A state of a bid, as it stands in the folder. */
export interface KeptState {
  readonly revision: number
  /** SHA-256 of its `bid.json`, hex. */
  readonly digest: string
  readonly draft: BidDraft
  /** When it was written there, RFC 3339 UTC: this computer's clock, and a claim. */
  readonly writtenAt: string
}

/** A document that only earlier states name. */
export interface KeptFile {
  /** The last revision that named it. */
  readonly until: number
  /** As those states name it: `documents/a.pdf`. */
  readonly path: string
  /** Where it lies, inside the folder. */
  readonly at: string
  readonly size: number
  /** It was there and is not kept any more. */
  readonly dropped: boolean
}

/** Keeps the bytes of a state in the folder's history; a state that is there already is left alone. */
export async function keepState(folder: string, bytes: Uint8Array): Promise<void> {
  const { revision } = parseDraft(bytes)
  const path = join(folder, 'history', `${padded(revision)}-${stateDigest(bytes).slice(0, 12)}.json`)
  const present = await readFileIfThere(path)
  if (present === null || stateDigest(present) !== stateDigest(bytes)) await writeFileAtomic(path, bytes)
}

/**
 * The states in a folder's history, the lowest revision first, and the names of files there that can't be read as one. The
 * present state is among them unless the save that made it was killed.
 */
export async function keptStates(
  folder: string,
): Promise<{ readonly states: readonly KeptState[]; readonly damaged: readonly string[] }> {
  const states: KeptState[] = []
  const damaged: string[] = []
  for (const name of await stateNames(folder)) {
    const state = await readState(join(folder, 'history', name)).catch(() => null)
    if (state === null) damaged.push(name)
    else states.push(state)
  }
  return { states: states.sort((a, b) => a.revision - b.revision), damaged }
}

/** A state in a file of its own, null for what is none. */
export async function readState(path: string): Promise<KeptState | null> {
  const status = await lstat(path)
  if (!status.isFile() || status.size > maxDraftBytes) return null
  const bytes = await readFileIfThere(path)
  if (bytes === null) return null
  const draft = parseDraft(bytes)
  return { revision: draft.revision, digest: stateDigest(bytes), draft, writtenAt: status.mtime.toISOString() }
}

/** The documents kept for earlier states, those named longest ago first. */
export async function keptFiles(folder: string): Promise<readonly KeptFile[]> {
  const found: KeptFile[] = []
  const root = join(folder, 'history', 'documents')
  if (!(await isFolder(join(folder, 'history'))) || !(await isFolder(root))) return []
  for (const name of (await readdir(root)).filter(each => /^\d{6,}$/.test(each)).sort()) {
    for (const file of await plainFiles(join(root, name))) {
      const dropped = file.rest.endsWith(droppedMark)
      const path = `documents/${dropped ? file.rest.slice(0, -droppedMark.length) : file.rest}`
      const size = dropped ? 0 : file.size
      found.push({ until: Number(name), path, at: `history/documents/${name}/${file.rest}`, size, dropped })
    }
  }
  return found
}

/**
 * Puts the folder in order after a save: documents that only earlier states name are moved out of `documents/`, states and
 * documents beyond what is kept are removed. What another save is just copying in is not touched.
 */
export async function tidyHistory(
  folder: string,
  limits: { readonly revisions: number; readonly bytes: number } = { revisions: keptRevisions, bytes: keptBytes },
): Promise<void> {
  const present = await readState(join(folder, 'bid.json'))
  if (present === null) return
  const oldest = present.revision - limits.revisions
  await sweepTemporaries(folder)
  await sweepTemporaries(join(folder, 'history'))
  for (const name of await stateNames(folder)) {
    if (Number.parseInt(name, 10) < oldest) await rm(join(folder, 'history', name), { force: true })
  }
  await putAway(folder, present)
  const files = await keptFiles(folder)
  let held = 0
  for (const file of [...files].reverse()) {
    held += file.size
    if (file.until >= oldest && (file.dropped || held <= limits.bytes)) continue
    // The mark goes first: a file of this name that comes later is not taken for this one.
    if (file.until >= oldest) await writeFile(join(folder, file.at + droppedMark), '')
    await rm(join(folder, file.at), { force: true })
    if (file.until < oldest) await removeEmptyFolders(join(folder, file.at), join(folder, 'history'))
    held -= file.size
  }
}

/** Ending of the empty file that stands for a document that is not kept any more. */
const droppedMark = '.dropped'

async function putAway(folder: string, present: KeptState): Promise<void> {
  if (!(await isFolder(join(folder, 'documents')))) return
  const spelled = (path: string): string => path.normalize('NFC')
  const named = new Set(present.draft.documents.map(({ path }) => spelled(path)))
  const unnamed = (await plainFiles(join(folder, 'documents'))).filter(
    ({ rest }) => !named.has(spelled(`documents/${rest}`)),
  )
  if (unnamed.length === 0) return
  const { states } = await keptStates(folder)
  for (const { rest } of unnamed) {
    const naming = states.filter(
      ({ digest, draft }) =>
        digest !== present.digest && draft.documents.some(({ path }) => spelled(path) === spelled(`documents/${rest}`)),
    )
    const until = Math.max(...naming.map(({ revision }) => revision))
    if (naming.length === 0) continue
    const target = join(folder, 'history', 'documents', padded(until), rest)
    // Where its place is taken, this is another file of the name, which somebody is just bringing in.
    if ((await exists(target)) || (await exists(target + droppedMark))) continue
    await mkdir(dirname(target), { recursive: true })
    await rename(join(folder, 'documents', rest), target)
    await removeEmptyFolders(join(folder, 'documents', rest), join(folder, 'documents'))
  }
}

/** Plain files of a folder and of its numbered folders, `rest` with forward slashes. Links are neither followed nor listed. */
async function plainFiles(root: string): Promise<readonly { readonly rest: string; readonly size: number }[]> {
  const found: { rest: string; size: number }[] = []
  const look = async (inside: string): Promise<void> => {
    for (const entry of await readdir(join(root, inside), { withFileTypes: true })) {
      const rest = inside === '' ? entry.name : `${inside}/${entry.name}`
      if (entry.isFile()) found.push({ rest, size: (await lstat(join(root, rest))).size })
      else if (entry.isDirectory() && inside === '' && /^\d+$/.test(entry.name)) await look(rest)
    }
  }
  await look('')
  return found
}

async function stateNames(folder: string): Promise<readonly string[]> {
  if (!(await isFolder(join(folder, 'history')))) return []
  return (await readdir(join(folder, 'history'))).filter(name => /^\d{6,}-[0-9a-f]{12}\.json$/.test(name)).sort()
}

async function removeEmptyFolders(file: string, top: string): Promise<void> {
  for (let folder = dirname(file); folder.length > top.length; folder = dirname(folder)) {
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return
  }
}

/** SECURITY: a folder from elsewhere may have a link in the place of one; nothing is moved or removed through it. */
function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    status => status.isDirectory(),
    () => false,
  )
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function padded(revision: number): string {
  return String(revision).padStart(6, '0')
}
