import { basename } from 'node:path'
import type { LockModuleView, LockView } from '../../contract/views.ts'
import type { ListedModule, ListedToken } from '../../services/index.ts'
import type { LockBook } from '../lock-book.ts'

/** Whether a token is that of a rehearsal, by its URI. */
export type IsPractice = (uri: string) => boolean

/** A module and its locks as the page shows them. SECURITY: A2, the file's name and not its path. */
export function lockModuleView(
  { reference, tokens, failure }: ListedModule,
  book: LockBook,
  isPractice: IsPractice,
): LockModuleView {
  return {
    name: basename(reference.path),
    kind: reference.kind,
    locks: tokens.map(token => lockView(token, book, isPractice)),
    failure,
  }
}

function lockView(token: ListedToken, book: LockBook, isPractice: IsPractice): LockView {
  const { state, triesLeft, protectedPath } = token.pin
  return {
    lock: book.idOf(token.uri),
    kind: token.kind,
    practice: isPractice(token.uri),
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
              algorithm: facts.algorithm,
              uses,
            },
          ],
    ),
  }
}
