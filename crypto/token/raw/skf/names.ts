import { readText } from '../../skf/buffers.ts'

/** The names of a list: each ends with a zero byte, the list with an empty one (GM/T 0016-2012 7.1.3). */
export function splitNames(list: Uint8Array): readonly string[] {
  const names: string[] = []
  let start = 0
  while (start < list.length && list[start] !== 0) {
    const zero = list.indexOf(0, start)
    const end = zero < 0 ? list.length : zero
    names.push(readText(list.subarray(start, end)))
    start = end + 1
  }
  return names
}
