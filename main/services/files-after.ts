import type { FileSystem } from '../../crypto/index.ts'

/** A file system whose new files get their names only after `before`, which is told where the finished draft stands. */
export function filesAfter(files: FileSystem, before: (draftPath: string) => Promise<void>): FileSystem {
  return {
    plain: files.plain,
    open: path => files.open(path),
    async create(path, size) {
      const draft = await files.create(path, size)
      return {
        draftPath: draft.draftPath,
        descriptor: draft.descriptor,
        write: (offset, bytes) => draft.write(offset, bytes),
        flush: () => draft.flush(),
        async commit() {
          await before(draft.draftPath)
          await draft.commit()
        },
        discard: () => draft.discard(),
      }
    },
  }
}
