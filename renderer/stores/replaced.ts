/** The list with one item put in the place of the one that matches, or at the end. */
export function replaced<T>(list: readonly T[], item: T, matches: (each: T) => boolean): readonly T[] {
  return list.some(matches) ? list.map(each => (matches(each) ? item : each)) : [...list, item]
}
