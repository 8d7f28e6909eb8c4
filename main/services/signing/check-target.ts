import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CryptoFailure, inspectPdf, shownSize, signingRefusal, verifyPdf } from '../../../crypto/index.ts'
import type { ByteSource, FileSystem, PdfFacts, PlaceBox, SignaturePlace } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import { toFailure } from '../failure.ts'
import type { RefusalReason, SealPlace, SignedFile } from './sign-request.ts'
import { nextSignature } from './signature-files.ts'
import { isTaken, type SignTarget } from './targets.ts'
import { sameCertificate } from './verify-beside.ts'

/** What is known of a document before the lock is asked. */
export type CheckedTarget =
  | { readonly kind: 'ready'; readonly target: SignTarget; readonly place: SignaturePlace }
  | {
      readonly kind: 'ready-detached'
      readonly target: SignTarget
      readonly signature: string
      readonly copies: boolean
    }
  | { readonly kind: 'done'; readonly result: SignedFile }

export interface CheckContext {
  readonly files: FileSystem
  /** Of the lock that will sign, DER. */
  readonly certificate: Uint8Array
  /** Whether the signature is to have a time stamp. */
  readonly stamped: boolean
  readonly signal: AbortSignal | undefined
}

/** Judges a PDF and its place before anybody is asked for a PIN. Throws `cancelled` alone. */
export function checkPdf(context: CheckContext, target: SignTarget, place: SealPlace | null): Promise<CheckedTarget> {
  return judged(context, target, async source => {
    const facts = await inspectPdf(source)
    const marks = placeOn(facts, place)
    const refusal = signingRefusal(facts, marks ?? { kind: 'invisible' })
    if (refusal !== null) throw refused(refusal, 'input.unreadable', 'the document is not to be signed')
    if (marks === null) throw refused('page', 'arguments.bad', 'the place is not on the document’s pages')
    if (!target.inPlace && (await isTaken(target.output))) return await standing(context, target, source)
    await requireWritable(target.output)
    return { kind: 'ready', target, place: marks }
  })
}

/** The same for a document that is signed beside; it may be anything. */
export function checkDetached(context: CheckContext, target: SignTarget): Promise<CheckedTarget> {
  return judged(context, target, async source => {
    const { file, output } = target
    const copies = !target.inPlace && !(await isCopy(context, source, output))
    const next = await nextSignature(output, source, context.certificate, context.signal)
    if (next.kind === 'taken') throw refused('taken', 'output.exists', 'something else bears the signature’s name')
    if (next.kind === 'standing') {
      return { kind: 'done', result: { file, outcome: 'standing', output, signature: next.path } }
    }
    await requireWritable(output)
    return { kind: 'ready-detached', target, signature: next.path, copies }
  })
}

/** A refusal that carries its name to the report. */
class Refused extends Error {
  readonly why: RefusalReason
  readonly failure: AppFailure

  constructor(why: RefusalReason, failure: AppFailure) {
    super(why)
    this.why = why
    this.failure = failure
  }
}

function refused(
  why: RefusalReason,
  code: 'input.unreadable' | 'arguments.bad' | 'output.exists',
  detail: string,
): Refused {
  return new Refused(why, new AppFailure(code, detail))
}

async function judged(
  { files }: CheckContext,
  target: SignTarget,
  judge: (source: ByteSource) => Promise<CheckedTarget>,
): Promise<CheckedTarget> {
  const refusal = (why: RefusalReason, error: unknown): CheckedTarget => ({
    kind: 'done',
    result: { file: target.file, outcome: 'refused', why, failure: toFailure(error) },
  })
  try {
    const source = await files.open(target.path)
    try {
      return await judge(source)
    } finally {
      await source.close()
    }
  } catch (error) {
    if (error instanceof Refused) return refusal(error.why, error.failure)
    const { code } = toFailure(error)
    if (code === 'cancelled' || code === 'internal') throw error
    return refusal(code === 'output.unwritable' ? 'unwritable' : 'unreadable', error)
  }
}

/** The place on these pages; null where it is not on them. */
function placeOn({ pages }: PdfFacts, place: SealPlace | null): SignaturePlace | null {
  if (place === null) return { kind: 'invisible' }
  if (place.kind === 'across-pages') return pages.length < 2 ? null : place
  if (place.kind === 'every-page') return pages.every(page => isSmaller(place.box, shownSize(page))) ? place : null
  const number = place.page < 0 ? pages.length + 1 + place.page : place.page
  const page = pages[number - 1]
  if (page === undefined) return null
  const { x, y } = place.box
  const size = shownSize(page)
  const room = { width: size.width - x, height: size.height - y }
  return x >= 0 && y >= 0 && isSmaller(place.box, room) ? { ...place, page: number } : null
}

function isSmaller(box: PlaceBox, room: { readonly width: number; readonly height: number }): boolean {
  // A hundredth of a point is nobody's mistake.
  return box.width <= room.width + 0.01 && box.height <= room.height + 0.01
}

/** What stands under the output's name: this document signed with this certificate, or something else. */
async function standing(
  { files, certificate, stamped, signal }: CheckContext,
  { file, output }: SignTarget,
  source: ByteSource,
): Promise<CheckedTarget> {
  const there = await files.open(output).catch(() => null)
  if (there === null) throw refused('taken', 'output.exists', 'the output exists')
  try {
    const { signatures } = await verifyPdf(there, { ...(signal === undefined ? {} : { signal }) })
    const ours = signatures.some(
      ({ coverage, verdict }) =>
        coverage.kind === 'whole-file' &&
        verdict.kind === 'valid' &&
        sameCertificate(verdict.signer.der, certificate) &&
        (!stamped || verdict.timestamp?.kind === 'valid'),
    )
    if (!ours || there.size <= source.size || !(await beginsWith(there, source, signal))) {
      throw refused('taken', 'output.exists', 'the output exists')
    }
    return { kind: 'done', result: { file, outcome: 'standing', output } }
  } catch (error) {
    if (error instanceof CryptoFailure && error.code === 'input.unreadable') {
      throw refused('taken', 'output.exists', 'the output exists')
    }
    throw error
  } finally {
    await there.close()
  }
}

/** Whether a copy stands under the output's name already; a document of another content there is refused. */
async function isCopy({ files, signal }: CheckContext, source: ByteSource, output: string): Promise<boolean> {
  if (!(await isTaken(output))) return false
  const there = await files.open(output).catch(() => null)
  try {
    if (there?.size === source.size && (await beginsWith(there, source, signal))) return true
    throw refused('taken', 'output.exists', 'another document bears the output’s name')
  } finally {
    await there?.close()
  }
}

async function beginsWith(whole: ByteSource, start: ByteSource, signal: AbortSignal | undefined): Promise<boolean> {
  const block = 1024 * 1024
  for (let offset = 0; offset < start.size; offset += block) {
    if (signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
    const length = Math.min(block, start.size - offset)
    const [a, b] = [new Uint8Array(length), new Uint8Array(length)]
    await whole.read(offset, a)
    await start.read(offset, b)
    if (Buffer.compare(a, b) !== 0) return false
  }
  return true
}

async function requireWritable(output: string): Promise<void> {
  const folder = dirname(output)
  await access(folder, constants.W_OK).catch((error: unknown) => {
    // A folder that is not there yet will be made.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw new AppFailure('output.unwritable', 'nothing can be written into the folder', { cause: error })
  })
}
