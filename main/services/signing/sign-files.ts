import { AppFailure, type FailureCode } from '../../contract/failure.ts'
import { certificateFacts } from '../certificate-facts.ts'
import { toFailure } from '../failure.ts'
import type { Ports } from '../ports.ts'
import type { Locks } from '../tokens/locks.ts'
import { type CheckContext, type CheckedTarget, checkDetached, checkPdf } from './check-target.ts'
import type { OnError, SignedFile, SignReport, SignRequest } from './sign-request.ts'
import { signBeside, signInto, type SigningContext } from './sign-one.ts'
import { type SignTarget, targetsOf } from './targets.ts'
import { timeStampsOf } from './time-stamps.ts'
import { requireUsableSigner } from './usable-signer.ts'

/** How a batch is watched and stopped. */
export interface SignControl {
  readonly signal?: AbortSignal | undefined
  /** Told of every document as soon as it is known what came of it; `index` counts from 0 as they were named. */
  readonly onFile?: ((result: SignedFile, index: number) => void) | undefined
}

/** Most documents of one batch. */
const maxFiles = 10_000

/**
 * Signs documents with one lock and one PIN. PDFs get a signature inside (PAdES) beside those they have; a lock whose key is
 * SM2 signs beside them (GB/T 35275), because no PDF reader knows SM2. Every document is judged first; the PIN is asked for
 * when something is to be signed, and once. Every output is whole and flushed or not there. What is wrong with a document
 * is told in its result; throws `arguments.bad`, `cert.expired`, `cert.revoked`, `output.unwritable` before anything, and `token.*` when
 * nobody is logged in.
 */
export async function signFiles(
  ports: Ports,
  locks: Locks,
  request: SignRequest,
  control: SignControl = {},
): Promise<SignReport> {
  if (request.files.length === 0 || request.files.length > maxFiles) {
    throw new AppFailure('arguments.bad', `between 1 and ${maxFiles} documents are signed at a time`)
  }
  const { signal } = control
  const askTimeStamp = request.timeStamps === undefined ? null : timeStampsOf(ports, request.timeStamps, { signal })
  const key = await locks.key(request.token, 'sign')
  const certificate = await requireUsableSigner(ports, key, request.anchors ?? [])
  const kind = certificate.key.kind === 'sm2' ? 'detached' : 'pdf'
  if (kind === 'detached') requireNothingSeen(request)
  const results = new Map<number, SignedFile>()
  const tell = (index: number, result: SignedFile): void => {
    results.set(index, result)
    control.onFile?.(result, index)
  }
  const targets = await targetsOf(request.files, request.output, kind)
  const report = (cancelled: boolean): SignReport => ({
    signer: certificateFacts(certificate),
    kind,
    files: targets.map(({ file }, index) => results.get(index) ?? { file, outcome: 'not-tried' }),
    cancelled,
  })
  try {
    const stamped = askTimeStamp !== null
    const context = { files: ports.files, certificate: certificate.der, stamped, signal }
    const ready = await checkAll(context, targets, request, kind, tell)
    if (ready.size === 0) return report(false)
    const signer = await locks.signer(request.token)
    const signing: SigningContext = { ports, signer, request, askTimeStamp, signal, drawn: new Map() }
    await signAll(signing, ready, request.onError, tell)
    return report(signal?.aborted === true)
  } catch (error) {
    // Before the first output a stop is a failure like others; afterwards the user has to be told what there is.
    if (signal?.aborted !== true || ![...results.values()].some(({ outcome }) => outcome === 'signed')) throw error
    return report(true)
  }
}

type Tell = (index: number, result: SignedFile) => void
type Ready = Exclude<CheckedTarget, { kind: 'done' }>

/** Judges every document; with `stop` none is signed when one is refused. */
async function checkAll(
  context: CheckContext,
  targets: readonly SignTarget[],
  { look, onError }: SignRequest,
  kind: SignReport['kind'],
  tell: Tell,
): Promise<ReadonlyMap<number, Ready>> {
  const ready = new Map<number, Ready>()
  for (const [index, target] of targets.entries()) {
    requireGoingOn(context.signal)
    const checked =
      kind === 'pdf' ? await checkPdf(context, target, look?.place ?? null) : await checkDetached(context, target)
    if (checked.kind !== 'done') ready.set(index, checked)
    else tell(index, checked.result)
    if (onError === 'stop' && checked.kind === 'done' && checked.result.outcome === 'refused') return new Map()
  }
  return ready
}

async function signAll(
  context: SigningContext,
  ready: ReadonlyMap<number, Ready>,
  onError: OnError,
  tell: Tell,
): Promise<void> {
  for (const [index, checked] of ready) {
    if (hasStopped(context)) return
    try {
      tell(index, checked.kind === 'ready' ? await signInto(context, checked) : await signBeside(context, checked))
    } catch (error) {
      if (hasStopped(context)) return
      const failure = toFailure(error)
      tell(index, { file: checked.target.file, outcome: 'failed', failure })
      if (onError === 'stop' || (onError === 'surroundings' && isOfSurroundings(failure.code))) return
    }
  }
}

function hasStopped({ signal }: SigningContext): boolean {
  return signal?.aborted === true
}

/** Faults that the next document would meet as well. */
function isOfSurroundings(code: FailureCode): boolean {
  if (code === 'token.unsupported') return false
  const areas = ['token.', 'platform.', 'cert.']
  const codes: readonly FailureCode[] = ['output.disk-full', 'document.signature', 'internal']
  return areas.some(area => code.startsWith(area)) || codes.includes(code)
}

/** A detached signature is one over the document's bytes: it shows nothing and says nothing beside. */
function requireNothingSeen({ look, reason, location, timeStamps, output }: SignRequest): void {
  if (look !== null || reason !== undefined || location !== undefined) {
    throw new AppFailure(
      'arguments.bad',
      'this lock signs with SM2, beside the document: no seal, text, reason or place can be in it',
    )
  }
  if (timeStamps !== undefined) {
    throw new AppFailure(
      'arguments.bad',
      'this lock signs with SM2, beside the document: there is no room for a time stamp',
    )
  }
  if (output.kind === 'in-place') {
    throw new AppFailure('arguments.bad', 'this lock signs with SM2, beside the document: nothing is written over it')
  }
}

function requireGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
}
