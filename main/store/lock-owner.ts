import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isRunning } from './is-running.ts'

/** Who holds a lock file: one line each of process, its start, the start of the machine, and this very taking. */
export interface LockOwner {
  readonly pid: number
  /** Start of the process in clock ticks since the machine started; empty where the system does not tell it. */
  readonly started: string
  /** Changes with every start of the machine; empty where the system does not tell it. */
  readonly boot: string
  /** Random, so that two takings by one process are never taken for each other; empty in files of older versions. */
  readonly token: string
}

/** This process, about to take a lock. */
export function newOwner(): LockOwner {
  return { pid: process.pid, started: startOf(process.pid), boot: bootId(), token: randomBytes(16).toString('hex') }
}

/** The text of a lock file. */
export function encodeOwner({ pid, started, boot, token }: LockOwner): string {
  return `${pid}\n${started}\n${boot}\n${token}\n`
}

/** Reads a lock file's text; null when it names nobody. */
export function decodeOwner(text: string): LockOwner | null {
  const [pid = '', started = '', boot = '', token = ''] = text.split('\n')
  return /^[1-9][0-9]{0,9}$/.test(pid) ? { pid: Number(pid), started, boot, token } : null
}

/**
 * Whether the owner is gone: the machine was started again, no such process runs, or another one runs under its number.
 * `held` are the tokens this process holds: a lock in its name that isn't among them is a leftover.
 */
export function isGone(owner: LockOwner, held: ReadonlySet<string>): boolean {
  if (owner.boot !== '' && bootId() !== '' && owner.boot !== bootId()) return true
  if (owner.pid === process.pid) return !held.has(owner.token)
  if (!isRunning(owner.pid)) return true
  const started = owner.started === '' ? '' : startOf(owner.pid)
  return started !== '' && started !== owner.started
}

/** Field 22 of /proc/<pid>/stat; the second, the name in brackets, may hold spaces and brackets itself. */
function startOf(pid: number): string {
  const stat = systemText(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function bootId(): string {
  return systemText('/proc/sys/kernel/random/boot_id')
}

function systemText(path: string): string {
  if (process.platform !== 'linux') return ''
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
