import { checkShape, CryptoFailure, documentShapes, sha256Hex, signDocument, toBase64 } from '../../crypto/index.ts'
import type { Clock, DocumentFields, JsonObject, JsonValue } from '../../crypto/index.ts'
import { AppFailure } from '../contract/failure.ts'
import { writeTenderPackage } from '../platform/index.ts'
import type { TenderAttachment } from '../platform/index.ts'
import type { PlatformKeys } from './platform-keys.ts'

/** What a practice tender asks for; the platform adds who it is, its certificates, and the digests of attachments. */
export type TenderSpec = Omit<DocumentFields<'tender'>, 'platformId' | 'certificates' | 'attachments'>

export interface TenderMaker {
  readonly keys: PlatformKeys
  readonly clock: Clock
}

/** Composes, signs (with the notice certificate) and packs a tender. Throws `tender.invalid` for impossible fields. */
export async function makeTenderPackage(
  maker: TenderMaker,
  spec: TenderSpec | JsonObject,
  attachments: readonly TenderAttachment[],
): Promise<Uint8Array> {
  const { keys, clock } = maker
  const fields = tenderFields({
    ...spec,
    platformId: keys.platformId,
    certificates: keys.certificates.map(({ purpose, certificate }) => ({
      purpose,
      certificate: toBase64(certificate),
    })),
    attachments: attachments.map(({ path, bytes }) => ({ path, size: bytes.length, digest: sha256Hex(bytes) })),
  })
  return writeTenderPackage(await signDocument('tender', fields, keys.notice, keys.suite, clock), attachments)
}

function tenderFields(value: object): DocumentFields<'tender'> {
  try {
    return checkShape(documentShapes.tender, value as JsonValue, 'document.malformed')
  } catch (error) {
    if (error instanceof CryptoFailure) throw new AppFailure('tender.invalid', error.detail, { cause: error })
    throw error
  }
}
