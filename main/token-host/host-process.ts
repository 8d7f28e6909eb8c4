/** A running token process as the supervisor needs it: a byte stream, its end, and the means to end it. */
export interface HostProcess {
  /** Sends bytes; those sent to a process that has ended are lost without an error. */
  send(bytes: Uint8Array): void
  /** Called once, before the process can have answered. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Called once. `how` is a short fact for the log: an exit code or a signal's name. */
  onExit(listener: (how: string) => void): void
  /** Ends the process whatever it is doing. Harmless twice. */
  kill(): void
}

/** Starts one token process: a child process for the command line, a utility process in the application. */
export type StartProcess = () => HostProcess
