import { CryptoFailure, recode } from '../errors.ts'
import { oids } from '../der/oids.ts'
import { contextTag, type DerNode } from '../der/reader.ts'
import type { Certificate } from './certificate.ts'
import { readSequence } from './extensions.ts'
import { type GeneralName, generalName, generalNames } from './general-name.ts'
import { isEmptyName } from './name-match.ts'
import { nameAttributes } from './name.ts'
import { isInSubtree } from './name-subtree.ts'

/** Most comparisons of a certificate's names with an authority's subtrees: more is made to cost time. */
const maxComparisons = 1 << 16

/** What an authority may name below itself (RFC 5280, 4.2.1.10). */
interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/**
 * Holds every certificate of a path to the name constraints of the authorities above it (RFC 5280, 6.1.3 (b) and (c),
 * 6.1.4 (g)): a name of a constrained form must lie in one permitted subtree of each authority and in no excluded one.
 * `path` is leaf to anchor. Throws `cert.untrusted` for a name outside, `cert.unsupported` for constraints it cannot judge.
 */
export function requireNameConstraints(
  path: readonly Certificate[],
  isSelfIssued: (one: Certificate) => boolean,
): void {
  for (const [index, authority] of path.entries()) {
    const constraints = readNameConstraints(authority)
    if (constraints === null) continue
    for (const [below, certificate] of path.slice(0, index).entries()) {
      // A new key of the same authority: its name was judged where it was first certified. A leaf never is one.
      if (below > 0 && isSelfIssued(certificate)) continue
      const names = namesOf(certificate)
      if (names.length * (constraints.permitted.length + constraints.excluded.length) > maxComparisons) {
        throw new CryptoFailure('cert.unsupported', 'more names and name constraints than anybody needs')
      }
      for (const name of names) requireName(name, constraints)
    }
  }
}

function requireName(name: GeneralName, { permitted, excluded }: NameConstraints): void {
  const rules = permitted.filter(base => isSameForm(base, name))
  if (rules.length > 0 && !rules.some(base => isInSubtree(base, name, 'permitted'))) {
    throw untrusted('a name outside of what an authority may certify')
  }
  if (excluded.some(base => isSameForm(base, name) && isInSubtree(base, name, 'excluded'))) {
    throw untrusted('a name an authority must not certify')
  }
}

function isSameForm(base: GeneralName, name: GeneralName): boolean {
  if (base.kind !== 'other' || name.kind !== 'other') return base.kind === name.kind
  if (base.tag !== name.tag) return false
  throw new CryptoFailure('cert.unsupported', 'a name constraint of a form this program cannot judge')
}

function readNameConstraints({ extensions }: Certificate): NameConstraints | null {
  const extension = extensions.get(oids.nameConstraints)
  if (extension === undefined) return null
  const constraints = recode('cert.unsupported', () => {
    const fields = readSequence(extension.value).fields()
    const permitted = fields.optional(contextTag(0))
    const excluded = fields.optional(contextTag(1))
    fields.end()
    return { permitted: subtrees(permitted), excluded: subtrees(excluded) }
  })
  if (constraints.permitted.length + constraints.excluded.length === 0) throw untrusted('empty name constraints')
  return constraints
}

/** `minimum` is 0, its default, and `maximum` absent: the profile has no others. */
function subtrees(list: DerNode | null): readonly GeneralName[] {
  if (list === null) return []
  return list.children().map(node => {
    const fields = node.fields()
    const base = generalName(fields.take())
    fields.end()
    return base
  })
}

/** Subject, alternative names, and the mail addresses old authorities write into the subject. */
function namesOf({ subject, extensions }: Certificate): readonly GeneralName[] {
  return recode('cert.unsupported', () => {
    const names: GeneralName[] = isEmptyName(subject) ? [] : [{ kind: 'directory', name: subject }]
    for (const { type, text } of nameAttributes(subject).flat()) {
      if (type === oids.emailAddress) names.push({ kind: 'email', text: text ?? '' })
    }
    const alternative = extensions.get(oids.subjectAltName)
    return alternative === undefined ? names : [...names, ...generalNames(readSequence(alternative.value))]
  })
}

function untrusted(detail: string): CryptoFailure {
  return new CryptoFailure('cert.untrusted', detail)
}
