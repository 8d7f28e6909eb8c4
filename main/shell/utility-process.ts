import { utilityProcess } from 'electron'
import type { UtilityProcess } from 'electron'
import type { HostProcess, StartProcess } from '../token-host/index.ts'
import { keepMemoryOutOfCoreDumps } from '../token-host/index.ts'

/** Runs the token host program (its built file) in utility processes. */
export function tokenProcessStarter(program: string): StartProcess {
  return () => {
    const child = utilityProcess.fork(program, [], {
      serviceName: 'BidSeal token',
      // Vendor libraries print on the standard streams, sometimes what was given to them.
      stdio: 'ignore',
      env: childEnvironment(process.env),
      execArgv: [],
    })
    endOnFault(child)
    child.once('spawn', () => keepMemoryOutOfCoreDumps(child.pid))
    let ended = false
    child.once('exit', () => {
      ended = true
    })
    return {
      send(bytes) {
        if (!ended) child.postMessage(bytes)
      },
      onBytes: listener => void child.on('message', message => listener(bytesOf(message))),
      onExit: listener => void child.once('exit', code => listener(`exit code ${code}`)),
      kill: () => endByForce(child),
    } satisfies HostProcess
  }
}

/** Without the PINs meant for the command line, and without what would open a process to others. */
export function childEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(BIDSEAL_PIN.*|NODE_OPTIONS|ELECTRON_RUN_AS_NODE)$/i.test(entry[0]),
  )
  return Object.fromEntries(entries)
}

/** A fault of V8 in a process is an event that must be heard, or it would end this process too. */
export function endOnFault(child: NodeJS.EventEmitter & Pick<UtilityProcess, 'pid' | 'kill'>): void {
  child.on('error', () => endByForce(child))
}

/** A library that hangs may have blocked the gentle signal that Electron sends. */
export function endByForce(child: Pick<UtilityProcess, 'pid' | 'kill'>): void {
  const { pid } = child
  child.kill()
  if (pid === undefined) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** What is no bytes breaks the frames, which ends the process. */
function bytesOf(message: unknown): Uint8Array {
  return message instanceof Uint8Array ? message : new Uint8Array(8)
}
