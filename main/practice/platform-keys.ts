import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  certificatesFromPem,
  generatePrivateKey,
  publicKeyInfoOf,
  readPrivateKey,
  softKeyOpener,
  softSigner,
  suiteById,
  toPem,
  writePrivateKey,
} from '../../crypto/index.ts'
import type { KeyOpener, PrivateKey, Signer, Suite } from '../../crypto/index.ts'
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
  /** Decides the kinds of the keys; what the platform signs, and every bid it takes, is of this suite. */
  readonly suite: Suite
  readonly authority: PracticeAuthority
}

/** The keys in use. */
export interface PlatformKeys {
  readonly platformId: string
  readonly suite: Suite
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
    const privateKey = await makeKey(purpose, setup.suite)
    const publicKey = publicKeyInfoOf(privateKey)
    const certificate = await setup.authority.issue({ commonName: names[purpose], publicKey })
    const chain = [certificate, ...setup.authority.intermediates].map(der => toPem(der, 'CERTIFICATE')).join('')
    await writeFileAtomic(join(setup.dir, 'keys', `${purpose}.key`), pemOf(privateKey), 0o600)
    await writeFileAtomic(join(setup.dir, 'keys', `${purpose}.pem`), Buffer.from(chain))
  }
  // Last, so that a platform with an identity has all its keys.
  await writeJsonAtomic(identity, { platformId: setup.platformId, suite: setup.suite.id })
}

/** Loads what {@link setupPracticePlatform} has made. Throws `arguments.bad` for a folder that holds no platform. */
export async function loadPlatformKeys(dir: string): Promise<PlatformKeys> {
  const identity = await readJsonIfThere(join(dir, 'platform.json'))
  if (identity === null) throw new AppFailure('arguments.bad', 'the folder holds no practice platform')
  const fields = fieldsOf(identity, 'input.unreadable')
  const notice = await loadKey(dir, 'notice')
  const receipt = await loadKey(dir, 'receipt')
  const opening = await loadKey(dir, 'opening')
  const agency = await loadKey(dir, 'agency')
  const loaded = { notice, receipt, opening, agency }
  return {
    platformId: fields.text('platformId', patterns.line),
    suite: suiteNamed(fields.textOrNull('suite', patterns.line)),
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

/** A platform of the first version names no suite: there was only one. */
function suiteNamed(id: string | null): Suite {
  const suite = suiteById(id ?? 'intl-1')
  if (suite === null) throw new AppFailure('input.unreadable', 'the platform is of a suite that is not known here')
  return suite
}

/** In suite intl-1 envelopes, which go to opening and agency, need RSA; what only signs is EC. */
function makeKey(purpose: PlatformPurpose, suite: Suite): Promise<PrivateKey> {
  if (suite.id === 'gm-1') return generatePrivateKey('sm2')
  return generatePrivateKey(purpose === 'opening' || purpose === 'agency' ? 'rsa-2048' : 'p-256')
}

function pemOf(privateKey: PrivateKey): Uint8Array {
  const der = writePrivateKey(privateKey)
  try {
    return Buffer.from(toPem(der, 'PRIVATE KEY'))
  } finally {
    der.fill(0)
  }
}

async function loadKey(dir: string, purpose: PlatformPurpose): Promise<LoadedKey> {
  try {
    const [certificate, ...intermediates] = certificatesFromPem(
      await readFile(join(dir, 'keys', `${purpose}.pem`), 'utf8'),
    )
    if (certificate === undefined) throw new AppFailure('input.unreadable', 'a certificate of the platform is missing')
    const privateKey = keyFromPem(await readFile(join(dir, 'keys', `${purpose}.key`), 'utf8'))
    return { certificate, intermediates, privateKey }
  } catch (error) {
    throw new AppFailure('input.unreadable', 'a key of the platform cannot be read', { cause: error })
  }
}

/** What `pemOf` has written. */
function keyFromPem(text: string): PrivateKey {
  const [, body = ''] = /^-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----/.exec(text) ?? []
  const der = new Uint8Array(Buffer.from(body, 'base64'))
  try {
    return readPrivateKey(der)
  } finally {
    der.fill(0)
  }
}

interface LoadedKey {
  readonly certificate: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly privateKey: PrivateKey
}
