import { CryptoFailure, suiteOfSignature, toPem, validatePath, verifyTimestamp } from '../../../crypto/index.ts'
import type { Certificate, Suite, SuiteId, Tender } from '../../../crypto/index.ts'
import type { Entries } from './canonical-zip.ts'

/** The certificates behind a package, as PEM files by name, and all of them for whoever looks for their revocation. */
export interface GatheredCertificates {
  readonly files: Entries
  readonly all: readonly Certificate[]
}

/**
 * Every chain of a package's signatures: of the bidder, the tender, the platform and the time stamps, each from the signer
 * to the root as far as it is known, for people and other programs; our own reader takes them from the signatures.
 */
export function gatherCertificates(
  files: Entries,
  tender: Tender,
  suite: SuiteId,
  anchors: readonly Certificate[],
): GatheredCertificates {
  const written = new Map([['certificates/accepted-authorities.pem', pem(tender.anchors)]])
  const all = new Map<string, Certificate>()
  for (const name of files.keys()) {
    const chain = chainOf(name, files, suite)
    if (chain === null) continue
    const whole = withAnchor(chain, [...tender.anchors, ...anchors])
    for (const each of whole) all.set(Buffer.from(each.der).toString('hex'), each)
    addOnce(written, whoseOf(name), pem(whole))
  }
  return { files: written, all: [...all.values()] }
}

/** A bidder may have signed with several locks: each chain is written once, numbered where there are more. */
function addOnce(written: Map<string, Uint8Array>, whose: string, content: Uint8Array): void {
  for (let number = 1; ; number += 1) {
    const name = `certificates/${whose}${number === 1 ? '' : `-${number}`}.pem`
    const there = written.get(name)
    if (there === undefined) written.set(name, content)
    if (there === undefined || Buffer.compare(there, content) === 0) return
  }
}

function whoseOf(entry: string): string {
  if (entry.endsWith('.tsr')) return 'time-stamp'
  if (entry.startsWith('tender/')) return 'tender'
  if (!entry.startsWith('platform/')) return 'bidder'
  if (entry.startsWith('platform/notice-')) return 'platform-notice'
  return /^platform\/(receipt|withdrawal|replaced-by)\./.test(entry) ? 'platform-receipt' : 'platform-opening'
}

/** The certificates in a signature or time stamp; null for another entry, and for one whose mathematics does not hold. */
function chainOf(name: string, files: Entries, suite: SuiteId): readonly Certificate[] | null {
  const [, base = '', ending] = /^(.*)\.(p7s|tsr)$/.exec(name) ?? []
  const [document, signature] = [files.get(`${base}.json`), files.get(`${base}.p7s`)]
  if (ending === undefined || document === undefined || signature === undefined) return null
  try {
    const { signer, intermediates, signatureOctets } = suiteOf(signature).verifyDetached(document, signature)
    if (ending === 'p7s') return [signer, ...intermediates]
    const stamp = verifyTimestamp(files.get(name) ?? new Uint8Array(0), signatureOctets, suite)
    return [stamp.signer, ...stamp.intermediates]
  } catch (error) {
    if (error instanceof CryptoFailure) return null
    throw error
  }
}

function suiteOf(signature: Uint8Array): Suite {
  const suite = suiteOfSignature(signature)
  if (suite === null) throw new CryptoFailure('document.signature', 'a signature of no known suite')
  return suite
}

/** The chain up to the root, where it is among those that are known. */
function withAnchor(chain: readonly Certificate[], anchors: readonly Certificate[]): readonly Certificate[] {
  const [leaf, ...intermediates] = chain
  if (leaf === undefined) return chain
  const at = new Date((leaf.notBefore.getTime() + leaf.notAfter.getTime()) / 2)
  for (const leafUse of ['sign', 'timestamp'] as const) {
    try {
      return validatePath({ leaf, intermediates, anchors, at, leafUse })
    } catch {
      continue
    }
  }
  return chain
}

function pem(certificates: readonly Certificate[]): Uint8Array {
  return new TextEncoder().encode(certificates.map(({ der }) => toPem(der, 'CERTIFICATE')).join(''))
}
