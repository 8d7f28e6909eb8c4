import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CryptoFailure } from '../../../crypto/index.ts'
import type {
  Certificate,
  PinState,
  RawLibrary,
  TokenCertificate,
  TokenDriver,
  TokenSession,
  TokenSummary,
} from '../../../crypto/index.ts'
import { AppFailure } from '../../contract/failure.ts'
import type { Ports } from '../ports.ts'
import type { Bench, BenchModule } from './case.ts'
import { refuseRightPin, refuseWrongPin } from './consent.ts'
import { type Distribution, distributionOf } from './workbench-run.ts'

/** What the engine needs to reach the library. */
export interface LibraryAccess {
  /** A supervised driver in a new process of its own; it ends with the signal. */
  startDriver(signal: AbortSignal): TokenDriver
  /** The library function by function in a new process of its own; null where there is no such access. */
  readonly startRaw: (() => RawLibrary) | null
}

export interface BenchOptions {
  readonly access: LibraryAccess
  readonly module: BenchModule
  readonly ports: Ports
  readonly token: TokenSummary | null
  /** The PIN with consent; `null` for a token with a pad of its own. Undefined: nobody has agreed to a login. */
  readonly pin: string | null | undefined
  /** Why no PIN was asked for: the token has too few tries left. */
  readonly pinRefusal: string | null
  readonly rounds: number
  readonly signal: AbortSignal
  readonly anchors: readonly Certificate[]
  readonly issuers: readonly Uint8Array[]
  readonly person: Bench['person']
}

/** The bench with what only the engine does to it. */
export interface EngineBench {
  readonly bench: Bench
  /** Why nobody can be logged in any more. */
  readonly pinRefusal: string | null
  /** Logs in once, so that what the token shows only then is known. Throws what the login throws. */
  prove(): Promise<void>
  /** Takes away what a case has left open; `broken`: the shared session too. */
  tidy(broken: boolean): Promise<void>
  /** What was noted since the last time this was asked. */
  takeTimings(): Readonly<Record<string, readonly number[]>>
  /** Everything that was noted, as distributions. */
  distributions(): readonly Distribution[]
  /** Puts back what was noted before an interruption. */
  putTimings(timings: Readonly<Record<string, readonly number[]>>): void
  close(): Promise<void>
}

/** Sets up the bench of one run. Starts no process yet. */
export async function openBench(options: BenchOptions): Promise<EngineBench> {
  const folder = await mkdtemp(join(tmpdir(), 'bidseal-workbench-'))
  return new Workplace(options, folder)
}

class Workplace implements EngineBench {
  readonly bench: Bench
  readonly #options: BenchOptions
  readonly #driver: TokenDriver
  #session: TokenSession | null = null
  /** Whether the shared session was found alive in this case. */
  #fresh = false
  #proven = false
  #pinRefusal: string | null
  #loginFaults = 0
  #certificates: readonly TokenCertificate[]
  readonly #timings = new Map<string, number[]>()
  #taken = new Map<string, number>()
  readonly #toClose: (() => Promise<unknown>)[] = []

  constructor(options: BenchOptions, folder: string) {
    const { access, module, ports, token, pin, rounds, signal, anchors, issuers, person } = options
    this.#options = options
    this.#pinRefusal = options.pinRefusal
    this.#driver = access.startDriver(signal)
    this.#certificates = token?.certificates ?? []
    const keys = (use: 'sign' | 'decrypt') => this.#certificates.filter(({ uses }) => uses.includes(use))
    this.bench = {
      ...{ module, token, rounds, signal, anchors, issuers, person, folder, ports },
      driver: this.#driver,
      anotherDriver: () => this.#later(access.startDriver(signal)),
      raw: () => Promise.resolve().then(() => this.#raw()),
      pin: pin ?? null,
      session: () => this.#shared(),
      login: async (driver = this.#driver) => this.#later(await this.#login(driver)),
      pinTry: async () => {
        const refusal = refuseWrongPin(await this.#pinState(this.#driver), this.#proven)
        return refusal === null || refusal === 'pin-not-proven' ? refusal : 'pin-tries-low'
      },
      get keys() {
        return { sign: keys('sign'), decrypt: keys('decrypt') }
      },
      timing: (name, ms) => {
        const values = this.#timings.get(name) ?? []
        values.push(ms)
        this.#timings.set(name, values)
      },
      timings: name => [...(this.#timings.get(name) ?? [])],
      now: ports.monotonic ?? (() => performance.now()),
      random: ports.randomness,
    }
  }

  get pinRefusal(): string | null {
    return this.#pinRefusal
  }

  async prove(): Promise<void> {
    if (this.#options.pin === undefined || this.#options.token === null) return
    const session = await this.#shared()
    const shown = await session.certificates()
    if (shown.length > 0) this.#certificates = shown
  }

  async tidy(broken: boolean): Promise<void> {
    for (const close of this.#toClose.splice(0).reverse()) await close().catch(() => undefined)
    this.#fresh = false
    if (!broken) return
    await this.#session?.close().catch(() => undefined)
    this.#session = null
  }

  takeTimings(): Readonly<Record<string, readonly number[]>> {
    const news = [...this.#timings].flatMap(([name, values]) => {
      const from = this.#taken.get(name) ?? 0
      return values.length > from ? [[name, values.slice(from)] as const] : []
    })
    this.#taken = new Map([...this.#timings].map(([name, values]) => [name, values.length]))
    return Object.fromEntries(news)
  }

  putTimings(timings: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, values] of Object.entries(timings)) for (const ms of values) this.bench.timing(name, ms)
    this.takeTimings()
  }

  distributions(): readonly Distribution[] {
    return [...this.#timings].flatMap(([name, values]) => distributionOf(name, values) ?? [])
  }

  async close(): Promise<void> {
    await this.tidy(true)
    await this.#driver.close().catch(() => undefined)
    await rm(this.bench.folder, { recursive: true, force: true })
  }

  #raw(): RawLibrary {
    const { startRaw } = this.#options.access
    if (startRaw === null) throw new CryptoFailure('token.unsupported', 'there is no access to single functions')
    return this.#later(startRaw())
  }

  /** Closed after the case, whatever becomes of it. */
  #later<T extends { close(): Promise<unknown> }>(opened: T): T {
    this.#toClose.push(() => opened.close())
    return opened
  }

  /** The session of all cases. In each case it is first looked whether it is still there: cases unplug, crash, log out. */
  async #shared(): Promise<TokenSession> {
    if (this.#session !== null && !this.#fresh) {
      const alive = await this.#session.certificates().then(
        () => true,
        (error: unknown) => {
          if (error instanceof CryptoFailure && ended.includes(error.code)) return false
          throw error
        },
      )
      if (!alive) this.#session = null
    }
    this.#session ??= await this.#login(this.#driver)
    this.#fresh = true
    return this.#session
  }

  /** SECURITY: the one place of the workbench that sends the PIN it was given. Never after it was refused once. */
  async #login(driver: TokenDriver): Promise<TokenSession> {
    const { token, pin } = this.#options
    if (pin === undefined || token === null) throw new AppFailure('token.pin-required', 'nobody has agreed to a login')
    if (this.#pinRefusal !== null) throw new AppFailure('token.pin-last-try', `no PIN is sent: ${this.#pinRefusal}`)
    const refusal = refuseRightPin(await this.#pinState(driver), this.#proven)
    if (refusal !== null) {
      this.#pinRefusal = refusal
      throw new AppFailure('token.pin-last-try', `no PIN is sent: ${refusal}`)
    }
    try {
      const session = await driver.login(token.uri, token.pin.protectedPath ? null : pin)
      this.#proven = true
      this.#loginFaults = 0
      return session
    } catch (error) {
      if (error instanceof CryptoFailure) this.#noteLoginFault(error)
      throw error
    }
  }

  /** A library that crashes or hangs in each login is not asked again by every case. */
  #noteLoginFault({ code }: CryptoFailure): void {
    if (pinFaults.includes(code)) this.#pinRefusal = 'pin-refused'
    if (code === 'token.driver-crashed' || code === 'token.driver-hung') this.#loginFaults += 1
    if (this.#loginFaults >= mostLoginFaults) this.#pinRefusal = 'login-fails'
  }

  /** As the token tells it now. Throws `token.absent`. */
  async #pinState(driver: TokenDriver): Promise<PinState> {
    const { token } = this.#options
    const now = (await driver.list()).find(({ uri }) => uri === token?.uri)
    if (now === undefined) throw new CryptoFailure('token.absent', 'the token is not there any more')
    return now.pin
  }
}

const mostLoginFaults = 2

/** What a call to a session that has ended fails with. */
const ended: readonly string[] = ['token.driver-crashed', 'token.driver-hung', 'token.removed', 'token.absent']

const pinFaults: readonly string[] = ['token.pin-incorrect', 'token.pin-locked', 'token.pin-form', 'token.pin-last-try']
