import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobControl, Suite, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { loadDraft } from '../bids/draft.ts'
import { checkBid } from '../checks/check-bid.ts'
import type { Ports } from '../ports.ts'
import { signFiles } from '../signing/sign-files.ts'
import type { SealLook, SignRequest } from '../signing/sign-request.ts'
import type { Locks } from '../tokens/locks.ts'

export interface PracticeSignatures {
  readonly folder: string
  readonly tender: Tender
  /** The lock that signs. */
  readonly token: string
  readonly suite: Suite
  /** Path of the typeface, TrueType. */
  readonly font: string
}

/**
 * Signs what the tender wants signed with one PIN, as a bidder does: into the PDFs, or beside them where the lock signs with
 * SM2. Then the bid is checked, and has to be whole. Throws `bid.incomplete`, `token.*`.
 */
export async function signPracticeBid(
  ports: Ports,
  locks: Locks,
  request: PracticeSignatures,
  control: JobControl,
): Promise<void> {
  const { folder, tender, token } = request
  const { draft } = await loadDraft(folder)
  const asked = new Set(tender.fields.documents.filter(({ seal }) => seal === true).map(({ id }) => id))
  const files = draft.documents.filter(({ documentId }) => asked.has(documentId)).map(({ path }) => join(folder, path))
  const { files: results } = await signFiles(
    ports,
    locks,
    { files, token, anchors: tender.anchors, onError: 'stop', ...(await mannerOf(request)) },
    { signal: control.signal },
  )
  const failed = results.find(({ outcome }) => outcome !== 'signed')
  if (failed !== undefined) {
    throw new AppFailure('bid.incomplete', `a practice document was not signed (${failed.outcome})`)
  }
  const { findings } = await checkBid(folder, draft, tender)
  if (findings.some(({ level }) => level === 'fatal'))
    throw new AppFailure('bid.incomplete', 'the practice bid is not whole')
}

async function mannerOf({ suite, font }: PracticeSignatures): Promise<Pick<SignRequest, 'output' | 'look'>> {
  if (suite.id === 'gm-1') return { output: { kind: 'beside' }, look: null }
  return { output: { kind: 'in-place' }, look: signedLine(new Uint8Array(await readFile(font))) }
}

/** Two lines at the foot of the last page. */
function signedLine(font: Uint8Array): SealLook {
  return {
    place: { kind: 'page', page: -1, box: { x: 340, y: 40, width: 200, height: 30 } },
    text: {
      font,
      lines: (name, time) => [`签署人：${name}`, `时间：${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    },
  }
}
