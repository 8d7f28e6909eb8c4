import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { commonName, CryptoFailure, displayName, parseCertificate, signFileGm, signPdf } from '../../../crypto/index.ts'
import type { FileSystem, SealAppearance, Signer } from '../../../crypto/index.ts'
import type { Ports } from '../ports.ts'
import type { CheckedTarget } from './check-target.ts'
import { replacing, seenFile, type SeenFile } from './in-place.ts'
import type { SealLook, SignedFile, SignRequest } from './sign-request.ts'
import type { AskTimeStamp } from './time-stamps.ts'

/** What signing one document of a batch needs. */
export interface SigningContext {
  readonly ports: Pick<Ports, 'files' | 'clock'>
  readonly signer: Signer
  readonly request: SignRequest
  readonly askTimeStamp: AskTimeStamp | null
  readonly signal: AbortSignal | undefined
  /** By their lines: what is the same in two documents is drawn once. */
  readonly drawn: Map<string, SealAppearance>
}

/** Signs a PDF (PAdES). Throws what `signPdf` throws, what the time-stamp server's client throws, `input.changed`. */
export async function signInto(
  context: SigningContext,
  { target, place }: Extract<CheckedTarget, { kind: 'ready' }>,
): Promise<SignedFile> {
  const { ports, signer, request, askTimeStamp, signal } = context
  const time = ports.clock.now()
  let stamped: Date | null = null
  const seen = await requireSeen(target.path)
  const source = await ports.files.open(target.path)
  try {
    await mkdir(dirname(target.output), { recursive: true })
    const appearance = request.look === null ? null : appearanceOf(context, request.look, time)
    const { reason, location } = request
    const written = await signPdf({
      source,
      output: target.output,
      files: target.inPlace ? replacing(ports.files, source, seen) : ports.files,
      signer,
      place,
      ...(appearance === null ? {} : { appearance }),
      ...(reason === undefined ? {} : { reason }),
      ...(location === undefined ? {} : { location }),
      signingTime: time,
      ...(askTimeStamp === null
        ? {}
        : {
            timestamp: async (digest: Uint8Array) => {
              const reply = await askTimeStamp({ hash: 'sha256', digest })
              stamped = reply.time
              return reply.response
            },
          }),
      ...(signal === undefined ? {} : { signal }),
    })
    return {
      file: target.file,
      outcome: 'signed',
      output: target.output,
      level: askTimeStamp === null ? 'B-B' : 'B-T',
      size: written.size,
      time: time.toISOString(),
      ...stampOf(stamped),
      markedPages: written.markedPages,
    }
  } finally {
    await source.close()
  }
}

/** Signs beside a document (GB/T 35275), and copies it where it is to stand elsewhere. Throws as `signFileGm`, `input.changed`. */
export async function signBeside(
  { ports, signer, signal }: SigningContext,
  { target, signature, copies }: Extract<CheckedTarget, { kind: 'ready-detached' }>,
): Promise<SignedFile> {
  const { files, clock } = ports
  const seen = await requireSeen(target.path)
  const source = await files.open(target.path)
  try {
    await mkdir(dirname(target.output), { recursive: true })
    const copy = copies ? await files.create(target.output, source.size) : null
    try {
      const onPiece = copy === null ? undefined : (offset: number, piece: Uint8Array) => copy.write(offset, piece)
      const bytes = await signFileGm(source, signer, { signal, onPiece })
      const now = await seenFile(target.path)
      if (now?.size !== seen.size || now.modified !== seen.modified) throw changed()
      await copy?.commit()
      await writeWhole(files, signature, bytes)
    } finally {
      await copy?.discard()
    }
    return {
      file: target.file,
      outcome: 'signed',
      output: target.output,
      signature,
      size: source.size,
      time: clock.now().toISOString(),
      markedPages: 0,
    }
  } finally {
    await source.close()
  }
}

function appearanceOf({ signer, drawn }: SigningContext, { image, text }: SealLook, time: Date): SealAppearance {
  const { subject } = parseCertificate(signer.certificate)
  const lines = text?.lines(commonName(subject) ?? displayName(subject), time) ?? []
  const key = lines.join('\n')
  const known = drawn.get(key) ?? {
    ...(image === undefined ? {} : { image }),
    ...(text === undefined ? {} : { text: { lines, font: text.font } }),
  }
  drawn.set(key, known)
  return known
}

async function writeWhole(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const draft = await files.create(path, bytes.length)
  try {
    await draft.write(0, bytes)
    await draft.commit()
  } finally {
    await draft.discard()
  }
}

async function requireSeen(path: string): Promise<SeenFile> {
  const seen = await seenFile(path)
  if (seen === null) throw new CryptoFailure('input.unreadable', `${basename(path)} is gone`)
  return seen
}

/** A closure's assignment is nothing the compiler sees. */
function stampOf(time: Date | null): { readonly timestamp?: string } {
  return time === null ? {} : { timestamp: time.toISOString() }
}

function changed(): CryptoFailure {
  return new CryptoFailure('input.changed', 'the document was changed while it was being signed')
}
