import { open } from 'node:fs/promises'
import { isSealedBid } from '../bids/sealed-magic.ts'
import { signatureFileName } from './signature-files.ts'
import { isTaken } from './targets.ts'

/** Where readers look for the header (ISO 32000-1, implementation note 13). */
const headLength = 1024

/** Whether a file is one whose signatures are looked for: a PDF, or whatever has a detached signature beside it. */
export async function isSignedDocument(path: string): Promise<boolean> {
  if (await isSealedBid(path)) return false
  return (await isPdf(path)) || isTaken(signatureFileName(path, 1))
}

/** Whether a file says that it is a PDF; false for what cannot be read, which whoever reads it will say. */
async function isPdf(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null)
  if (handle === null) return false
  try {
    const head = Buffer.alloc(headLength)
    const { bytesRead } = await handle.read(head, 0, headLength, 0)
    return head.subarray(0, bytesRead).includes('%PDF-')
  } catch {
    return false
  } finally {
    await handle.close()
  }
}
