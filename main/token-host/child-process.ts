import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { HostProcess, StartProcess } from './host-process.ts'

/** How the child process is started. */
export interface ChildProcessOptions {
  /** The environment to pass on; this process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The Node.js program; the one that runs this by default. */
  readonly execPath?: string
}

/** Runs the token host program (its built file) as a child process that speaks on its descriptor 3. */
export function childProcessStarter(hostProgram: string, options: ChildProcessOptions = {}): StartProcess {
  const { env = process.env, execPath = process.execPath } = options
  const { command, args } = withoutCoreDumps(execPath, [hostProgram])
  return () => {
    const child = spawn(command, args, {
      // Vendor libraries print on the standard streams, sometimes what was given to them.
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: childEnvironment(env),
      windowsHide: true,
    })
    const pipe = child.stdio[3]
    if (!(pipe instanceof Socket)) throw new Error('a child process without its fourth stream')
    // A forgotten close must not keep the command alive; while a call runs, its time limit does.
    child.unref()
    pipe.unref()
    pipe.on('error', () => undefined)
    return {
      send(bytes) {
        if (pipe.writable) pipe.write(bytes)
      },
      onBytes: listener => void pipe.on('data', listener),
      onExit: listener => onceEnded(child, listener),
      kill: () => void child.kill('SIGKILL'),
    } satisfies HostProcess
  }
}

function onceEnded(child: ReturnType<typeof spawn>, listener: (how: string) => void): void {
  let told = false
  const tell = (how: string): void => {
    if (!told) listener(how)
    told = true
  }
  child.once('error', () => tell('it could not be started'))
  child.once('exit', (code, signal) => tell(signal ?? `exit code ${code ?? 'unknown'}`))
}

/**
 * The PINs meant for this process stay here; a debugger's or a preloader's options would open the token process to
 * others. An address of a proxy often holds a password, and vendor libraries have no business with the network.
 */
function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(BIDSEAL_P(IN|ROXY)|NODE_OPTIONS$)|_proxy$/i.test(name)),
  )
}

/** SECURITY: A7, a crash of a vendor library must not leave the PIN on the disk. The shell replaces itself at once. */
function withoutCoreDumps(
  execPath: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  if (process.platform === 'win32') return { command: execPath, args }
  return { command: '/bin/sh', args: ['-c', 'ulimit -c 0; exec "$0" "$@"', execPath, ...args] }
}
