import { createPrivateKey, generateKeyPair } from 'node:crypto'
import type { KeyObject, KeyPairKeyObjectResult } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatesFromPem, softKeyOpener, softSigner, toPem } from '../../crypto/index.ts'
import type { KeyOpener, Signer } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { fieldsOf, patterns } from '../platform/index.ts'
import { readJsonIfThere, writeFileAtomic, writeJsonAtomic } from '../store/index.ts'

/** What the platform signs and decrypts with; one key and certificate for each purpose of a tender package. */
export const platformPurposes = ['notice', 'receipt', 'opening', 'agency'] as const
export type PlatformPurpose = (typeof platformPurposes)[number]

/** Whoever issues the platform's certificates: the practice CA of the rehearsal. */
export interface PracticeAuthority {
  /** Issues a certificate with the profile `platform` for a public key (SPKI DER); answers DER. */
  issue(request: { readonly commonName: string; readonly publicKey: Uint8Array }): Promise<Uint8Array>
  /** Certificates between the root and those it issues, DER, root excluded. */
  readonly intermediates: readonly Uint8Array[]
}

export interface PlatformSetup {
  /** The platform's folder; made if missing. */
  readonly dir: string
  /** Goes into tenders and headers. */
  readonly platformId: string
  readonly authority: PracticeAuthority
}

/** The keys in use. */
export interface PlatformKeys {
  readonly platformId: string
  readonly notice: Signer
  readonly receipt: Signer
  readonly opening: Signer
  readonly openingKey: KeyOpener
  readonly agencyKey: KeyOpener
  /** For the `certificates` of a tender package. */
  readonly certificates: readonly { readonly purpose: PlatformPurpose; readonly certificate: Uint8Array }[]
}

/**
 * Makes a practice platform's keys and certificates under `dir/keys` (private keys mode 0600) and its identity. A
 * platform that is there already is left as it is.
 */
export async function setupPracticePlatform(setup: PlatformSetup): Promise<void> {
  const identity = join(setup.dir, 'platform.json')
  if ((await readJsonIfThere(identity)) !== null) return
  for (const purpose of platformPurposes) {
    const { publicKey, privateKey } = await makeKey(purpose)
    const certificate = await setup.authority.issue({ commonName: names[purpose], publicKey })
    const chain = [certificate, ...setup.authority.intermediates].map(der => toPem(der, 'CERTIFICATE')).join('')
    await writeFileAtomic(join(setup.dir, 'keys', `${purpose}.key`), Buffer.from(privateKey), 0o600)
    await writeFileAtomic(join(setup.dir, 'keys', `${purpose}.pem`), Buffer.from(chain))
  }
  // Last, so that a platform with an identity has all its keys.
  await writeJsonAtomic(identity, { platformId: setup.platformId })
}

/** Loads what {@link setupPracticePlatform} has made. Throws `arguments.bad` for a folder that holds no platform. */
export async function loadPlatformKeys(dir: string): Promise<PlatformKeys> {
  const identity = await readJsonIfThere(join(dir, 'platform.json'))
  if (identity === null) throw new AppFailure('arguments.bad', 'the folder holds no practice platform')
  const notice = await loadKey(dir, 'notice')
  const receipt = await loadKey(dir, 'receipt')
  const opening = await loadKey(dir, 'opening')
  const agency = await loadKey(dir, 'agency')
  const loaded = { notice, receipt, opening, agency }
  return {
    platformId: fieldsOf(identity, 'input.unreadable').text('platformId', patterns.line),
    notice: softSigner(notice),
    receipt: softSigner(receipt),
    opening: softSigner(opening),
    openingKey: softKeyOpener(opening),
    agencyKey: softKeyOpener(agency),
    certificates: platformPurposes.map(purpose => ({ purpose, certificate: loaded[purpose].certificate })),
  }
}

const names: Readonly<Record<PlatformPurpose, string>> = {
  notice: '标封演练平台 公告签章',
  receipt: '标封演练平台 回执签章',
  opening: '标封演练平台 开标',
  agency: '标封演练平台 招标代理',
}

/** Envelopes go to opening and agency, which needs RSA in suite intl-1; what only signs is EC. */
async function makeKey(purpose: PlatformPurpose): Promise<{ publicKey: Uint8Array; privateKey: string }> {
  const { publicKey, privateKey } = await new Promise<KeyPairKeyObjectResult>((resolve, reject) => {
    const done = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject): void => {
      if (error === null) resolve({ publicKey, privateKey })
      else reject(error)
    }
    if (purpose === 'opening' || purpose === 'agency') generateKeyPair('rsa', { modulusLength: 2048 }, done)
    else generateKeyPair('ec', { namedCurve: 'P-256' }, done)
  })
  return {
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

async function loadKey(dir: string, purpose: PlatformPurpose): Promise<LoadedKey> {
  try {
    const [certificate, ...intermediates] = certificatesFromPem(
      await readFile(join(dir, 'keys', `${purpose}.pem`), 'utf8'),
    )
    if (certificate === undefined) throw new AppFailure('input.unreadable', 'a certificate of the platform is missing')
    const privateKey = createPrivateKey(await readFile(join(dir, 'keys', `${purpose}.key`)))
    return { certificate, intermediates, privateKey }
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a key of the platform cannot be read', { cause: error })
  }
}

interface LoadedKey {
  readonly certificate: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly privateKey: KeyObject
}
