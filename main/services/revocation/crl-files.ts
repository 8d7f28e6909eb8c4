import { open } from 'node:fs/promises'
import { CryptoFailure, maxCrlLength, noEvidence, readCrlFile } from '../../../crypto/index.ts'
import type { RevocationEvidence } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'

/** Most files that are taken. */
const maxFiles = 16

/** PEM is a third longer than what it holds. */
const maxLength = Math.ceil(maxCrlLength * 1.4)

/**
 * Evidence with the revocation lists of these files beside it, DER or PEM, for networks without a way out. They are judged
 * like fetched ones: a list nobody on the path signed changes nothing. Throws `input.unreadable`, `arguments.bad`.
 */
export async function withCrlFiles(
  evidence: RevocationEvidence | undefined,
  paths: readonly string[],
): Promise<RevocationEvidence> {
  if (paths.length > maxFiles) throw new AppFailure('arguments.bad', `more than ${maxFiles} revocation lists`)
  const { crls, ...rest } = evidence ?? noEvidence
  return { ...rest, crls: [...(await Promise.all(paths.map(readList))), ...crls] }
}

async function readList(path: string): Promise<Uint8Array> {
  try {
    return readCrlFile(await contentOf(path))
  } catch (error) {
    if (error instanceof AppFailure) throw error
    const detail =
      error instanceof CryptoFailure ? `a revocation list: ${error.detail}` : 'a revocation list cannot be read'
    throw new AppFailure('input.unreadable', detail, { cause: error })
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    if (size > maxLength) throw new AppFailure('input.unreadable', 'a revocation list longer than is read')
    return new Uint8Array(await handle.readFile())
  } finally {
    await handle.close()
  }
}
