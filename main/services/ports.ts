import type { Clock, FileSystem, Pipeline, Randomness, TokenDriver } from '../../crypto/index.ts'
import type { HttpPort, RetryPolicy } from '../http/index.ts'
import type { Platform } from '../platform/index.ts'
import type { Deliveries, Home, Journal } from '../store/index.ts'
import type { TimeStampServer } from './signing/time-stamps.ts'

/** A vendor library, or a soft lock (a `.p12` file or a folder of them). */
export interface ModuleReference {
  readonly kind: 'pkcs11' | 'skf' | 'soft'
  readonly path: string
}

/** Starts the process of a vendor library; the window and the command line do it differently. */
export interface TokenHosts {
  /** The driver of a module; the same one each time. */
  driver(module: ModuleReference): TokenDriver
  /** Ends every process it started. Harmless twice. */
  close(): Promise<void>
}

/** Everything the use cases need from outside. One object is made by each front end and handed to every service. */
export interface Ports {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly files: FileSystem
  /** Threads for sealing, verifying and opening; absent, the calling thread does it all. */
  readonly pipeline?: Pipeline | undefined
  readonly tokens: TokenHosts
  readonly http: HttpPort
  /**
   * The platform at a base URL; `signal` stops its requests, `patience` is how often they are tried. Throws `arguments.bad`
   * for what is no address of one.
   */
  platformAt(url: string, signal?: AbortSignal, patience?: RetryPolicy): Platform
  /** Milliseconds of a clock that nobody sets; this process's own where it is absent. */
  readonly monotonic?: (() => number) | undefined
  /** The time-stamp server of this run in place of the one in the settings; null for none. */
  readonly timeStamps?: TimeStampServer | null | undefined
  readonly home: Home
  readonly journal: Journal
  readonly deliveries: Deliveries
}
