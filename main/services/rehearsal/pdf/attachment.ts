import { open, rm } from 'node:fs/promises'
import type { Randomness } from '../../../../crypto/index.ts'
import { throwIfCancelled } from '../../../../crypto/index.ts'
import { writeFailure } from '../../../store/index.ts'

const block = 4 * 1024 * 1024

/**
 * Writes a PDF of about `size` bytes: one page that carries a random stream as an embedded file, as a bid carries models and
 * films. Random, so that nothing on the way can compress it. Streamed; leaves nothing behind when it fails.
 */
export async function writeAttachment(
  path: string,
  size: number,
  randomness: Randomness,
  signal?: AbortSignal,
): Promise<void> {
  try {
    const handle = await open(path, 'wx')
    try {
      await writePdf(bytes => handle.writeFile(bytes), size, randomness, signal)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined)
    throw error instanceof Error && 'code' in error && 'syscall' in error ? writeFailure(error) : error
  }
}

async function writePdf(
  write: (bytes: Uint8Array) => Promise<void>,
  size: number,
  randomness: Randomness,
  signal: AbortSignal | undefined,
): Promise<void> {
  const offsets: number[] = []
  let at = 0
  const put = async (text: string): Promise<void> => {
    const bytes = new TextEncoder().encode(text)
    await write(bytes)
    at += bytes.length
  }
  const object = async (body: string): Promise<void> => {
    offsets.push(at)
    await put(`${offsets.length} 0 obj\n${body}\nendobj\n`)
  }
  const page = 'BT /F1 16 Tf 72 740 Td (Attachment for rehearsal: see the embedded file) Tj ET'
  await put('%PDF-1.7\n')
  await object('<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(model.bin) 6 0 R] >> >> >>')
  await object('<< /Type /Pages /Kids [3 0 R] /Count 1 >>')
  await object(
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
  )
  await object(`<< /Length ${page.length} >>\nstream\n${page}\nendstream`)
  await object('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>')
  await object('<< /Type /Filespec /F (model.bin) /EF << /F 7 0 R >> >>')
  const length = Math.max(0, size - at - 700)
  offsets.push(at)
  await put(`7 0 obj\n<< /Type /EmbeddedFile /Length ${length} >>\nstream\n`)
  for (let left = length; left > 0; left -= Math.min(left, block)) {
    throwIfCancelled(signal)
    await write(randomness.bytes(Math.min(left, block)))
  }
  at += length
  await put('\nendstream\nendobj\n')
  const table = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const count = offsets.length + 1
  await put(
    `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
  )
}
