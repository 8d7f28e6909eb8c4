import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { bytesSource, certificatesFromPem, CryptoFailure, signDocument, toBase64 } from '../../../crypto/index.ts'
import type { DocumentFields, Signer, Tender } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { readTenderPackage, writeTenderPackage } from '../../platform/index.ts'
import type { TenderAttachment } from '../../platform/index.ts'
import type { Ports } from '../ports.ts'
import { suiteOfSigner } from './signer-suite.ts'

/** A package as another reader would take it. */
export interface MadeTender {
  readonly tender: Tender
  readonly packageBytes: Uint8Array
}

/**
 * Makes a signed tender package from a specification: the JSON object of `tender.json` (formats.md) without `type`, in which
 * a certificate may also be the path of a PEM file, and an attachment just the path of a file, both beside the
 * specification. `publishedAt` is now where it is missing. Throws `input.unreadable` and `tender.invalid`.
 */
export async function newTender(ports: Ports, specification: string, signer: Signer): Promise<MadeTender> {
  const folder = dirname(resolve(specification))
  const spec = await readSpecification(specification)
  const attachments = await readAttachments(folder, spec['attachments'])
  const fields = {
    documents: [],
    forms: [],
    clauses: [],
    traces: [],
    publishedAt: ports.clock.now().toISOString(),
    ...withoutType(spec),
    acceptedCas: await Promise.all(listOf(spec['acceptedCas'], 'acceptedCas').map(each => certificate(folder, each))),
    certificates: await Promise.all(
      listOf(spec['certificates'], 'certificates').map(async each => {
        const entry = objectOf(each, 'certificates')
        return { ...entry, certificate: await certificate(folder, entry['certificate']) }
      }),
    ),
    attachments: attachments.map(({ path, bytes }) => ({
      path,
      size: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
    })),
  }
  const packageBytes = await packTender(ports, fields as unknown as DocumentFields<'tender'>, attachments, signer)
  return { ...(await readTenderPackage(bytesSource(packageBytes))), packageBytes }
}

/** Throws `tender.invalid` when the fields are not those of a tender. */
async function packTender(
  ports: Ports,
  fields: DocumentFields<'tender'>,
  attachments: readonly TenderAttachment[],
  signer: Signer,
): Promise<Uint8Array> {
  try {
    return await writeTenderPackage(
      await signDocument('tender', fields, signer, suiteOfSigner(signer.certificate), ports.clock),
      attachments,
    )
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'document.malformed') {
      throw new AppFailure('tender.invalid', error.detail, { cause: error })
    }
    throw error
  }
}

type Json = Readonly<Record<string, unknown>>

async function readSpecification(path: string): Promise<Json> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'the specification cannot be read', { cause: error })
  })
  try {
    return objectOf(JSON.parse(text), 'the specification')
  } catch (error) {
    if (error instanceof AppFailure) throw error
    throw new AppFailure('input.unreadable', 'the specification is no JSON', { cause: error })
  }
}

function withoutType(spec: Json): Json {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name !== 'type'))
}

/** Base64 of DER as it stands, or of the first certificate of the PEM file that is named. */
async function certificate(folder: string, value: unknown): Promise<string> {
  if (typeof value !== 'string') throw new AppFailure('tender.invalid', 'a certificate is no text')
  if (!/\.(pem|crt|cer)$/i.test(value)) return value
  const text = await readFile(resolve(folder, value), 'utf8').catch((error: unknown) => {
    throw new AppFailure('input.unreadable', 'a certificate of the specification cannot be read', { cause: error })
  })
  const [first] = certificatesFromPem(text)
  if (first === undefined) throw new AppFailure('input.unreadable', 'a certificate file holds no PEM certificate')
  return toBase64(first)
}

async function readAttachments(folder: string, value: unknown): Promise<readonly TenderAttachment[]> {
  if (value === undefined) return []
  return Promise.all(
    listOf(value, 'attachments').map(async each => {
      if (typeof each !== 'string') throw new AppFailure('tender.invalid', 'an attachment is no path')
      const bytes = await readFile(resolve(folder, each)).catch((error: unknown) => {
        throw new AppFailure('input.unreadable', 'an attachment cannot be read', { cause: error })
      })
      return { path: `attachments/${basename(each)}`, bytes: new Uint8Array(bytes) }
    }),
  )
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new AppFailure('tender.invalid', `${at} is no list`)
  return value
}

function objectOf(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppFailure('tender.invalid', `${at} is no object`)
  }
  return value as Json
}
