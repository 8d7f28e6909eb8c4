import { type Certificate, maxCertificateLength } from '../../cert/certificate.ts'
import { publicKeyInfoOfSm2 } from '../../cert/public-key.ts'
import { concat, sameBytes } from '../../der/writer.ts'
import { isSm2PublicKey } from '../../sm/sm2/index.ts'
import { readableCertificate, usesOf } from '../key-use.ts'
import { rsaPublicKeyInfo } from '../pkcs11/certificates.ts'
import type { KeyUse, TokenCertificate } from '../port.ts'
import { readHandle, readNames, readTwice, readUlong, type SkfName, ulong } from './buffers.ts'
import { blobLength, containerType, SAR } from './constants.ts'
import { isCode, SkfError } from './errors.ts'
import type { SkfLibrary } from './library.ts'

/** A certificate in an application, with the key pair it belongs to. */
export interface SkfCertificate extends TokenCertificate {
  readonly parsed: Certificate
  /** The container that holds the private key; meaningless where there are no uses. */
  readonly container: SkfName
}

/** One of a container's two halves: the signing or the encryption pair with its certificate. */
interface Half {
  readonly container: SkfName
  readonly use: KeyUse
  readonly certificate: Certificate | null
  /** SubjectPublicKeyInfo; null where there is no key, `unknown` where the library does not show it. */
  readonly publicKeyInfo: Uint8Array | null | 'unknown'
  /** What kind of pairs the container is said to hold; null when the library does not tell. */
  readonly pairs: keyof typeof containerType | null
}

/**
 * The certificates of an application, those with a private key first. Key and certificate are matched by the public key:
 * vendors put pairs into one container or two, and have put certificates into the wrong half. Throws what the library throws.
 */
export function readCertificates(library: SkfLibrary, application: bigint): readonly SkfCertificate[] {
  const containers = readNames('SKF_EnumContainer', (out, size) =>
    library.call('SKF_EnumContainer', application, out, size),
  )
  const halves = containers.flatMap(container =>
    withContainer(library, application, container, handle =>
      (['sign', 'decrypt'] as const).map(use => readHalf(library, handle, container, use)),
    ),
  )
  const certificates = halves.flatMap(half =>
    half.certificate === null ? [] : [describe(half, half.certificate, halves)],
  )
  return [
    ...certificates.filter(({ uses }) => uses.length > 0),
    ...certificates.filter(({ uses }) => uses.length === 0),
  ]
}

/** Opens a container for one use. Throws what the library and `use` throw. */
export function withContainer<T>(
  library: SkfLibrary,
  application: bigint,
  container: SkfName,
  use: (handle: bigint) => T,
): T {
  const handle = readHandle(out => library.call('SKF_OpenContainer', application, container.bytes, out))
  try {
    return use(handle)
  } finally {
    closeQuietly(library, 'SKF_CloseContainer', handle)
  }
}

/** Closes whatever it is; what cannot be closed went with its token. */
export function closeQuietly(
  library: SkfLibrary,
  name:
    'SKF_CloseContainer' | 'SKF_CloseApplication' | 'SKF_DisConnectDev' | 'SKF_CloseHandle' | 'SKF_ClearSecureState',
  handle: bigint,
): void {
  try {
    library.call(name, handle)
  } catch {
    // Gone already.
  }
}

/** Names a key pair: the container's name, a zero byte (which no name has), 1 for signing and 2 for encryption; in hex. */
export function keyIdOf(container: SkfName, use: KeyUse): string {
  return Buffer.from(container.bytes).toString('hex') + (use === 'sign' ? '01' : '02')
}

function describe(half: Half, parsed: Certificate, halves: readonly Half[]): SkfCertificate {
  const owner = ownerOf(half, parsed, halves)
  const { container, use } = owner ?? half
  return {
    keyId: keyIdOf(container, use),
    label: half.container.text,
    certificate: parsed.der,
    // SKF signs with a container's signing pair only, and decrypts with its encryption pair only.
    uses: owner === null ? [] : usesOf(parsed).filter(one => one === use),
    parsed,
    container,
  }
}

function ownerOf(half: Half, { publicKeyInfo, key }: Certificate, halves: readonly Half[]): Half | null {
  const holds = (one: Half): boolean =>
    one.publicKeyInfo instanceof Uint8Array && sameBytes(one.publicKeyInfo, publicKeyInfo)
  if (holds(half) || (half.publicKeyInfo === 'unknown' && (half.pairs ?? key.kind) === key.kind)) return half
  return halves.find(holds) ?? null
}

function readHalf(library: SkfLibrary, handle: bigint, container: SkfName, use: KeyUse): Half {
  const der = unlessAbsent(() =>
    readTwice('SKF_ExportCertificate', maxCertificateLength, (out, size) =>
      library.call('SKF_ExportCertificate', handle, use === 'sign', out, size),
    ),
  )
  return {
    container,
    use,
    certificate: der === null || der.length === 0 ? null : readableCertificate(der),
    publicKeyInfo: readPublicKey(library, handle, use),
    pairs: readPairs(library, handle),
  }
}

function readPairs(library: SkfLibrary, handle: bigint): Half['pairs'] {
  if (!library.has('SKF_GetContainerType')) return null
  const type = ulong(0xffffffff)
  unlessAbsent(() => library.call('SKF_GetContainerType', handle, type))
  return (['empty', 'rsa', 'sm2'] as const).find(kind => containerType[kind] === readUlong(type)) ?? null
}

function readPublicKey(library: SkfLibrary, handle: bigint, use: KeyUse): Half['publicKeyInfo'] {
  if (!library.has('SKF_ExportPublicKey')) return 'unknown'
  const blob = unlessAbsent(() =>
    readTwice('SKF_ExportPublicKey', 1024, (out, size) =>
      library.call('SKF_ExportPublicKey', handle, use === 'sign', out, size),
    ),
  )
  return blob === null ? null : publicKeyInfoOf(blob)
}

/** SubjectPublicKeyInfo of ECCPUBLICKEYBLOB or RSAPUBLICKEYBLOB; `unknown` for a vendor's own structure. */
export function publicKeyInfoOf(blob: Uint8Array): Uint8Array | 'unknown' {
  if (blob.length === blobLength.eccPublicKey) {
    const point = concat(Uint8Array.of(4), blob.subarray(36, 68), blob.subarray(100, 132))
    return isSm2PublicKey(point) ? publicKeyInfoOfSm2(point) : 'unknown'
  }
  if (blob.length !== blobLength.rsaPublicKey || readUlong(blob, 4) > 2048) return 'unknown'
  try {
    return rsaPublicKeyInfo(blob.subarray(8, 264), blob.subarray(264))
  } catch {
    return 'unknown'
  }
}

/** Null for whatever answer of the library but a removal: there is no code on which all agree for "there is none". */
function unlessAbsent<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    // Without a login some tokens do not even show certificates: USER_NOT_LOGGED_IN is no removal here.
    if (!(error instanceof SkfError) || isCode(error, SAR.deviceRemoved, SAR.invalidHandle)) throw error
    return null
  }
}
