/** What can be compared of a thing: texts, numbers, lists of texts; absent and undefined are the same. */
export type Properties = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** One thing of a list, told from others by its id. */
export interface Item {
  readonly id: string
  /** As people know it; may be empty. */
  readonly title: string
  readonly properties: Properties
}

/** One difference between two lists of things, or between two things. */
export interface ItemChange {
  readonly change: 'added' | 'removed' | 'changed' | 'moved'
  /** Empty where there is only one of its kind. */
  readonly id: string
  readonly title: string
  /** What of it is different; null for a whole thing. */
  readonly property: string | null
  /** Null where there was, or is, nothing. */
  readonly from: string | null
  readonly to: string | null
}

/** Things removed, then things added, changed and moved in the order of the newer list. */
export function itemChanges(older: readonly Item[], newer: readonly Item[]): readonly ItemChange[] {
  const before = new Map(older.map(item => [item.id, item]))
  const after = new Set(newer.map(({ id }) => id))
  const gone = older.filter(({ id }) => !after.has(id)).map(item => whole('removed', item))
  const moved = outOfOrder(
    older.filter(({ id }) => after.has(id)).map(({ id }) => id),
    newer.filter(({ id }) => before.has(id)).map(({ id }) => id),
  )
  return [
    ...gone,
    ...newer.flatMap(item => {
      const old = before.get(item.id)
      if (old === undefined) return [whole('added', item)]
      const changed = propertyChanges(item.id, item.title, old.properties, item.properties)
      return moved.has(item.id) ? [...changed, whole('moved', item)] : changed
    }),
  ]
}

/** What is different of one thing, property by property. */
export function propertyChanges(
  id: string,
  title: string,
  older: Properties,
  newer: Properties,
): readonly ItemChange[] {
  const names = [...new Set([...Object.keys(older), ...Object.keys(newer)])]
  return names.flatMap(property => {
    const [from, to] = [textOf(older[property]), textOf(newer[property])]
    return from === to ? [] : [{ change: 'changed', id, title, property, from, to } as const]
  })
}

/** A value as text, null for none. */
export function textOf(value: Properties[string]): string | null {
  if (value === undefined) return null
  return typeof value === 'object' ? value.join('、') : String(value)
}

function whole(change: 'added' | 'removed' | 'moved', { id, title }: Item): ItemChange {
  return { change, id, title, property: null, from: null, to: null }
}

/** The fewest things that must be moved to come from one order to the other: those outside the longest common run. */
function outOfOrder(older: readonly string[], newer: readonly string[]): ReadonlySet<string> {
  const place = new Map(older.map((id, index) => [id, index]))
  // Patience: per length of a rising run the smallest end, and for each id the one before it in its run.
  const ends: string[] = []
  const before = new Map<string, string | undefined>()
  const at = (id: string | undefined): number => place.get(id ?? '') ?? -1
  for (const id of newer) {
    let length = 0
    let high = ends.length
    while (length < high) {
      const middle = (length + high) >> 1
      if (at(ends[middle]) < at(id)) length = middle + 1
      else high = middle
    }
    before.set(id, ends[length - 1])
    ends[length] = id
  }
  const staying = new Set<string>()
  for (let id = ends.at(-1); id !== undefined; id = before.get(id)) staying.add(id)
  return new Set(newer.filter(id => !staying.has(id)))
}
