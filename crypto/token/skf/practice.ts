import { randomBytes } from 'node:crypto'
import { concat } from '../../der/writer.ts'
import { CryptoFailure } from '../../errors.ts'
import { generateSm2Key, readSm2Cipher, sm2Encrypt, sm2PublicOf, writeSm2Cipher } from '../../sm/sm2/index.ts'
import { sm4CbcEncrypt } from '../../sm/sm4.ts'
import type { KeyUse, PracticeCertificate, PracticeTokenKeys, PracticeTokenOptions } from '../port.ts'
import { cText, readHandle, type SkfName, skfName, ulong } from './buffers.ts'
import { blobLength, secureUserAccount, SGD } from './constants.ts'
import type { SkfConnection, SkfToken } from './connector.ts'
import { readDeviceInfo } from './device-info.ts'
import { readApplications, readDevices, uriOf } from './devices.ts'
import { closeQuietly, keyIdOf, publicKeyInfoOf, readCertificates, withContainer } from './halves.ts'
import type { SkfLibrary } from './library.ts'
import { ToldTries, verifyPin } from './pins.ts'

/**
 * SECURITY: making an application needs the device's key, and a wrong one uses up tries that only the manufacturer can give
 * back. It is offered only to a device that names itself so, which no real one does.
 */
const practiceIssuer = 'BidSeal practice'
const practiceDeviceKey = new TextEncoder().encode('1234567812345678')

const applicationName = 'BIDSEAL'
const containerName = 'bidder'
const pinTries = 10

/**
 * Makes an application on a blank practice device, with an SM2 signing pair made on it and an encryption pair brought to it
 * (GM/T 0016 knows no other way for the latter). Throws `token.not-blank` when there is no such device, `token.unsupported`
 * for RSA.
 */
export function initialisePracticeToken(library: SkfLibrary, options: PracticeTokenOptions): PracticeTokenKeys {
  if (options.keyKind !== 'sm2') throw new CryptoFailure('token.unsupported', 'practice locks of SKF have SM2 keys')
  for (const name of readDevices(library)) {
    const device = readHandle(out => library.call('SKF_ConnectDev', name.bytes, out))
    try {
      const info = readDeviceInfo(library, device)
      if (info.issuer !== practiceIssuer || readApplications(library, device).length > 0) continue
      return makeLock(library, device, { device: name, info }, options)
    } finally {
      closeQuietly(library, 'SKF_DisConnectDev', device)
    }
  }
  throw new CryptoFailure('token.not-blank', 'the library has no practice device that is still blank')
}

/**
 * Stores the certificates of a practice lock, and leaves it logged in; those of authorities get containers of their own. Throws `token.not-blank`
 * when the token holds certificates already, `token.wrong-lock` when it has no private key for one of them.
 */
export function storePracticeCertificates(
  library: SkfLibrary,
  connection: SkfConnection,
  pin: string,
  certificates: readonly PracticeCertificate[],
): void {
  verifyPin(library, connection, new ToldTries(), pin)
  if (readCertificates(library, connection.application).length > 0) {
    throw new CryptoFailure('token.not-blank', 'the token holds certificates already')
  }
  const container = skfName(new TextEncoder().encode(containerName))
  const known = (['sign', 'decrypt'] as const).map(use => keyIdOf(container, use))
  if (certificates.some(({ keyId }) => keyId !== undefined && !known.includes(keyId))) {
    throw new CryptoFailure('token.wrong-lock', 'the token has no private key for one of the certificates')
  }
  certificates.forEach((certificate, index) => store(library, connection, container, certificate, index))
}

function makeLock(
  library: SkfLibrary,
  device: bigint,
  blank: Omit<SkfToken, 'application'>,
  { label, pin, soPin }: PracticeTokenOptions,
): PracticeTokenKeys {
  const labelText = cText(label)
  if (label === '' || labelText.length > 33) {
    throw new CryptoFailure('arguments.bad', 'a token label has 1 to 32 bytes in UTF-8')
  }
  authenticate(library, device)
  const [applicationText, admin, user] = [cText(applicationName), cText(soPin), cText(pin)]
  let application: bigint
  try {
    application = readHandle(out =>
      library.call(
        ...(['SKF_CreateApplication', device, applicationText, admin, pinTries, user, pinTries] as const),
        secureUserAccount,
        out,
      ),
    )
  } finally {
    admin.fill(0)
    user.fill(0)
  }
  const container = skfName(new TextEncoder().encode(containerName))
  const token = { ...blank, application: skfName(new TextEncoder().encode(applicationName)) }
  try {
    verifyPin(library, { token, device, application }, new ToldTries(), pin)
    const handle = readHandle(out => library.call('SKF_CreateContainer', application, container.bytes, out))
    try {
      const keys = makeKeys(library, handle, container)
      library.call('SKF_SetLabel', device, labelText)
      return { tokenUri: uriOf(library, { ...token, info: readDeviceInfo(library, device) }), ...keys }
    } finally {
      closeQuietly(library, 'SKF_CloseContainer', handle)
    }
  } finally {
    closeQuietly(library, 'SKF_ClearSecureState', application)
    closeQuietly(library, 'SKF_CloseApplication', application)
  }
}

/** Device authentication: eight random bytes of the device, filled up to a block, under the device's key. */
function authenticate(library: SkfLibrary, device: bigint): void {
  const challenge = new Uint8Array(16)
  library.call('SKF_GenRandom', device, challenge, 8)
  const answer = encryptBlocks(practiceDeviceKey, challenge)
  library.call('SKF_DevAuth', device, answer, answer.length)
}

function makeKeys(
  library: SkfLibrary,
  handle: bigint,
  container: SkfName,
): Pick<PracticeTokenKeys, 'sign' | 'decrypt'> {
  const signBlob = new Uint8Array(blobLength.eccPublicKey)
  library.call('SKF_GenECCKeyPair', handle, SGD.sm2Sign, signBlob)
  const d = generateSm2Key()
  try {
    library.call('SKF_ImportECCKeyPair', handle, envelopedKey(d, signBlob))
    return {
      sign: { keyId: keyIdOf(container, 'sign'), publicKey: shown(signBlob) },
      decrypt: { keyId: keyIdOf(container, 'decrypt'), publicKey: shown(eccPublicKeyBlob(sm2PublicOf(d))) },
    }
  } finally {
    d.fill(0)
  }
}

/** ENVELOPEDKEYBLOB: the private key under an SM4 key, and that key for the signing pair. */
function envelopedKey(d: Uint8Array, signBlob: Uint8Array): Uint8Array {
  const key = Uint8Array.from(randomBytes(16))
  const signPoint = concat(Uint8Array.of(4), signBlob.subarray(36, 68), signBlob.subarray(100, 132))
  try {
    return concat(
      ...[ulong(1), ulong(SGD.sm4Ecb), ulong(256)],
      ...[new Uint8Array(32), encryptBlocks(key, d)],
      eccPublicKeyBlob(sm2PublicOf(d)),
      writeSm2Cipher(readSm2Cipher(sm2Encrypt(signPoint, key), 'asn1'), 'ECCCIPHERBLOB'),
    )
  } finally {
    key.fill(0)
  }
}

/** SM4-ECB: a block of CBC without a vector before it, its padding left out. */
function encryptBlocks(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const encrypted = new Uint8Array(blocks.length)
  for (let at = 0; at < blocks.length; at += 16) {
    encrypted.set(sm4CbcEncrypt(key, new Uint8Array(16), blocks.subarray(at, at + 16)).subarray(0, 16), at)
  }
  return encrypted
}

function eccPublicKeyBlob(point: Uint8Array): Uint8Array {
  const before = new Uint8Array(32)
  return concat(ulong(256), before, point.subarray(1, 33), before, point.subarray(33))
}

function shown(blob: Uint8Array): Uint8Array {
  const publicKey = publicKeyInfoOf(blob)
  if (publicKey !== 'unknown') return publicKey
  throw new CryptoFailure('token.unsupported', 'the token does not show the public key it has made')
}

function store(
  library: SkfLibrary,
  { application }: SkfConnection,
  container: SkfName,
  { keyId, certificate }: PracticeCertificate,
  index: number,
): void {
  const write = (handle: bigint, use: KeyUse): void =>
    library.call('SKF_ImportCertificate', handle, use === 'sign', Uint8Array.from(certificate), certificate.length)
  if (keyId !== undefined) {
    const use = keyId === keyIdOf(container, 'sign') ? 'sign' : 'decrypt'
    withContainer(library, application, container, handle => write(handle, use))
    return
  }
  const handle = readHandle(out => library.call('SKF_CreateContainer', application, cText(`issuer-${index}`), out))
  try {
    write(handle, 'sign')
  } finally {
    closeQuietly(library, 'SKF_CloseContainer', handle)
  }
}
