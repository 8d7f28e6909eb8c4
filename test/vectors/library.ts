import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { certificatesFromPem } from '../../crypto/cert/pem.ts'
import { readTender, type Tender } from '../../crypto/documents/tender.ts'
import type { KeyOpener } from '../../crypto/envelope/key-opener.ts'
import { type PrivateKey, readPrivateKey } from '../../crypto/sign/private-key.ts'
import { softKeyOpener } from '../../crypto/sign/soft-key.ts'
import type { SuiteId } from '../../crypto/suite.ts'
import type { Piece } from './pieces.ts'

// The vector folder as files. README.md beside it describes them for other programs.

/** A sealed bid in `bids/`. */
export interface BidVector {
  readonly name: string
  readonly suite: SuiteId
  readonly comment: string
  /** Name of the tender in `tenders/`. */
  readonly tender: string
  /** Hex. */
  readonly sealDigest: string
  readonly shortCode: string
  /** Names of the keys that open it; in policy `split` both are needed. */
  readonly open: readonly string[]
  /** More keys that open it by themselves. */
  readonly alsoOpen: readonly string[]
  readonly recoveryCode?: string
  /** Hex. */
  readonly parts: readonly {
    readonly name: 'opening' | 'body'
    readonly partKey: string
    readonly plaintextDigest: string
  }[]
  readonly openingDigest: string
  readonly documents: readonly { readonly name: string; readonly size: number; readonly digest: string }[]
}

/** A sealed bid with one thing different, and what a reader must say to it. */
export interface BrokenVector {
  readonly name: string
  /** Name of the bid the pieces are cut from. */
  readonly base: string
  /** The failure's code; null for what must still open. */
  readonly code: string | null
  readonly comment: string
  /** Name of the tender to check against; the base's unless given. */
  readonly tender?: string
  /** When certificates are judged, if not at the common time. */
  readonly at?: string
  /** Keys to open with; the base's unless given. */
  readonly open?: readonly string[]
  readonly file: readonly Piece[]
}

/** A file of broken vectors. */
export interface BrokenFile {
  readonly at: string
  readonly vectors: readonly BrokenVector[]
}

/** The file `skf.json`; bytes in hex. */
export interface SkfFile {
  readonly results: readonly {
    readonly name: string
    readonly result: string
    readonly key?: string
    readonly code?: string
  }[]
}

/** Groups of broken vectors: one file each in `broken/`. */
export const brokenGroups = [
  'container',
  'json',
  'header',
  'signature',
  'chain',
  'timestamp',
  'tender',
  'entries',
  'envelope',
  'root',
  'keys',
  'chunk',
  'inner',
  'document',
  'order',
  'accepted',
  'gm-container',
  'gm-header',
  'gm-signature',
  'gm-timestamp',
  'gm-tender',
  'gm-envelope',
  'gm-root',
  'gm-keys',
  'gm-chunk',
  'gm-inner',
  'gm-accepted',
] as const
export type BrokenGroup = (typeof brokenGroups)[number]

/** Absolute path of a file in the vector folder. */
export function vectorPath(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

/** Whether a file is there. */
export function hasVector(path: string): boolean {
  return existsSync(vectorPath(path))
}

/** A file's bytes. */
export function vectorBytes(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(vectorPath(path)))
}

/** A JSON file; the caller knows what stands in it. */
export function vectorJson<T>(path: string): T {
  return JSON.parse(vectorText(path)) as T
}

function vectorText(path: string): string {
  return readFileSync(vectorPath(path), 'utf8')
}

/** A key in `keys/`. */
export function vectorKey(name: string): PrivateKey {
  const [, body = ''] = /-----BEGIN PRIVATE KEY-----([^-]*)/.exec(vectorText(`keys/${name}.pem`)) ?? []
  return readPrivateKey(Buffer.from(body, 'base64'))
}

/** A certificate in `certificates/`, DER. */
export function vectorCertificate(name: string): Uint8Array {
  const [certificate] = certificatesFromPem(vectorText(`certificates/${name}.pem`))
  if (certificate === undefined) throw new Error(`no certificate in ${name}`)
  return certificate
}

/** A lock: key and certificate of one name. */
export function vectorOpener(name: string): KeyOpener {
  return softKeyOpener({ certificate: vectorCertificate(name), privateKey: vectorKey(name) })
}

/** A tender in `tenders/`. */
export function vectorTender(name: string): Tender {
  return readTender({ bytes: vectorBytes(`tenders/${name}.json`), signature: vectorBytes(`tenders/${name}.p7s`) })
}
