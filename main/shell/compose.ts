import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { app } from 'electron'
import type { BrowserWindow } from 'electron'
import { createPipeline, nodeFiles, systemClock, systemRandomness } from '../../crypto/index.ts'
import type { Clock, Pipeline } from '../../crypto/index.ts'
import { eventChannel } from '../contract/events.ts'
import type { AppEvent } from '../contract/events.ts'
import type { Language } from '../contract/guards.ts'
import type { AppTokenHosts, IpcContext } from '../ipc/context.ts'
import { openDesks } from '../ipc/desks.ts'
import { newId } from '../ipc/ids.ts'
import { incidentLog } from '../ipc/incidents.ts'
import type { ReportFailure } from '../ipc/incidents.ts'
import { openJobs } from '../ipc/jobs.ts'
import { openLockBook } from '../ipc/lock-book.ts'
import { lockModules } from '../ipc/lock-modules.ts'
import { watchLocks } from '../ipc/lock-watch.ts'
import type { Seen } from '../ipc/lock-watch.ts'
import { openPinDesk } from '../ipc/pin-desk.ts'
import type { ShowPinWindow } from '../ipc/pin-desk.ts'
import { openQuestions } from '../ipc/questions.ts'
import { openRehearsalRoom } from '../ipc/rehearsal-room.ts'
import { openSettings } from '../ipc/settings.ts'
import { openPlatform } from '../platform/index.ts'
import { moduleProfiles, vendorDataAt } from '../services/index.ts'
import type { ModuleReference, Ports } from '../services/index.ts'
import { deliveriesAt, homeAt, journalAt, networkSettings } from '../store/index.ts'
import { about } from './about.ts'
import { appHttp } from './app-http.ts'
import { fileDialogs } from './dialogs.ts'
import { setMenu } from './menu.ts'
import { networkSession } from './network-session.ts'
import type { Places } from './places.ts'
import { startPracticeProcess } from './practice-process.ts'
import { appTokenHosts } from './token-hosts.ts'
import { tokenProcessStarter } from './utility-process.ts'

export interface ComposeOptions {
  readonly home: string
  readonly places: Places
  /** The main window, null while there is none. */
  readonly window: () => BrowserWindow | null
  readonly showPinWindow: ShowPinWindow
}

/** The app's parts, put together. */
export interface Composition {
  readonly context: IpcContext
  readonly report: ReportFailure
  /** Ends jobs, the rehearsal and every process. */
  close(): Promise<void>
}

/** The real parts, put together for the window. To be called when the app is ready. */
export async function composeApp({ home, places, window, showPinWindow }: ComposeOptions): Promise<Composition> {
  const tokens = appTokenHosts(tokenProcessStarter(places.tokenHost), moduleProfiles(vendorDataAt(homeAt(home))))
  // Those of the user's own home, for a rehearsal too: it speaks to this computer alone.
  const network = networkSettings(homeAt(home))
  const http = appHttp({ session: networkSession(), settings: () => network.read(), environment: process.env })
  const uploadLimit = async () => (await network.read()).uploadLimit
  const pipeline = createPipeline({ program: places.pipelineWorker })
  const portsWith = (folder: string, clock: Clock): Ports =>
    portsAt(folder, { clock, tokens, http, pipeline, uploadLimit })
  const settings = await openSettings(join(home, 'window.json'))
  const language = (): Language => settings.current.language ?? systemLanguage()
  const emit = (event: AppEvent): void => window()?.webContents.send(eventChannel, event)
  const incident = (): string => randomBytes(4).toString('hex')
  const report = incidentLog(join(home, 'logs', 'incidents.jsonl'), incident, () => systemClock.now())
  const desks = openDesks({ practice: false, ports: portsWith(home, systemClock), settings, modules: [] })
  const jobs = openJobs({ emit, newId, report })
  const rehearsal = openRehearsalRoom({
    folder: join(home, 'rehearsal'),
    font: places.font,
    machineClock: systemClock,
    portsWith,
    startPlatform: folders => startPracticeProcess(places.practice, { dir: folders.platform, opened: folders.opened }),
    seat: desk => desks.setPractice(desk),
    forget: module => tokens.forget(module),
    endJobs: isMeant => jobs.end(isMeant),
  })
  const locks = openLockBook(newId)
  const stopWatching = watchLocks({
    modules: () => lockModules(desks),
    look: module => seenOf(tokens, module),
    busy: () => jobs.list().some(({ state }) => state === 'running') || window() === null,
    onChange: () => emit({ kind: 'locks-changed' }),
  })
  setMenu(language())
  return {
    report,
    context: {
      ...{ desks, tokens, locks, jobs, rehearsal, emit, language },
      about: about(),
      questions: openQuestions(emit, newId),
      pins: openPinDesk(showPinWindow, language),
      dialogs: fileDialogs(window),
      useLanguage: async chosen => {
        await settings.save({ language: chosen })
        setMenu(chosen)
      },
    },
    async close() {
      stopWatching()
      await jobs.close()
      await rehearsal.stop().catch(() => undefined)
      await tokens.close()
      await pipeline.close()
    },
  }
}

/** What of a module changes when a lock comes or goes; the tries left change with each PIN and are no reason to look again. */
async function seenOf(tokens: AppTokenHosts, module: ModuleReference): Promise<Seen> {
  try {
    const found = await tokens.driver(module).list()
    return { seen: found.map(({ uri, certificates }) => `${uri} ${certificates.length}`).join('\n') }
  } catch {
    return { failed: true }
  }
}

interface SharedParts extends Pick<Ports, 'clock' | 'tokens' | 'http'> {
  readonly pipeline: Pipeline
  readonly uploadLimit: () => Promise<number | undefined>
}

function portsAt(folder: string, { uploadLimit, ...shared }: SharedParts): Ports {
  const home = homeAt(folder)
  const { clock, http } = shared
  return {
    ...shared,
    home,
    randomness: systemRandomness,
    files: nodeFiles,
    platformAt: (url, signal, patience) =>
      openPlatform(url, http, {
        uploadLimit,
        ...(signal === undefined ? {} : { signal }),
        ...(patience === undefined ? {} : { retry: patience }),
      }),
    journal: journalAt(home.journal, () => clock.now()),
    deliveries: deliveriesAt(home.deliveries),
  }
}

function systemLanguage(): Language {
  const [first = app.getLocale()] = app.getPreferredSystemLanguages()
  return first.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}
