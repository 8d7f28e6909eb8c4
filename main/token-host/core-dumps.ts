import { writeFileSync } from 'node:fs'

/**
 * SECURITY: A7. Leaves all memory out of the core dump of a process of ours, so that a crash writes neither PIN nor key to
 * the disk. Processes it starts inherit that, but for Chromium's children: those are told one by one. Only Linux has the
 * switch; elsewhere, and when the process has just ended, nothing happens.
 */
export function keepMemoryOutOfCoreDumps(pid: number | undefined): void {
  if (process.platform !== 'linux' || pid === undefined) return
  try {
    writeFileSync(`/proc/${pid}/coredump_filter`, '0')
  } catch {
    // It has ended, or the system has no core dumps.
  }
}
