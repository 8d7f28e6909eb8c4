import { mkdir } from 'node:fs/promises'
import type { JobControl, Suite } from '../../../crypto/index.ts'
import { throwIfCancelled } from '../../../crypto/index.ts'
import { setupPracticePlatform } from '../../practice/index.ts'
import type { ModuleReference, Ports } from '../ports.ts'
import type { RehearsalAuthority } from './authority.ts'
import { makeAuthority } from './authority.ts'
import type { RehearsalFolders } from './folders.ts'
import type { PracticeLock } from './practice-lock.ts'
import { beginPracticeLock } from './practice-lock.ts'
import type { PracticeTender, TenderTerms } from './practice-tender.ts'
import { makePracticeTender } from './practice-tender.ts'
import { project } from './project.ts'

/** Runs a named step and keeps its time. */
export type RunStep = <T>(name: StepName, work: () => Promise<T>) => Promise<T>

/** The steps of a rehearsal, in their order. */
export const stepNames = [
  'authority',
  'lock',
  'platform',
  'tender',
  'bid',
  'sign',
  'seal',
  'verify',
  'submit',
  'opening',
  'release',
  'record',
  'evidence',
  'compare',
] as const
export type StepName = (typeof stepNames)[number]

/** What has to be there before anybody can bid. */
export interface RehearsalKit {
  readonly authority: RehearsalAuthority
  readonly lock: PracticeLock
  readonly tender: PracticeTender
}

export interface KitOptions {
  /** Of the CA, the lock, the platform and the tender. */
  readonly suite: Suite
  /** A module with a blank token; null for a soft lock. */
  readonly module: ModuleReference | null
  readonly terms: TenderTerms
}

/** Makes a practice CA, lock, platform and tender in prepared folders. */
export async function makeKit(
  ports: Ports,
  folders: RehearsalFolders,
  options: KitOptions,
  step: RunStep,
  control: JobControl,
): Promise<RehearsalKit> {
  // The keys of the lock take as long as those of the CA, and need nothing of it.
  const unfinished = beginPracticeLock(ports.tokens, folders, options.suite, options.module)
  unfinished.catch(() => undefined)
  const authority = await step('authority', () => makeAuthority(folders.ca, options.suite, ports))
  throwIfCancelled(control.signal)
  const lock = await step('lock', async () => (await unfinished).finish(authority))
  throwIfCancelled(control.signal)
  await step('platform', () =>
    setupPracticePlatform({
      dir: folders.platform,
      platformId: project.platformId,
      suite: options.suite,
      authority: {
        issue: ({ commonName, publicKey }) =>
          Promise.resolve(authority.issue({ commonName, publicKey, profile: 'platform' })),
        intermediates: [authority.issuing],
      },
    }),
  )
  throwIfCancelled(control.signal)
  const tender = await step('tender', () => makePracticeTender(folders, authority.root, options.terms, ports.clock))
  await mkdir(folders.home, { recursive: true })
  return { authority, lock, tender }
}
