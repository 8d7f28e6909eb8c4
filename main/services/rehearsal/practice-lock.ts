import { join } from 'node:path'
import { completeCreditCode } from '../../../crypto/index.ts'
import type { Suite, TokenDriver, TokenModule } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { writeFileAtomic } from '../../store/index.ts'
import type { ModuleReference, TokenHosts } from '../ports.ts'
import type { RehearsalAuthority } from './authority.ts'
import type { RehearsalFolders } from './folders.ts'
import { practiceKeyKind } from './key-kind.ts'
import { project } from './project.ts'

/** The lock of a rehearsal, with its PIN: it protects nothing but the rehearsal. */
export interface PracticeLock {
  readonly uri: string
  readonly pin: string
  readonly module: ModuleReference
}

const label = '云岭建设 公章锁'
const pin = '12345678'
const soPin = '87654321'

/** A lock that has its keys and waits for its certificates. */
export interface UnfinishedLock {
  finish(authority: RehearsalAuthority): Promise<PracticeLock>
}

/**
 * Makes two key pairs on a lock: a soft lock in the rehearsal's folder, or a blank token of the given module, on which
 * nothing is overwritten. Throws `token.unsupported` for a module that cannot have the suite's keys, `token.not-blank`, `token.*`.
 */
export async function beginPracticeLock(
  hosts: TokenHosts,
  folders: RehearsalFolders,
  suite: Suite,
  module: ModuleReference | null,
): Promise<UnfinishedLock> {
  // What a PKCS#11 library can do its driver knows, which refuses before it touches a token.
  if (module?.kind === 'skf') requireModuleFor(suite, { kind: 'skf', path: module.path })
  const reference: ModuleReference = module ?? { kind: 'soft', path: join(folders.locks, 'bidder.p12') }
  const driver = hosts.driver(reference)
  const keys = await driver.initialisePracticeToken({ label, keyKind: practiceKeyKind(suite), pin, soPin })
  return {
    async finish(authority) {
      const common = { commonName: project.bidder, creditCode: completeCreditCode(project.creditCodeStem) }
      const sign = authority.issue({ ...common, profile: 'sign', publicKey: keys.sign.publicKey })
      const decrypt = authority.issue({ ...common, profile: 'decrypt', publicKey: keys.decrypt.publicKey })
      await driver.storePracticeCertificates(keys.tokenUri, pin, [
        { keyId: keys.sign.keyId, label: `${label} 签名`, certificate: sign },
        { keyId: keys.decrypt.keyId, label: `${label} 加密`, certificate: decrypt },
        { label: '标封演练签发 CA', certificate: authority.issuing },
      ])
      await writeReadme(folders, reference, keys.tokenUri)
      return { uri: await nameOf(driver, keys.tokenUri), pin, module: reference }
    },
  }
}

/**
 * Refuses a lock that cannot have the suite's keys, before anything is made; `module` is what its driver will be told. Throws
 * `token.unsupported`.
 */
export function requireModuleFor(suite: Suite, module: TokenModule | null): void {
  if (module === null || module.kind === 'soft') return
  const sm2 = practiceKeyKind(suite) === 'sm2'
  if (sm2 && module.kind === 'pkcs11' && module.profile?.sm2?.generate === undefined) {
    throw new AppFailure(
      'token.unsupported',
      'no vendor profile says how this library makes SM2 keys; name one with --profile',
    )
  }
  if (!sm2 && module.kind === 'skf') {
    throw new AppFailure('token.unsupported', 'practice locks of SKF have SM2 keys; take the suite gm')
  }
}

/** The lock's name as `token list` prints it, now that it has its certificates. */
async function nameOf(driver: TokenDriver, tokenUri: string): Promise<string> {
  const tokens = await driver.list()
  return tokens.some(({ uri }) => uri === tokenUri) ? tokenUri : (tokens[0]?.uri ?? tokenUri)
}

async function writeReadme(folders: RehearsalFolders, { kind, path }: ModuleReference, uri: string): Promise<void> {
  const soft = [
    '',
    '用 openssl 取出密钥 / keys by openssl (加密密钥在前，签名密钥在后 / encryption key first, signing key second):',
    `  openssl pkcs12 -in bidder.p12 -nocerts -nodes -passin pass:${pin} -out keys.pem`,
    `  openssl pkcs12 -in bidder.p12 -nokeys -passin pass:${pin} -out certificates.pem`,
    '只要加密密钥 / the encryption key alone:',
    `  openssl pkcs12 -in bidder.p12 -nocerts -nodes -passin pass:${pin} | openssl pkey -out encryption.pem`,
  ]
  const lines = [
    '标封演练用 CA 锁，仅供演练，不得用于正式投标。',
    'Lock for rehearsals only; never for a real bid.',
    '',
    `PIN: ${pin}`,
    ...(kind === 'soft' ? [] : [`SO PIN: ${soPin}`, `module: ${path}`]),
    `URI: ${uri}`,
    ...(kind === 'soft' ? soft : []),
    '',
  ]
  await writeFileAtomic(join(folders.locks, 'README.txt'), Buffer.from(lines.join('\n')))
}
