import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatesFromPem, CryptoFailure, parseCertificate } from '../../crypto/index.ts'
import type { Certificate } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Home } from '../store/index.ts'

/**
 * Whom to trust for one command: the anchors named with `--trust`, or the trust list of the home. `named` tells the two
 * apart, because what the user names beats what was found trustworthy earlier.
 */
export interface Trust {
  readonly anchors: readonly Certificate[]
  readonly named: boolean
}

/** Reads the anchors. Throws `input.unreadable` for a file that holds no certificate. */
export async function loadTrust(home: Home, files: readonly string[]): Promise<Trust> {
  if (files.length > 0) return { anchors: (await Promise.all(files.map(readAnchors))).flat(), named: true }
  const names = await readdir(home.trust).catch(() => [])
  const listed = names.filter(name => name.endsWith('.pem')).map(name => join(home.trust, name))
  return { anchors: (await Promise.all(listed.map(readAnchors))).flat(), named: false }
}

async function readAnchors(path: string): Promise<readonly Certificate[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'a trust file cannot be read', { cause: error })
  })
  try {
    const found = certificatesFromPem(text).map(parseCertificate)
    if (found.length > 0) return found
  } catch (error) {
    if (!(error instanceof CryptoFailure)) throw error
    throw new AppFailure('input.unreadable', `a trust file is damaged: ${error.detail}`, { cause: error })
  }
  throw new AppFailure('input.unreadable', 'a trust file holds no PEM certificate')
}
