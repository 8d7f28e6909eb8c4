import { CryptoFailure, toHex } from '../../../crypto/index.ts'
import type { Certificate, JobControl, TokenSummary, VendorProfile } from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { ModuleReference, Ports } from '../ports.ts'
import { judgeChain } from '../revocation/judge-chain.ts'
import type { RevocationStanding } from '../revocation/facts.ts'
import type { GivenPin } from '../tokens/pin-given.ts'
import type { Trust } from '../trust.ts'
import { libraryDigest } from '../vendor-data/library-digest.ts'
import type { VendorData } from '../vendor-data/vendor-data.ts'
import type { JudgedTrust, JudgeLeaf } from './certificates.ts'
import { examineModule } from './examine-module.ts'
import { canSign, type DoctorReport, type ExaminedModule, type HostFacts, type Rung } from './report.ts'
import { lookAtUsb, type UsbLook } from './usb.ts'

/** What is examined, and how. */
export interface DoctorRequest {
  readonly modules: readonly ModuleReference[]
  /** Only the token this URI means; every one where it is null. */
  readonly token: string | null
  readonly trust: Trust
  /** Asks for the PIN of a token, which is then tried once, and every key with it. Null: no PIN is tried. */
  readonly askPin: ((token: TokenSummary) => Promise<GivenPin>) | null
  /** What is known of vendors' libraries and of authorities' habits. */
  readonly vendors: Pick<VendorData, 'profileOf' | 'creditCodePlaces'> | null
  /** Looks at the USB devices; the system's way unless told otherwise. */
  readonly usb?: () => Promise<UsbLook | null>
  /** What this program was built for. */
  readonly host?: HostFacts
}

/** What every rung is climbed with. */
export interface DoctorParts {
  readonly hosts: Ports['tokens']
  readonly host: HostFacts
  readonly token: string | null
  readonly at: Date
  readonly strict: boolean
  readonly askPin: DoctorRequest['askPin']
  readonly judge: JudgeLeaf
  readonly places: (certificate: Certificate) => readonly string[] | undefined
  readonly knownLibrary: (
    module: ModuleReference,
  ) => Promise<{ readonly sha256: string | null; readonly vendor: VendorProfile | null }>
}

/**
 * Examines locks from the plug to the PIN, every module for itself: one that crashes or hangs is told so and keeps none of
 * the others from being examined. What is found is reported, not thrown. Throws `cancelled`.
 */
export async function examineLocks(
  ports: Pick<Ports, 'tokens' | 'clock' | 'http' | 'home' | 'randomness'>,
  request: DoctorRequest,
  control: JobControl,
): Promise<DoctorReport> {
  const { modules, trust, vendors } = request
  const host = request.host ?? { platform: process.platform, arch: process.arch }
  const at = ports.clock.now()
  const parts: DoctorParts = {
    ...{ hosts: ports.tokens, host, token: request.token, at, strict: trust.named, askPin: request.askPin },
    judge: judgeWith(ports, trust, at, control),
    places: certificate => vendors?.creditCodePlaces(certificate),
    knownLibrary: module => knownLibrary(module, vendors),
  }
  const usb = await (request.usb ?? lookAtUsb)()
  const examined: ExaminedModule[] = []
  // PINs are asked for one after the other; without them the drivers, each in its process, are examined at once.
  if (request.askPin === null) examined.push(...(await Promise.all(modules.map(each => examineModule(parts, each)))))
  else for (const module of modules) examined.push(await examineModule(parts, module))
  if (control.signal?.aborted === true) throw new AppFailure('cancelled', 'stopped at the request of the caller')
  const none: readonly Rung[] =
    modules.length > 0 ? [] : [{ rung: 'driver-file', status: 'problem', finding: { code: 'driver-file.none' } }]
  return {
    ok: examined.some(({ tokens }) => tokens.some(canSign)),
    host,
    rungs: [deviceRung(usb, examined), ...none],
    modules: examined,
  }
}

/** A driver that answers for a device knows better than the list of makers. */
function deviceRung(usb: UsbLook | null, modules: readonly ExaminedModule[]): Rung {
  const rung = 'device'
  const answered = modules.some(({ reference, tokens }) => reference.kind !== 'soft' && tokens.length > 0)
  if (usb === null) return { rung, status: 'not-reached', finding: { code: 'device.not-checked' } }
  if (usb.keys.length > 0) return { rung, status: 'ok', finding: { code: 'device.seen', usb } }
  const code = usb.others === 0 ? 'device.none' : 'device.none-known'
  return { rung, status: answered ? 'ok' : 'warning', finding: { code, usb } }
}

async function knownLibrary(
  { kind, path }: ModuleReference,
  vendors: DoctorRequest['vendors'],
): Promise<{ readonly sha256: string | null; readonly vendor: VendorProfile | null }> {
  const sha256 = await libraryDigest(path).catch(() => null)
  if (vendors === null || kind === 'soft') return { sha256, vendor: null }
  const matched = await vendors.profileOf({ kind, path }).catch(() => null)
  return { sha256, vendor: matched?.profile ?? null }
}

/** Chain and revocation by what is at hand: nothing is fetched for a diagnosis. */
function judgeWith(
  ports: Pick<Ports, 'clock' | 'http' | 'home' | 'randomness'>,
  { anchors }: Trust,
  at: Date,
  control: JobControl,
): JudgeLeaf {
  return async (leaf, use, others): Promise<JudgedTrust> => {
    if (anchors.length === 0) return { chain: 'not-judged', revocation: null }
    // Dates are told on their own: the chain of an expired certificate is judged as of when it was good.
    const judgedAt = at > leaf.notAfter ? leaf.notAfter : at < leaf.notBefore ? leaf.notBefore : at
    const intermediates = others.filter(({ subject, issuer }) => toHex(subject) !== toHex(issuer)).slice(0, 16)
    try {
      const question = { certificate: leaf, intermediates, anchors, use, at: judgedAt, fetch: false }
      const { revocation } = await judgeChain(ports, question, control)
      return { chain: 'trusted', revocation: worst(revocation) }
    } catch (error) {
      if (!(error instanceof CryptoFailure) || error.code === 'cancelled') throw error
      return { chain: 'untrusted', revocation: null }
    }
  }
}

/** Of a path: revoked anywhere is revoked, and good only where every one is. */
function worst(standings: readonly RevocationStanding[]): RevocationStanding {
  const [first] = standings
  return (
    standings.find(({ status }) => status === 'revoked') ??
    standings.find(({ status }) => status === 'not-checked') ??
    first ?? { status: 'not-checked', why: 'none' }
  )
}
