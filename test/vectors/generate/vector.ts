import type { BrokenVector } from '../library.ts'
import { cut } from '../pieces.ts'
import type { Base } from './forge.ts'

/** Makes the vectors of one group from a base: each by name, code, comment and file. */
export type AddVector = (
  name: string,
  code: string | null,
  comment: string,
  file: Uint8Array | Promise<Uint8Array>,
  more?: Partial<Pick<BrokenVector, 'tender' | 'at' | 'open'>>,
) => Promise<void>

/** Collects vectors; files are described by what they have in common with their base. */
export function collect(): { readonly vectors: BrokenVector[]; from(base: Base): AddVector } {
  const vectors: BrokenVector[] = []
  const names = new Set<string>()
  return {
    vectors,
    from: base => async (name, code, comment, file, more) => {
      if (names.has(name)) throw new Error(`two vectors are called ${name}`)
      names.add(name)
      vectors.push({ name, base: base.name, code, comment, ...more, file: cut(base.file, await file) })
    },
  }
}
