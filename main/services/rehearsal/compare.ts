import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled } from '../../../crypto/index.ts'

const block = 1024 * 1024

/** Whether two folders hold files of the same names with the same bytes, and at least one. Streamed. */
export async function sameFiles(one: string, other: string, signal?: AbortSignal): Promise<boolean> {
  const names = (await readdir(one)).sort()
  const others = (await readdir(other).catch(() => [])).sort()
  if (names.length === 0 || names.join('\0') !== others.join('\0')) return false
  for (const name of names) if (!(await sameBytes(join(one, name), join(other, name), signal))) return false
  return true
}

async function sameBytes(one: string, other: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { size } = await stat(one)
  if ((await stat(other)).size !== size) return false
  const left = await open(one, 'r')
  const right = await open(other, 'r').catch(async (error: unknown) => {
    await left.close()
    throw error
  })
  try {
    const a = Buffer.alloc(block)
    const b = Buffer.alloc(block)
    for (let at = 0; at < size; at += block) {
      throwIfCancelled(signal)
      const length = Math.min(block, size - at)
      const reads = await Promise.all([left.read(a, 0, length, at), right.read(b, 0, length, at)])
      if (reads.some(({ bytesRead }) => bytesRead !== length)) return false
      if (!a.subarray(0, length).equals(b.subarray(0, length))) return false
    }
    return true
  } finally {
    await left.close()
    await right.close()
  }
}
