import { open } from 'node:fs/promises'

/** Makes a rename or a new name durable. Windows keeps its directories in order itself and cannot open one. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
