import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatesFromPem, CryptoFailure, parseCertificate, rootsInForce, systemClock } from '../../crypto/index.ts'
import type { Certificate } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import type { Home } from '../store/index.ts'
import { vendorDataAt } from './vendor-data/vendor-data.ts'
import type { VendorData } from './vendor-data/vendor-data.ts'

/**
 * Whom to trust for one command: the anchors named with `--trust`, or the home's trust folder and the trust list. `named` tells
 * the two apart, because what the user names beats what was found trustworthy earlier.
 */
export interface Trust {
  readonly anchors: readonly Certificate[]
  readonly named: boolean
}

/** For whom and when trust is asked; now, and for no platform in particular, when it is not told. */
export interface TrustedWhen {
  /** The data the trust list is taken from, where they are not the home's. */
  readonly data?: VendorData
  readonly at?: Date
  /** The platform as its tenders name it. */
  readonly platform?: string
}

/**
 * Reads the anchors: those of the named files alone, else those of the home's trust folder and the roots of the trust list
 * that are in force. Throws `input.unreadable` for a file that holds no certificate.
 */
export async function loadTrust(home: Home, files: readonly string[], when: TrustedWhen = {}): Promise<Trust> {
  if (files.length > 0) return { anchors: (await Promise.all(files.map(readAnchors))).flat(), named: true }
  const names = await readdir(home.trust).catch(() => [])
  const listed = names.filter(name => name.endsWith('.pem')).map(name => join(home.trust, name))
  const placed = (await Promise.all(listed.map(readAnchors))).flat()
  const roots = rootsInForce((when.data ?? vendorDataAt(home)).trust(), {
    at: when.at ?? systemClock.now(),
    platform: when.platform,
  })
  return { anchors: [...placed, ...roots], named: false }
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
