import type { CallName } from '../../crypto/index.ts'

/** How long a token process may take, in milliseconds, counted from when it begins with a call. */
export interface TokenLimits {
  /** From its start until it begins with its first call. */
  readonly boot: number
  /** Looking: modules, tokens, certificates. */
  readonly probe: number
  /** Logging in: the user may have to act on the token. */
  readonly login: number
  /** One use of a key; with some vendors the user confirms it on the token. */
  readonly use: number
  /** Making keys on the token. */
  readonly make: number
  /** Closing down before it is ended by force. */
  readonly close: number
}

export const defaultLimits: TokenLimits = {
  boot: 15_000,
  probe: 3_000,
  login: 120_000,
  use: 60_000,
  make: 180_000,
  close: 2_000,
}

/** Which limit a call has. */
export const limitOf: Readonly<Record<CallName, Exclude<keyof TokenLimits, 'boot'>>> = {
  load: 'probe',
  module: 'probe',
  list: 'probe',
  login: 'login',
  changePin: 'login',
  certificates: 'probe',
  algorithms: 'probe',
  sign: 'use',
  open: 'use',
  logout: 'probe',
  initialise: 'make',
  store: 'make',
  rawLoad: 'probe',
  raw: 'use',
  close: 'close',
}
