import { join } from 'node:path'
import type { SignedDocument } from '../../../crypto/index.ts'
import { decodeSigned, encodeSigned, fieldsOf } from '../../platform/index.ts'
import { readJsonIfThere, writeJsonAtomic } from '../../store/index.ts'
import { namesIn } from './folders.ts'

/** The signed notices to those who hold a tender package. Reads answer what is durable. */
export interface NoticeShelf {
  /** Oldest first. */
  of(packageDigest: string): readonly SignedDocument[]
  /** Every package that has notices. */
  packages(): readonly string[]
  /** Publishes one; the caller holds the lock of the package's opening. */
  add(packageDigest: string, notice: SignedDocument): Promise<void>
}

/** The shelf over its folder, `<packageDigest>.<number>.json`. Throws `input.unreadable` when a file is damaged. */
export async function openNoticeShelf(folder: string): Promise<NoticeShelf> {
  const notices = new Map<string, SignedDocument[]>()
  const keep = (packageDigest: string, notice: SignedDocument): void => {
    notices.set(packageDigest, [...(notices.get(packageDigest) ?? []), notice])
  }
  for (const name of await namesIn(folder, '.json')) {
    const stored = await readJsonIfThere(join(folder, `${name}.json`))
    keep(name.split('.')[0] ?? '', decodeSigned(fieldsOf(stored, 'input.unreadable')))
  }
  const shelf: NoticeShelf = {
    of: packageDigest => notices.get(packageDigest) ?? [],
    packages: () => [...notices.keys()],
    async add(packageDigest, notice) {
      const number = String(shelf.of(packageDigest).length + 1).padStart(6, '0')
      await writeJsonAtomic(join(folder, `${packageDigest}.${number}.json`), encodeSigned(notice))
      keep(packageDigest, notice)
    },
  }
  return shelf
}
