import type { AppEvent } from '../contract/events.ts'
import type { Language } from '../contract/guards.ts'
import type { AppView } from '../contract/views.ts'
import type { ModuleReference, TokenHosts } from '../services/index.ts'
import type { FileDialogs } from '../shell/dialogs.ts'
import type { Desks } from './desks.ts'
import type { Jobs } from './jobs.ts'
import type { LockBook } from './lock-book.ts'
import type { PinDesk } from './pin-desk.ts'
import type { Questions } from './questions.ts'
import type { RehearsalRoom } from './rehearsal-room.ts'

/** The token processes of the app, as a job uses them. */
export interface AppTokenHosts extends TokenHosts {
  /** The same hosts for a job: its calls end with the signal. */
  within(signal: AbortSignal): TokenHosts
  /** Ends the process of one module. */
  forget(module: ModuleReference): Promise<void>
}

/** What the handlers work with. */
export interface IpcContext {
  readonly about: Omit<AppView, 'language'>
  readonly desks: Desks
  readonly tokens: AppTokenHosts
  readonly locks: LockBook
  readonly jobs: Jobs
  readonly questions: Questions
  readonly pins: PinDesk
  readonly dialogs: FileDialogs
  readonly rehearsal: RehearsalRoom
  readonly emit: (event: AppEvent) => void
  readonly language: () => Language
  /** Uses a language from now on, in what the system shows too. */
  readonly useLanguage: (language: Language) => Promise<void>
}
