import { join } from 'node:path'
import { createPipeline, nodeFiles, systemClock, systemRandomness } from '../../crypto/index.ts'
import type { Clock, Pipeline } from '../../crypto/index.ts'
import { configuredHttp } from '../http/index.ts'
import { openPlatform } from '../platform/index.ts'
import { moduleProfiles, vendorDataAt } from '../services/index.ts'
import type { ModuleProfiles, OwnProfile, Ports, TokenHosts } from '../services/index.ts'
import { deliveriesAt, homeAt, journalAt, networkSettings } from '../store/index.ts'
import type { Home } from '../store/index.ts'
import { childProcessStarter, startTokenHost } from '../token-host/index.ts'
import type { TokenHost } from '../token-host/index.ts'

/** Where the programs and files stand that are built beside this one. */
export interface Siblings {
  readonly tokenHost: string
  readonly pipelineWorker: string
  readonly practice: string
  readonly font: string
  /** Says how to start the benchmarks inside Electron; there in a checkout only. */
  readonly benchApp: string
}

/** The siblings of a program in the folder `out`. */
export function siblingsIn(folder: string): Siblings {
  return {
    tokenHost: join(folder, 'token-host.cjs'),
    pipelineWorker: join(folder, 'pipeline-worker.cjs'),
    practice: join(folder, 'practice.cjs'),
    font: join(folder, 'fonts', 'NotoSansSC_400Regular.ttf'),
    benchApp: join(folder, 'bench-app', 'start.json'),
  }
}

export interface ComposeOptions {
  readonly clock?: Clock
  /** Ends what the locks are doing. */
  readonly signal?: AbortSignal
  /** A profile to use a vendor's library with instead of what is known of it. */
  readonly profile?: OwnProfile | undefined
  /** The password of the proxy's user, asked when it is first needed; nobody's unless told otherwise. */
  readonly proxyPassword?: (user: string, proxy: string) => Promise<string | null>
  /** The home whose vendor profiles count, where it is another one. */
  readonly profilesOf?: Home
}

/** The real parts, put together for the command line. */
export function composePorts(homeFolder: string, siblings: Siblings, options: ComposeOptions = {}): Ports {
  const clock = options.clock ?? systemClock
  const home = homeAt(homeFolder)
  const settings = () => networkSettings(home).read()
  const password = options.proxyPassword ?? (() => Promise.resolve(null))
  const http = configuredHttp({ settings, environment: process.env, password })
  const uploadLimit = async () => (await settings()).uploadLimit
  return {
    clock,
    randomness: systemRandomness,
    files: nodeFiles,
    pipeline: pipelineOf(siblings.pipelineWorker),
    tokens: childTokenHosts(
      siblings.tokenHost,
      moduleProfiles(vendorDataAt(options.profilesOf ?? home), options.profile),
      options.signal,
    ),
    http,
    platformAt: (url, signal, patience) =>
      openPlatform(url, http, {
        uploadLimit,
        ...(signal === undefined ? {} : { signal }),
        ...(patience === undefined ? {} : { retry: patience }),
      }),
    home,
    journal: journalAt(home.journal, () => clock.now()),
    deliveries: deliveriesAt(home.deliveries),
  }
}

const pipelines = new Map<string, Pipeline>()

/** One pipeline for the process, however often its ports are composed. */
function pipelineOf(program: string): Pipeline {
  const pipeline = pipelines.get(program) ?? createPipeline({ program })
  pipelines.set(program, pipeline)
  return pipeline
}

/** One child process for each vendor library, started when it is first asked. */
function childTokenHosts(program: string, withProfile: ModuleProfiles, signal: AbortSignal | undefined): TokenHosts {
  const startProcess = childProcessStarter(program)
  const hosts = new Map<string, TokenHost>()
  return {
    driver(module) {
      const key = `${module.kind}:${module.path}`
      const host = hosts.get(key) ?? startTokenHost({ module: () => withProfile(module), startProcess })
      hosts.set(key, host)
      return signal === undefined ? host : host.within(signal)
    },
    async close() {
      await Promise.all([...hosts.values()].map(host => host.close().catch(() => undefined)))
      hosts.clear()
    },
  }
}
