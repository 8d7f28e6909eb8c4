import { basename } from 'node:path'
import type { LockModuleView, LockView } from '../../contract/views.ts'
import type { ListedModule, ListedToken } from '../../services/index.ts'
import type { LockBook } from '../lock-book.ts'

/** A module and its locks as the page shows them. SECURITY: A2, the file's name and not its path. */
export function lockModuleView({ reference, tokens, failure }: ListedModule, book: LockBook): LockModuleView {
  return {
    name: basename(reference.path),
    kind: reference.kind,
    locks: tokens.map(token => lockView(token, book)),
    failure,
  }
}

function lockView(token: ListedToken, book: LockBook): LockView {
  const { state, triesLeft, protectedPath } = token.pin
  return {
    lock: book.idOf(token.uri),
    kind: token.kind,
    label: token.label,
    manufacturer: token.manufacturer,
    serial: token.serial,
    pin: { state, triesLeft: triesLeft ?? null, protectedPath },
    certificates: token.certificates.flatMap(({ facts, uses }) =>
      facts === null || uses.length === 0
        ? []
        : [
            {
              subject: facts.subject,
              issuer: facts.issuer,
              serial: facts.serial,
              creditCode: facts.creditCode,
              notBefore: facts.validFrom,
              notAfter: facts.validTo,
              uses,
            },
          ],
    ),
  }
}
