import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** Where this user's state is kept: one folder, shared by the window and the command line. Paths only; makes nothing. */
export interface Home {
  readonly root: string
  /** The hash-chained journal of what was done with which key. */
  readonly journal: string
  /** One folder per sealed bid, named by its sealId. */
  readonly deliveries: string
  /** Imported tender packages, named by packageDigest. */
  readonly tenders: string
  /** Trust anchors, `*.pem`. */
  readonly trust: string
  /** Revocation lists, OCSP answers and certificates of authorities that were fetched once. */
  readonly revocation: string
}

/** The home in a given folder. */
export function homeAt(root: string): Home {
  const base = resolve(root)
  return {
    root: base,
    journal: join(base, 'journal.jsonl'),
    deliveries: join(base, 'deliveries'),
    tenders: join(base, 'tenders'),
    trust: join(base, 'trust'),
    revocation: join(base, 'revocation'),
  }
}

/** The lock file under which one sealed bid is submitted, withdrawn or released: by one program at a time. */
export function deliveryLock(home: Home, sealId: string): string {
  return join(home.deliveries, sealId, 'busy.lock')
}

/** The user's data folder as Electron names it on this system, so that both front ends find the same state. */
export function defaultHome(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const user = homedir()
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(user, 'AppData', 'Roaming'), 'BidSeal')
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'BidSeal')
  const config = environment['XDG_CONFIG_HOME']
  return join(config !== undefined && isAbsolute(config) ? config : join(user, '.config'), 'BidSeal')
}
