import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../store/index.ts'
import type { Contestant } from './measure.ts'
import { finished, measuredElsewhere, program } from './programs.ts'
import type { BenchPrograms } from './subject.ts'

/** What other programs work on: the documents as one file, and keys in the forms they read. Paths. */
export interface PeerFiles {
  readonly input: string
  /** Certificates and private keys, PEM. */
  readonly signer: string
  readonly signerKey: string
  readonly recipient: string
  readonly recipientKey: string
  /** Where each has a file of its own to overwrite. */
  readonly folder: string
}

/** MiB that sm-crypto-v2 is given: it is too slow for more, and takes as long for each. */
const smCryptoMiB = 32

/** OpenSSL's streaming encryption to a certificate: no digest, no signature. */
export async function cmsEncrypt(files: PeerFiles): Promise<Contestant> {
  const output = await outputOf(files, 'cms-encrypted.der')
  return program('openssl cms -encrypt -stream -aes-256-gcm', 'openssl', cmsEncryptArguments(files), output)
}

function cmsEncryptArguments({ input, recipient }: PeerFiles): readonly string[] {
  return ['cms', '-encrypt', '-binary', '-stream', '-aes-256-gcm', '-outform', 'DER', '-in', input, recipient]
}

/** The same job as a sealing with OpenSSL: signed with the content inside, and that encrypted. */
export async function cmsSignEncrypt(files: PeerFiles): Promise<Contestant> {
  const output = await outputOf(files, 'cms-signed-encrypted.der')
  // A signing that fails ends the shell, so that a half-done job is not taken for a fast one.
  const script =
    '{ openssl cms -sign -binary -stream -nodetach -md sha256 -outform DER -in "$1" -signer "$2" -inkey "$3" || kill $$; } | ' +
    'openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER "$4"'
  const args = ['-c', script, 'sh', files.input, files.signer, files.signerKey, files.recipient]
  return program('openssl cms -sign | openssl cms -encrypt', 'sh', args, output)
}

/** age, to a key of its own kind: encryption in authenticated chunks, no signature. */
export async function ageEncrypt(files: PeerFiles): Promise<Contestant> {
  const output = await outputOf(files, 'age-encrypted.age')
  const key = await ageKey(files)
  const name = 'age -r'
  if (key === null) return absent(name)
  return program(name, 'age', ['-r', key.recipient, files.input], output)
}

/** OpenSSL's SM4 in counter mode: no authentication, no digest, no signature. */
export async function opensslSm4Ctr(files: PeerFiles): Promise<Contestant> {
  const output = await outputOf(files, 'sm4-ctr.bin')
  const [key, iv] = ['01'.repeat(16), '02'.repeat(16)]
  const args = ['enc', '-sm4-ctr', '-K', key, '-iv', iv, '-in', files.input]
  return program('openssl enc -sm4-ctr', 'openssl', args, output)
}

/** SM4-GCM of sm-crypto-v2, in memory, in a process of its own. */
export function smCryptoGcm({ node, smCrypto }: BenchPrograms, sizeMiB: number): Contestant {
  const part = Math.min(smCryptoMiB, sizeMiB)
  const name = `sm-crypto-v2 sm4-gcm (${part} MiB, scaled)`
  if (smCrypto === null) return absent(name)
  return measuredElsewhere(name, node, [smCrypto, String(part)], printed => (Number(printed) * sizeMiB) / part)
}

/** A plain copy. */
export async function plainCopy(files: PeerFiles): Promise<Contestant> {
  return program('copy (cat)', 'cat', [files.input], await outputOf(files, 'copy.bin'))
}

/** coreutils' digest of a file. */
export function sha256sum(path: string): Contestant {
  return program('sha256sum', 'sha256sum', [path])
}

/** OpenSSL's SM3 of a file. */
export function opensslSm3(path: string): Contestant {
  return program('openssl dgst -sm3', 'openssl', ['dgst', '-sm3', path])
}

/** OpenSSL's decryption of what {@link cmsEncrypt} made. */
export async function cmsDecrypt(files: PeerFiles): Promise<Contestant> {
  const sealed = await outputOf(files, 'cms-encrypted.der')
  const made = await finished({ command: 'openssl', args: cmsEncryptArguments(files), output: sealed })
  const name = 'openssl cms -decrypt'
  if (made === null) return absent(name)
  const { recipient, recipientKey } = files
  const args = [
    'cms',
    '-decrypt',
    '-binary',
    '-inform',
    'DER',
    '-in',
    sealed,
    '-recip',
    recipient,
    '-inkey',
    recipientKey,
  ]
  return program(name, 'openssl', args, await outputOf(files, 'cms-opened.bin'))
}

/** age's decryption. */
export async function ageDecrypt(files: PeerFiles): Promise<Contestant> {
  const name = 'age -d'
  const key = await ageKey(files)
  const sealed = await outputOf(files, 'age-encrypted.age')
  const encrypted = { command: 'age', args: ['-r', key?.recipient ?? '', files.input], output: sealed }
  if (key === null || (await finished(encrypted)) === null) return absent(name)
  return program(name, 'age', ['-d', '-i', key.identity, sealed], await outputOf(files, 'age-opened.bin'))
}

/** OpenSSL's SM4 the other way: the same work as encryption. */
export async function opensslSm4CtrDecrypt(files: PeerFiles): Promise<Contestant> {
  const { name: _, ...same } = await opensslSm4Ctr(files)
  return { name: 'openssl enc -d -sm4-ctr', ...same }
}

/** OpenSSL's own measurement of SM2, a second each, made once: seconds of a signature and of its verification. */
export function opensslSm2(): readonly Contestant[] {
  let measured: ReturnType<typeof finished> | null = null
  // `+F7:…:CurveSM2:signs a second:verifications a second`
  const one = (operation: string, field: number): Contestant => ({
    name: `openssl speed sm2, ${operation}`,
    async run({ signal }) {
      measured ??= finished({ command: 'openssl', args: ['speed', '-mr', '-seconds', '1', 'sm2'], signal })
      const line = (await measured)?.printed.split('\n').find(each => each.startsWith('+F7:'))
      const perSecond = Number(line?.split(':')[field])
      return perSecond > 0 ? 1 / perSecond : null
    },
  })
  return [one('sign', 4), one('verify', 5)]
}

/** A contestant that is not there. */
export function absent(name: string): Contestant {
  return { name, run: () => Promise.resolve(null) }
}

/** An existing file to overwrite. The first, uncounted round gives it its final length. */
async function outputOf({ folder }: PeerFiles, name: string): Promise<string> {
  const path = join(folder, name)
  await writeFileAtomic(path, new Uint8Array())
  return path
}

async function ageKey({
  folder,
}: PeerFiles): Promise<{ readonly identity: string; readonly recipient: string } | null> {
  const identity = join(folder, 'age-identity.txt')
  if ((await finished({ command: 'age-keygen', args: ['-o', identity] })) === null) return null
  const recipient = /public key: (age1[0-9a-z]+)/.exec(await readFile(identity, 'utf8'))?.[1]
  return recipient === undefined ? null : { identity, recipient }
}
